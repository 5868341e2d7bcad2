"""One record of a trust list: a server's role and the certificate that the phone is to trust."""

from __future__ import annotations

import ipaddress
from enum import IntEnum

from msgspec import Struct

from capf_dissectors.signed_header import serial_text
from capf_dissectors.text import decode_terminated
from capf_dissectors.tlv import Field, FieldReader, UndecodableError

MAX_RECORD_FIELDS = 64
"""More fields than this in one record are taken for garbage; a real record has at most 12."""
_RECORDLENGTH_FIELD = 5
"""Octets of the RECORDLENGTH field, with which every record begins and which counts itself."""
_IPV4_OCTETS = 4
_IPV6_OCTETS = 16


class RecordTag(IntEnum):
    """Tags of a record, as ``show itl`` prints them in its BYTEPOS column (Cisco 118893)."""

    RECORDLENGTH = 1
    DNSNAME = 2
    SUBJECTNAME = 3
    FUNCTION = 4
    ISSUERNAME = 5
    SERIALNUMBER = 6
    PUBLICKEY = 7
    SIGNATURE = 8
    CERTIFICATE = 9
    IPADDRESS = 10
    CERTHASH = 11
    HASHALGORITHM = 12


class TrustFunction(IntEnum):
    """Values of FUNCTION: what the certificate's owner may do."""

    SAST = 0
    """System Administrator Security Token: may sign trust lists."""
    CCM = 1
    CCM_TFTP = 2
    TFTP = 3
    CAPF = 4
    APP_SERVER = 7
    TVS = 21


class Record(Struct, frozen=True):
    """A record as it was read; an empty text, empty octets or ``None`` where a field is missing.

    Records of CAPF and TVS may carry PUBLICKEY and CERTHASH instead of a certificate (CUCM 11.5).
    Of a cluster that left mixed mode, records remain whose fields are all empty.
    """

    offset: int
    length: int
    """RECORDLENGTH: octets of the whole record."""
    function: TrustFunction | int | None
    dns_name: str
    subject: str
    issuer: str
    serial: str
    """In hexadecimal, lower case, without leading zeros, as a certificate's is printed."""
    public_key: bytes
    """PKCS#1 RSAPublicKey in DER, or an uncompressed elliptic curve point."""
    certificate: bytes | None
    """X.509 in DER."""
    ip_address: str
    certificate_hash: bytes
    hash_algorithm: int | None
    signature: bytes
    """The certificate's own signature."""
    unknown: tuple[tuple[int, bytes], ...]
    """Fields without a meaning here, and repeated ones, as tag and value in their order."""


def read_record(data: bytes, offset: int) -> Record:
    """The record at ``offset``.

    Raises:
        UndecodableError: with ``NeedMore`` where the data ends within the record, with
            ``Malformed`` where the record contradicts itself.
    """
    length = _record_length(data, offset)
    reader = FieldReader(data, offset, offset + length, f"the record at offset {offset}")
    reader.next()
    fields: dict[int, Field] = {}
    unknown: list[tuple[int, bytes]] = []
    while not reader.at_end():
        field = reader.next()
        if len(fields) + len(unknown) >= MAX_RECORD_FIELDS:
            reason = f"more than {MAX_RECORD_FIELDS} fields in one record"
            raise UndecodableError.at(field.offset, reason)
        if field.tag in _VALUE_TAGS and field.tag not in fields:
            fields[field.tag] = field
        else:
            unknown.append((field.tag, field.value))
    return _record(offset, length, fields, tuple(unknown))


def _record_length(data: bytes, offset: int) -> int:
    if data[offset] != RecordTag.RECORDLENGTH:
        reason = f"a record must begin with RECORDLENGTH (tag 1), not tag {data[offset]}"
        raise UndecodableError.at(offset, reason)
    end = offset + _RECORDLENGTH_FIELD
    field = FieldReader(data, offset, end, "the RECORDLENGTH field").next()
    if len(field.value) != 2:
        raise UndecodableError.at(offset + 1, f"RECORDLENGTH has length {len(field.value)}, not 2")
    length = int.from_bytes(field.value, "big")
    if length < _RECORDLENGTH_FIELD:
        raise UndecodableError.at(
            field.value_offset, f"RECORDLENGTH {length} is less than its own 5"
        )
    return length


_VALUE_TAGS = frozenset(RecordTag) - {RecordTag.RECORDLENGTH}


def _record(
    offset: int, length: int, fields: dict[int, Field], unknown: tuple[tuple[int, bytes], ...]
) -> Record:
    def value(tag: RecordTag) -> bytes:
        field = fields.get(tag)
        return field.value if field else b""

    return Record(
        offset=offset,
        length=length,
        function=_function(fields.get(RecordTag.FUNCTION)),
        dns_name=decode_terminated(value(RecordTag.DNSNAME)).strip(),
        subject=decode_terminated(value(RecordTag.SUBJECTNAME)),
        issuer=decode_terminated(value(RecordTag.ISSUERNAME)),
        serial=serial_text(value(RecordTag.SERIALNUMBER)),
        public_key=value(RecordTag.PUBLICKEY),
        certificate=value(RecordTag.CERTIFICATE) or None,
        ip_address=_address_text(value(RecordTag.IPADDRESS)),
        certificate_hash=value(RecordTag.CERTHASH),
        hash_algorithm=_small_number(value(RecordTag.HASHALGORITHM)),
        signature=value(RecordTag.SIGNATURE),
        unknown=unknown,
    )


def _function(field: Field | None) -> TrustFunction | int | None:
    if field is None or not field.value:
        return None
    if len(field.value) != 2:
        raise UndecodableError.at(
            field.offset + 1, f"FUNCTION has length {len(field.value)}, not 2"
        )
    number = int.from_bytes(field.value, "big")
    try:
        return TrustFunction(number)
    except ValueError:
        return number


def _small_number(value: bytes) -> int | None:
    return int.from_bytes(value, "big") if 1 <= len(value) <= 4 else None


def _address_text(value: bytes) -> str:
    """An address written as text or as 4 or 16 octets; text of 15 characters and NUL is 16 too."""
    if len(value) == _IPV4_OCTETS:
        return str(ipaddress.IPv4Address(value))
    text = decode_terminated(value)
    if len(value) == _IPV6_OCTETS and not (text.isascii() and text.isprintable() and text):
        return str(ipaddress.IPv6Address(value))
    return text
