"""Text fields of the binary protocols: octets to ``str`` without ever failing."""

from __future__ import annotations

SHOWN_BYTES = 20
"""Bytes of a field without text that its value shows: a SHA-1 hash is whole."""


def decode_text(data: bytes) -> str:
    """``data`` as UTF-8, or as ISO 8859-1 where it is not; never a surrogate, never an error."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def decode_terminated(data: bytes) -> str:
    """The text before the first NUL, or all of it where the sender left the NUL out."""
    return decode_text(data.partition(b"\0")[0])


def shown(data: bytes) -> str:
    """Bytes in hexadecimal, the first of them where they are many."""
    if len(data) <= SHOWN_BYTES:
        return data.hex()
    return f"{data[:SHOWN_BYTES].hex()}… ({len(data)} bytes)"
