"""Files that a TFTP service signed for phones: ``.sgn``, and ``.enc.sgn``, encrypted as well.

A signed header stands before the content, which is otherwise unchanged.
"""

from __future__ import annotations

from msgspec import Struct

from capf_dissectors.results import Malformed, NeedMore
from capf_dissectors.signed_header import MAGIC, SignedHeader, dissect_header

_HEADERLENGTH = b"\2"
"""Tag of the field that follows VERSION."""
_SMALLEST_HEADER = 10
"""Octets of VERSION and HEADERLENGTH alone."""
_ENCRYPTED_VERSION = 2
"""Major VERSION of a header before encrypted content; 1 stands before plain content."""


class SignedFile(Struct, frozen=True):
    """A signed file; ``content`` begins at offset ``header.length``."""

    header: SignedHeader
    content: bytes

    @property
    def encrypted(self) -> bool:
        """Whether only the phone can read the content."""
        return self.header.version[0] >= _ENCRYPTED_VERSION


def is_signed(data: bytes) -> bool:
    """Whether a file begins as a signed one does, be it malformed further on."""
    return data.startswith(MAGIC)


def dissect(data: bytes) -> SignedFile | NeedMore | Malformed:
    """The signed file that is all of ``data``."""
    header = dissect_header(data)
    if not isinstance(header, SignedHeader):
        return header
    return SignedFile(header, data[header.length :])


def unwrap(data: bytes) -> bytes:
    """The content of a file that may be signed.

    A file without a signed header, or with one that cannot be read, is its own content; encrypted
    content stays as it is.
    """
    signed = dissect(data) if is_signed(data) else None
    return signed.content if isinstance(signed, SignedFile) else data


def outline(data: bytes) -> tuple[bool, bytes]:
    """Whether a signed file is encrypted, and its content, without reading the rest of its header.

    A header whose length cannot be leaves all of ``data`` as content.
    """
    length = int.from_bytes(data[8:10], "big") if data[5:6] == _HEADERLENGTH else 0
    if not _SMALLEST_HEADER <= length <= len(data):
        return False, data
    return data[3] >= _ENCRYPTED_VERSION, data[length:]
