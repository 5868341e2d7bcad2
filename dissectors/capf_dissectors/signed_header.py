"""The header that opens every file a TFTP service signs: ITL, CTL, ``.sgn`` and ``.enc.sgn``.

It names the signer and carries the signature over the whole file, with the SIGNATURE field itself
cut out and HEADERLENGTH left as it stands. Offsets count from the first octet of the file.
"""

from __future__ import annotations

from enum import IntEnum

from msgspec import Struct

from capf_dissectors.results import Malformed, NeedMore
from capf_dissectors.text import decode_terminated
from capf_dissectors.tlv import Field, FieldReader, UndecodableError

MAGIC = b"\x01\x00\x02"
"""Every header begins so: tag VERSION, length 2."""
MAX_HEADER_FIELDS = 256
"""More fields than this in one header are taken for garbage; a real header has about 15."""
_SMALLEST_HEADER = 10
"""VERSION and HEADERLENGTH alone."""


class HeaderTag(IntEnum):
    """Tags of the header, as ``show itl`` prints them in its BYTEPOS column (Cisco 118893)."""

    VERSION = 1
    HEADERLENGTH = 2
    SIGNERID = 3
    SIGNERNAME = 4
    SERIALNUMBER = 5
    CANAME = 6
    SIGNATUREINFO = 7
    DIGESTALGORITHM = 8
    SIGNATUREALGOINFO = 9
    SIGNATUREALGORITHM = 10
    SIGNATUREMODULUS = 11
    SIGNATURE = 12
    PADDING = 13
    """A lone octet without length or value."""
    FILENAME = 14
    TIMESTAMP = 15
    SIGNERVERSION = 28


class DigestAlgorithm(IntEnum):
    """Values of DIGESTALGORITHM."""

    SHA1 = 1
    SHA256 = 2
    SHA512 = 3


class SignatureAlgorithm(IntEnum):
    """Values of SIGNATUREALGORITHM."""

    RSA = 0


class Signer(Struct, frozen=True):
    """Who signed, as SIGNERID names the certificate; empty texts where a field is missing."""

    name: str = ""
    serial: str = ""
    """The certificate's serial number in hexadecimal, lower case, without leading zeros."""
    ca_name: str = ""


class SignedHeader(Struct, frozen=True):
    """A header as it was read; ``None`` stands for a field that is not there."""

    version: tuple[int, int]
    """1.2 for trust lists, 1.0 for signed files, 2.0 for signed and encrypted files."""
    length: int
    """Octets of the header, signature and padding included; the content begins there."""
    signer: Signer
    signer_version: tuple[int, int] | None
    """From 1.1 on, a phone may fetch its files over HTTPS."""
    digest_algorithm: int | None
    signature_algorithm: int | None
    signature: bytes
    signature_span: tuple[int, int]
    """Where the whole SIGNATURE field stands, tag and length included; (0, 0) without one."""
    file_name: str
    timestamp: int | None
    """Seconds since 1970-01-01 UTC."""
    unknown: tuple[tuple[int, bytes], ...]
    """Fields without a meaning here, and repeated ones, as tag and value in their order."""


_KNOWN_TAGS = frozenset(HeaderTag)
_CONTENTS: dict[HeaderTag, frozenset[HeaderTag]] = {
    HeaderTag.SIGNERID: frozenset({HeaderTag.SIGNERNAME, HeaderTag.SERIALNUMBER, HeaderTag.CANAME}),
    HeaderTag.SIGNATUREINFO: frozenset({HeaderTag.DIGESTALGORITHM, HeaderTag.SIGNATUREALGOINFO}),
    HeaderTag.SIGNATUREALGOINFO: frozenset(
        {HeaderTag.SIGNATUREALGORITHM, HeaderTag.SIGNATUREMODULUS}
    ),
}
_FIXED_LENGTHS: dict[int, int] = {
    HeaderTag.VERSION: 2,
    HeaderTag.HEADERLENGTH: 2,
    HeaderTag.DIGESTALGORITHM: 1,
    HeaderTag.SIGNATUREALGORITHM: 1,
    HeaderTag.SIGNATUREMODULUS: 1,
    HeaderTag.TIMESTAMP: 4,
    HeaderTag.SIGNERVERSION: 2,
}


def serial_text(value: bytes) -> str:
    """A serial number's octets as a certificate's is printed: hexadecimal, no leading zeros."""
    return value.hex().lstrip("0") or ("0" if value else "")


def dissect_header(data: bytes) -> SignedHeader | NeedMore | Malformed:
    """The header at the start of ``data``, whatever follows it."""
    try:
        return _read_header(data)
    except UndecodableError as end:
        return end.answer


def _read_header(data: bytes) -> SignedHeader:
    if not data.startswith(MAGIC[: len(data)]):
        raise UndecodableError.at(0, "the file does not begin with a VERSION field of length 2")
    opening = FieldReader(data, 0, _SMALLEST_HEADER, "the smallest header")
    version = opening.next()
    header_length = opening.next()
    if header_length.tag != HeaderTag.HEADERLENGTH:
        reason = f"HEADERLENGTH (tag 2) must follow VERSION, not tag {header_length.tag}"
        raise UndecodableError.at(header_length.offset, reason)
    length = int.from_bytes(header_length.value, "big")
    if length < _SMALLEST_HEADER:
        reason = f"HEADERLENGTH {length} is less than the fields before it"
        raise UndecodableError.at(header_length.value_offset, reason)
    collected = _Fields()
    collected.add(version)
    collected.add(header_length)
    collected.read_top_level(FieldReader(data, _SMALLEST_HEADER, length, "the header"))
    return collected.header(length)


class _Fields:
    """The fields of one header by tag; the first of each tag counts."""

    def __init__(self) -> None:
        self.by_tag: dict[int, Field] = {}
        self.unknown: list[tuple[int, bytes]] = []

    def read_top_level(self, reader: FieldReader) -> None:
        while True:
            reader.skip_padding(HeaderTag.PADDING)
            if reader.at_end():
                return
            field = reader.next()
            if field.tag in (HeaderTag.VERSION, HeaderTag.HEADERLENGTH):
                name = HeaderTag(field.tag).name
                reason = f"{name} stands a second time within HEADERLENGTH {reader.end}"
                raise UndecodableError.at(field.offset, reason)
            self.add(field)
            if field.tag in (HeaderTag.SIGNERID, HeaderTag.SIGNATUREINFO):
                self._read_container(reader.data, field)

    def _read_container(self, data: bytes, container: Field) -> None:
        """Read the fields within ``container``; only SIGNATUREALGOINFO nests once more."""
        tag = HeaderTag(container.tag)
        reader = FieldReader(data, container.value_offset, container.end, tag.name)
        while not reader.at_end():
            field = reader.next()
            self.add(field, known=field.tag in _CONTENTS[tag])
            if tag is HeaderTag.SIGNATUREINFO and field.tag == HeaderTag.SIGNATUREALGOINFO:
                self._read_container(data, field)

    def add(self, field: Field, known: bool = True) -> None:
        if len(self.by_tag) + len(self.unknown) >= MAX_HEADER_FIELDS:
            reason = f"more than {MAX_HEADER_FIELDS} fields in one header"
            raise UndecodableError.at(field.offset, reason)
        tag = field.tag
        if not known or tag not in _KNOWN_TAGS or tag in self.by_tag:
            self.unknown.append((tag, field.value))
            return
        expected = _FIXED_LENGTHS.get(tag, len(field.value))
        if expected != len(field.value):
            reason = f"{HeaderTag(tag).name} has length {len(field.value)}, not {expected}"
            raise UndecodableError.at(field.offset + 1, reason)
        self.by_tag[tag] = field

    def header(self, length: int) -> SignedHeader:
        signature = self.by_tag.get(HeaderTag.SIGNATURE)
        return SignedHeader(
            version=self._pair(HeaderTag.VERSION) or (0, 0),
            length=length,
            signer=Signer(
                name=decode_terminated(self._value(HeaderTag.SIGNERNAME)),
                serial=serial_text(self._value(HeaderTag.SERIALNUMBER)),
                ca_name=decode_terminated(self._value(HeaderTag.CANAME)),
            ),
            signer_version=self._pair(HeaderTag.SIGNERVERSION),
            digest_algorithm=self._number(HeaderTag.DIGESTALGORITHM),
            signature_algorithm=self._number(HeaderTag.SIGNATUREALGORITHM),
            signature=self._value(HeaderTag.SIGNATURE),
            signature_span=(signature.offset, signature.end) if signature else (0, 0),
            file_name=decode_terminated(self._value(HeaderTag.FILENAME)),
            timestamp=self._number(HeaderTag.TIMESTAMP),
            unknown=tuple(self.unknown),
        )

    def _value(self, tag: HeaderTag) -> bytes:
        field = self.by_tag.get(tag)
        return field.value if field else b""

    def _number(self, tag: HeaderTag) -> int | None:
        field = self.by_tag.get(tag)
        return int.from_bytes(field.value, "big") if field else None

    def _pair(self, tag: HeaderTag) -> tuple[int, int] | None:
        field = self.by_tag.get(tag)
        return (field.value[0], field.value[1]) if field else None
