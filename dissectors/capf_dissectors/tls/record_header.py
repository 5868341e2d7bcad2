"""The five octets before every TLS record, and how to find them again behind a hole."""

from __future__ import annotations

import re
from struct import Struct

HEADER_LENGTH = 5
MAX_FRAGMENT = (1 << 14) + 2048
"""Most octets of an encrypted fragment (RFC 5246, section 6.2.3); TLS 1.3 allows fewer."""
RECORD_HEADER = Struct(">BHH")
"""Content type, version, length of the fragment (RFC 8446, section 5.1)."""

_FIRST_CONTENT_TYPE = 20
_LAST_CONTENT_TYPE = 24
_MAJOR_VERSION = 3
_VERSIONLESS_ALERT = b"\x15\x00\x00\x00\x02"
"""Content type, version 0.0, two octets."""
_HEADER_SHAPE = re.compile(rb"[\x14-\x17]\x03[\x00-\x04][\x00-\x48].", re.DOTALL)
"""What a search takes for a header: heartbeats, which nobody sends, would only mislead it."""


def header_fault(octets: bytes) -> str | None:
    """Why octets at a record boundary cannot begin a record, or None where they can.

    Fewer than five octets are judged as far as they go.
    """
    if octets and not _FIRST_CONTENT_TYPE <= octets[0] <= _LAST_CONTENT_TYPE:
        return f"content type {octets[0]} is not of TLS"
    if len(octets) > 1 and octets[1] != _MAJOR_VERSION:
        return f"major version {octets[1]} is not of TLS"
    if len(octets) >= HEADER_LENGTH:
        length = int.from_bytes(octets[3:5], "big")
        if length > MAX_FRAGMENT:
            return f"record length {length} is over {MAX_FRAGMENT}"
    return None


def is_versionless_alert(octets: bytes) -> bool:
    """Whether octets are one alert and nothing else, in a record of version 0.

    BearSSL sends it so when it refuses a ClientHello, before any version is agreed on.
    """
    return len(octets) == 7 and octets[:5] == _VERSIONLESS_ALERT and octets[5] in (1, 2)


def find_record(data: bytes, start: int) -> int | None:
    """The first place from ``start`` on where a record seems to begin, or None.

    A header whose record ends at another header, or exactly at the end of ``data``, comes before
    one whose record reaches past the end and so cannot be checked.
    """
    size = len(data)
    unchecked = None
    for match in _HEADER_SHAPE.finditer(data, start):
        position = match.start()
        kind, _, length = RECORD_HEADER.unpack_from(data, position)
        if not _believable(kind, length):
            continue
        end = position + HEADER_LENGTH + length
        if end > size:
            unchecked = position if unchecked is None else unchecked
        elif header_fault(data[end : end + HEADER_LENGTH]) is None:
            return position
    return unchecked


def _believable(kind: int, length: int) -> bool:
    """Whether records of this type come in this length; only a search is so strict."""
    if kind == 20:
        return length == 1 or 16 <= length <= 128
    if kind == 21:
        return length == 2 or 16 <= length <= 512
    return length <= MAX_FRAGMENT and (length >= 4 or kind == 23)
