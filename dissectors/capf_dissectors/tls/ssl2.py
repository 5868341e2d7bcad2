"""The ClientHello that old clients wrap in an SSL 2.0 record (RFC 5246, appendix E.2)."""

from __future__ import annotations

from typing import NamedTuple

from capf_dissectors.cursor import Cursor
from capf_dissectors.tls.bodies import RANDOM_LENGTH
from capf_dissectors.tls.messages import ClientHello
from capf_dissectors.tls.registries import Version

_CLIENT_HELLO = 1
_CIPHER_SPEC_LENGTH = 3
_FIXED_FIELDS = 9
"""Message type, version and three lengths."""


class Ssl2Header(NamedTuple):
    """Where the ClientHello message of an SSL 2.0 record stands."""

    start: int
    """Octets of the header."""
    end: int
    """Behind the message, before any padding."""
    record_end: int


def ssl2_header(data: bytes) -> Ssl2Header | None:
    """The header of an SSL 2.0 record that begins ``data`` and holds a ClientHello, or None.

    The header has two octets with the top bit set, or three with both top bits clear, the third
    counting octets of padding. None also where ``data`` is too short to tell.
    """
    if len(data) < 6:
        return None
    two_octets = bool(data[0] & 0x80)
    if not two_octets and data[0] & 0x40:
        return None
    start = 2 if two_octets else 3
    length = (data[0] & (0x7F if two_octets else 0x3F)) << 8 | data[1]
    padding = 0 if two_octets else data[2]
    version = int.from_bytes(data[start + 1 : start + 3], "big")
    known = version == Version.SSL_2_0 or version >> 8 == 3
    if data[start] != _CLIENT_HELLO or not known or length < _FIXED_FIELDS + padding:
        return None
    return Ssl2Header(start, start + length - padding, start + length)


def ssl2_client_hello(data: bytes, header: Ssl2Header) -> ClientHello:
    """The ClientHello of a record that is whole in ``data``, at stream offset 0.

    The challenge stands for the random, zeros before it. Raises ``OutOfBytesError`` or
    ``ValueError`` where the lengths inside do not add up.
    """
    cursor = Cursor(data, header.start + 1, header.end)
    version = cursor.u16()
    specs_length, session_length, challenge_length = cursor.u16(), cursor.u16(), cursor.u16()
    specs = cursor.take(specs_length)
    session_id = cursor.take(session_length)
    challenge = cursor.take(challenge_length)
    if cursor.left or specs_length % _CIPHER_SPEC_LENGTH:
        raise ValueError("the lengths of an SSL 2.0 ClientHello do not add up")
    return ClientHello(
        header.start,
        header.end,
        Version.SSL_2_0,
        version,
        (),
        challenge[-RANDOM_LENGTH:].rjust(RANDOM_LENGTH, b"\0"),
        session_id,
        tuple(
            int.from_bytes(specs[at : at + _CIPHER_SPEC_LENGTH], "big")
            for at in range(0, specs_length, _CIPHER_SPEC_LENGTH)
        ),
        None,
        {},
    )
