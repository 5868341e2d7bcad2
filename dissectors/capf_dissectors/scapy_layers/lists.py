"""Trust lists and signed files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scapy.fields import (
    ByteEnumField,
    ByteField,
    Field,
    IntField,
    IPField,
    PacketListField,
    ShortEnumField,
    ShortField,
)
from scapy.packet import Packet

from capf_dissectors.scapy_layers.tagged import (
    Part,
    choice,
    family_of,
    kind_of,
    octets,
    text,
)
from capf_dissectors.signed_header import DigestAlgorithm, HeaderTag, SignatureAlgorithm
from capf_dissectors.trust_list import RecordTag, TrustFunction

HEADER_NAMES = {int(tag): tag.name.lower() for tag in HeaderTag}
RECORD_NAMES = {int(tag): tag.name.lower() for tag in RecordTag}
_LENGTH_AT = 3
"""Bytes of a field before its value."""


class ListPadding(Part):
    """A byte that stands alone in a header, so that it ends at a multiple of four."""

    name = "ListPadding"
    fields_desc = [ByteEnumField("tag", HeaderTag.PADDING, HEADER_NAMES)]  # noqa: RUF012


ListField = family_of("ListField", HEADER_NAMES)


def _inner() -> PacketListField:
    return PacketListField("value", [], ListField, length_from=lambda field: field.length)


_HEADER: Mapping[HeaderTag, Field[Any, Any]] = {
    HeaderTag.VERSION: ShortField("value", 0x0102),
    HeaderTag.HEADERLENGTH: ShortField("value", 0),
    HeaderTag.SIGNERID: _inner(),
    HeaderTag.SIGNERNAME: text(),
    HeaderTag.SERIALNUMBER: octets(),
    HeaderTag.CANAME: text(),
    HeaderTag.SIGNATUREINFO: _inner(),
    HeaderTag.DIGESTALGORITHM: choice({one: one.name for one in DigestAlgorithm}),
    HeaderTag.SIGNATUREALGOINFO: _inner(),
    HeaderTag.SIGNATUREALGORITHM: choice({one: one.name for one in SignatureAlgorithm}),
    HeaderTag.SIGNATUREMODULUS: ByteField("value", 2),
    HeaderTag.SIGNATURE: octets(),
    HeaderTag.FILENAME: text(),
    HeaderTag.TIMESTAMP: IntField("value", 0),
    HeaderTag.SIGNERVERSION: ShortField("value", 0x0100),
}
LIST_FIELDS = {tag: kind_of(ListField, tag, HEADER_NAMES, value) for tag, value in _HEADER.items()}
"""The class of each field of a header by its ``HeaderTag``."""

RecordField = family_of("RecordField", RECORD_NAMES)
_RECORD: Mapping[RecordTag, Field[Any, Any]] = {
    RecordTag.DNSNAME: text(),
    RecordTag.SUBJECTNAME: text(),
    RecordTag.FUNCTION: ShortEnumField("value", 4, {int(one): one.name for one in TrustFunction}),
    RecordTag.ISSUERNAME: text(),
    RecordTag.SERIALNUMBER: octets(),
    RecordTag.PUBLICKEY: octets(),
    RecordTag.SIGNATURE: octets(),
    RecordTag.CERTIFICATE: octets(),
    RecordTag.IPADDRESS: IPField("value", "0.0.0.0"),
    RecordTag.CERTHASH: octets(),
    RecordTag.HASHALGORITHM: ByteField("value", 0),
}
RECORD_FIELDS = {
    tag: kind_of(RecordField, tag, RECORD_NAMES, value) for tag, value in _RECORD.items()
}
"""The class of each field of a record by its ``RecordTag``."""


class TrustRecord(Part):
    """A record, which begins with its length; worked out where it is None."""

    name = "TrustRecord"
    fields_desc = [  # noqa: RUF012
        ByteEnumField("tag", RecordTag.RECORDLENGTH, RECORD_NAMES),
        ShortField("length", 2),
        ShortField("record_length", None),
        PacketListField("contents", [], RecordField, length_from=lambda one: one.record_length - 5),
    ]

    def post_build(self, pkt: bytes, pay: bytes) -> bytes:
        """The record with its length."""
        if self.record_length is None:
            pkt = pkt[:_LENGTH_AT] + len(pkt).to_bytes(2, "big") + pkt[_LENGTH_AT + 2 :]
        return pkt + pay


def _next_of_header(
    file: Packet, before: list[Any], _last: Packet | None, rest: bytes
) -> type[Packet] | None:
    """What the next part of a header is; None behind the header."""
    length = next((one.value for one in before if one.tag == HeaderTag.HEADERLENGTH), None)
    taken = len(file.original) - len(rest)
    if not rest or (length is not None and taken >= length):
        return None
    return ListPadding if rest[0] == HeaderTag.PADDING else ListField


class SignedFile(Packet):
    """A header, and behind it what it signs; HEADERLENGTH is worked out where it is 0."""

    name = "SignedFile"
    fields_desc = [  # noqa: RUF012
        PacketListField("header", [], next_cls_cb=_next_of_header),
    ]

    def post_build(self, pkt: bytes, pay: bytes) -> bytes:
        """The header with its length."""
        lengths = [len(bytes(field)) for field in self.header]
        for number, field in enumerate(self.header):
            if field.tag == HeaderTag.HEADERLENGTH and field.value == 0:
                at = sum(lengths[:number]) + _LENGTH_AT
                pkt = pkt[:at] + sum(lengths).to_bytes(2, "big") + pkt[at + 2 :]
        return pkt + pay


class TrustList(SignedFile):
    """An ITL or a CTL."""

    name = "TrustList"
    fields_desc = [*SignedFile.fields_desc, PacketListField("records", [], TrustRecord)]  # noqa: RUF012
