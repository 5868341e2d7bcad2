"""The bytes of a trust list or signed file as rows of a table."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from capf_dissectors.shown_list.marks import UNKNOWN
from capf_dissectors.shown_list.model import Kind, Row, ShownList, ShownRecord
from capf_dissectors.shown_list.values import TEXTS
from capf_dissectors.signed_header import HeaderTag, SignedHeader
from capf_dissectors.text import decode_terminated
from capf_dissectors.tlv import Field, FieldReader
from capf_dissectors.trust_list import Record, RecordTag, TrustFunction

SPELT = {
    TrustFunction.SAST: "System Administrator Security Token",
    TrustFunction.CCM: "CCM",
    TrustFunction.CCM_TFTP: "CCM+TFTP",
    TrustFunction.TFTP: "TFTP",
    TrustFunction.CAPF: "CAPF",
    TrustFunction.APP_SERVER: "APP-SERVER",
    TrustFunction.TVS: "TVS",
}
"""Functions as the command line prints them."""
_HOLDERS = (HeaderTag.SIGNERID, HeaderTag.SIGNATUREINFO, HeaderTag.SIGNATUREALGOINFO)
_LENGTH_BYTES = 2
"""What the command line prints as LENGTH of a field that holds others, and of a length."""
_HEADER_NAMES = {int(tag): tag.name for tag in HeaderTag}
_RECORD_NAMES = {int(tag): tag.name for tag in RecordTag}
_HEXADECIMAL = (HeaderTag.SERIALNUMBER, HeaderTag.SIGNATURE)


def of_bytes(
    data: bytes,
    header: SignedHeader,
    records: tuple[Record, ...],
    *,
    kind: Kind | None,
    signing: int | None = None,
    verified: bool | None = None,
) -> ShownList:
    """The table of a file that was read; ``signing``: which record's key signed it, from 0."""
    return ShownList(
        kind=kind,
        line=0,
        length=len(data),
        md5=hashlib.md5(data, usedforsecurity=False).hexdigest(),
        sha1=hashlib.sha1(data, usedforsecurity=False).hexdigest(),
        version=".".join(map(str, header.version)),
        header_length=header.length,
        header=tuple(_header(data, header)),
        records=tuple(
            ShownRecord(
                number,
                0,
                tuple(_record(data, record)),
                number - 1 == signing if record.function is TrustFunction.SAST else None,
            )
            for number, record in enumerate(records, 1)
        ),
        verified=verified,
    )


def _header(data: bytes, header: SignedHeader) -> Iterator[Row]:
    reader = FieldReader(data, 0, header.length, "the header")
    for _ in (HeaderTag.VERSION, HeaderTag.HEADERLENGTH):
        reader.next()
    yield from _fields(reader, padding=True)


def _fields(reader: FieldReader, *, padding: bool = False) -> Iterator[Row]:
    while True:
        if padding:
            reader.skip_padding(HeaderTag.PADDING)
        if reader.at_end():
            return
        found = reader.next()
        name = _HEADER_NAMES.get(found.tag, UNKNOWN)
        if found.tag in _HOLDERS:
            yield Row(found.tag, name, _LENGTH_BYTES, str(len(found.value)), 0)
            yield from _fields(FieldReader(reader.data, found.value_offset, found.end, name))
        else:
            yield Row(found.tag, name, len(found.value), _header_value(found, name), 0)


def _header_value(found: Field, name: str) -> str:
    if found.tag == HeaderTag.FILENAME or name not in TEXTS:
        return found.value.hex() if found.tag in _HEXADECIMAL else ""
    return decode_terminated(found.value)


def _record(data: bytes, record: Record) -> Iterator[Row]:
    reader = FieldReader(data, record.offset, record.offset + record.length, "the record")
    reader.next()
    yield Row(1, RecordTag.RECORDLENGTH.name, _LENGTH_BYTES, str(record.length), 0)
    while not reader.at_end():
        found = reader.next()
        name = _RECORD_NAMES.get(found.tag, UNKNOWN)
        yield Row(found.tag, name, len(found.value), _record_value(found, name), 0)


def _record_value(found: Field, name: str) -> str:
    if name in TEXTS:
        return decode_terminated(found.value).strip()
    match found.tag:
        case RecordTag.FUNCTION:
            number = int.from_bytes(found.value, "big")
            return next((spelt for known, spelt in SPELT.items() if known == number), str(number))
        case RecordTag.SERIALNUMBER | RecordTag.CERTHASH:
            return found.value.hex()
        case RecordTag.CERTIFICATE if found.value:
            return hashlib.sha1(found.value, usedforsecurity=False).hexdigest()
        case RecordTag.HASHALGORITHM:
            return "null"
    return ""
