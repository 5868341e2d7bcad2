"""A trust list, its header and its records; see :mod:`capf_dissectors.trust_list`."""

from __future__ import annotations

import ipaddress

from capf_dissectors.outline.node import Node
from capf_dissectors.outline.outliner import Outliner, UnreadableError, outlined
from capf_dissectors.outline.signed_header import read_header
from capf_dissectors.outline.tlv_fields import (
    Reader,
    as_bytes,
    as_choice,
    as_number,
    as_serial,
    as_text,
    read_field,
    value_of,
)
from capf_dissectors.outline.x509 import read_certificate
from capf_dissectors.trust_list import MAX_RECORDS, RecordTag, TrustFunction

_NAMES = {int(tag): tag.name for tag in RecordTag}
_RECORDLENGTH_FIELD = 5
"""Bytes of the field with which every record begins, and which counts itself."""
FUNCTION_NAMES = {int(function): function.name.replace("_", "+") for function in TrustFunction}
"""As ``show itl`` prints them, but SAST, which it spells out."""


def outline_trust_list(data: bytes, start: int = 0, end: int | None = None) -> tuple[Node, ...]:
    """The header and the records of the list that ``data[start:end]`` is."""
    return outlined(_trust_list, data, start, end)


def _trust_list(walk: Outliner) -> None:
    read_header(walk)
    number = 0
    while walk.left and number < MAX_RECORDS:
        tag = walk.data[walk.position]
        if tag != RecordTag.RECORDLENGTH:
            raise UnreadableError(f"a record begins with RECORDLENGTH (1), not with tag {tag}")
        number += 1
        _record(walk, f"Record {number}")


def _record(walk: Outliner, name: str) -> None:
    stated = int.from_bytes(walk.data[walk.position + 3 : walk.position + 5], "big")
    with walk.fields(name, max(stated, _RECORDLENGTH_FIELD)) as record:
        while record.left:
            read_field(record, _NAMES, _READERS)
        function = value_of(record, RecordTag.FUNCTION).partition(" (")[0]
        owner = value_of(record, RecordTag.SUBJECTNAME) or value_of(record, RecordTag.DNSNAME)
        record.value = ", ".join(filter(None, (function, owner)))


def _certificate(value: Outliner) -> None:
    if value.left:
        read_certificate(value)


def _address(value: Outliner) -> None:
    """As text, or as 4 or 16 bytes."""
    as_text(value)
    data = value.data[value.position : value.end]
    if len(data) in (4, 16) and not (value.value and value.value.isprintable()):
        value.value = str(ipaddress.ip_address(data))


_READERS: dict[int, Reader] = {
    RecordTag.RECORDLENGTH: as_number,
    RecordTag.DNSNAME: as_text,
    RecordTag.SUBJECTNAME: as_text,
    RecordTag.FUNCTION: as_choice(FUNCTION_NAMES),
    RecordTag.ISSUERNAME: as_text,
    RecordTag.SERIALNUMBER: as_serial,
    RecordTag.PUBLICKEY: as_bytes,
    RecordTag.SIGNATURE: as_bytes,
    RecordTag.CERTIFICATE: _certificate,
    RecordTag.IPADDRESS: _address,
    RecordTag.CERTHASH: as_bytes,
    RecordTag.HASHALGORITHM: as_number,
}
