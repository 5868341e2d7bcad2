"""The header of a trust list or signed file; see :mod:`capf_dissectors.signed_header`."""

from __future__ import annotations

from capf_dissectors.outline.node import Node, plural
from capf_dissectors.outline.outliner import Outliner, outlined
from capf_dissectors.outline.tlv_fields import (
    Reader,
    as_bytes,
    as_choice,
    as_number,
    as_serial,
    as_text,
    as_time,
    as_version,
    read_field,
    value_of,
)
from capf_dissectors.signed_header import HeaderTag

_NAMES = {int(tag): tag.name for tag in HeaderTag}
_FIXED_FIELDS = 10
"""Bytes of VERSION and HEADERLENGTH, with which every header begins."""


def outline_signed_file(data: bytes, start: int = 0, end: int | None = None) -> tuple[Node, ...]:
    """The header of the signed file that ``data[start:end]`` is, and where its content is."""
    return outlined(_signed_file, data, start, end)


def _signed_file(walk: Outliner) -> None:
    read_header(walk)
    walk.rest("Content", lambda content: plural(len(content), "byte"))


def read_header(walk: Outliner) -> None:
    """The header; the walk stands behind it then, as far as the header says how long it is."""
    stated = int.from_bytes(walk.data[walk.position + 8 : walk.position + _FIXED_FIELDS], "big")
    with walk.fields("Header", max(stated, _FIXED_FIELDS)) as header:
        while header.left:
            start = header.position
            while header.left and header.data[header.position] == HeaderTag.PADDING:
                header.position += 1
            if start < header.position:
                header.note("PADDING", "", start, header.position)
            else:
                read_field(header, _NAMES, _READERS)
        header.value = value_of(header, HeaderTag.SIGNERID)


def _fields(value: Outliner) -> None:
    """A value that consists of fields."""
    while value.left:
        read_field(value, _NAMES, _READERS)


def _signer(value: Outliner) -> None:
    _fields(value)
    value.value = value_of(value, HeaderTag.SIGNERNAME)


def _signature_info(value: Outliner) -> None:
    _fields(value)
    value.value = value_of(value, HeaderTag.DIGESTALGORITHM).partition(" (")[0]


_READERS: dict[int, Reader] = {
    HeaderTag.VERSION: as_version,
    HeaderTag.HEADERLENGTH: as_number,
    HeaderTag.SIGNERID: _signer,
    HeaderTag.SIGNERNAME: as_text,
    HeaderTag.SERIALNUMBER: as_serial,
    HeaderTag.CANAME: as_text,
    HeaderTag.SIGNATUREINFO: _signature_info,
    HeaderTag.DIGESTALGORITHM: as_choice({1: "SHA-1", 2: "SHA-256", 3: "SHA-512"}),
    HeaderTag.SIGNATUREALGOINFO: _fields,
    HeaderTag.SIGNATUREALGORITHM: as_choice({0: "RSA"}),
    HeaderTag.SIGNATUREMODULUS: as_choice(
        {0: "512 bits", 1: "1024 bits", 2: "2048 bits", 3: "4096 bits"}
    ),
    HeaderTag.SIGNATURE: as_bytes,
    HeaderTag.FILENAME: as_text,
    HeaderTag.TIMESTAMP: as_time,
    HeaderTag.SIGNERVERSION: as_version,
}
