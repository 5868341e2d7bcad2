"""The rows of trust lists and signed files, as both the lab and the benchmarks write them.

A row is a tag (1 octet), a length (2 octets, big-endian) and a value; texts count their NUL.
"""

from __future__ import annotations

import struct
from enum import IntEnum

MODULUS_CODES = {512: 0, 1024: 1, 2048: 2, 4096: 3}
"""Values of SIGNATURE_MODULUS by the bits of the signer's key."""
LENGTH_ROW = 5
"""Octets of a row that holds a version or a length: tag, length, two octets."""
PADDING = b"\x0d"
_ALIGNMENT = 4


class HeaderTag(IntEnum):
    """Rows of a header."""

    VERSION = 1
    HEADER_LENGTH = 2
    SIGNER_ID = 3
    SIGNER_NAME = 4
    SERIAL_NUMBER = 5
    CA_NAME = 6
    SIGNATURE_INFO = 7
    DIGEST_ALGORITHM = 8
    SIGNATURE_ALGORITHM_INFO = 9
    SIGNATURE_ALGORITHM = 10
    SIGNATURE_MODULUS = 11
    SIGNATURE = 12
    FILE_NAME = 14
    TIMESTAMP = 15
    SIGNER_VERSION = 28


class RecordTag(IntEnum):
    """Rows of a record."""

    RECORD_LENGTH = 1
    DNS_NAME = 2
    SUBJECT_NAME = 3
    FUNCTION = 4
    ISSUER_NAME = 5
    SERIAL_NUMBER = 6
    PUBLIC_KEY = 7
    SIGNATURE = 8
    CERTIFICATE = 9
    IP_ADDRESS = 10
    CERTIFICATE_HASH = 11
    HASH_ALGORITHM = 12


class Function(IntEnum):
    """What a record's certificate is for."""

    SAST = 0
    """System administrator security token."""
    CCM_TFTP = 2
    CAPF = 4
    TVS = 21


def row(tag: int, value: bytes) -> bytes:
    """One row."""
    return struct.pack("!BH", tag, len(value)) + value


def text(value: str) -> bytes:
    """A text with its NUL."""
    return value.encode() + b"\0"


def padding_behind(length: int) -> bytes:
    """What brings a header of ``length`` octets to the next boundary of four."""
    return PADDING * (-length % _ALIGNMENT)
