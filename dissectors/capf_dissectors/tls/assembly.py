"""Handshake messages from the fragments of records, whole or with known holes."""

from __future__ import annotations

from struct import Struct

from capf_dissectors.tls.bodies import handshake_message
from capf_dissectors.tls.messages import Message, ServerHello
from capf_dissectors.tls.registries import HandshakeType

_HEADER_LENGTH = 4
"""Type and 24-bit length (RFC 8446, section 4)."""
_HEADER = Struct(">I")
_LENGTH_MASK = 0xFFFFFF
_SERVER_HELLO = int(HandshakeType.SERVER_HELLO)
_HELLO_TYPES = frozenset({int(HandshakeType.CLIENT_HELLO), _SERVER_HELLO})
_KNOWN_TYPES = frozenset(HandshakeType) - {HandshakeType.HELLO_REQUEST}
"""HelloRequest is four zero octets, as an encrypted record's explicit nonce may begin."""
_LONGEST_BELIEVED = 1 << 17
_SHORTEST_SPLIT_FRAGMENT = 256
"""A record whose last message goes on in the next one is longer; Finished encrypted is shorter."""


class HandshakeAssembler:
    """Puts the plaintext handshake octets of one direction together.

    ``messages`` is the list it appends to. A message of which octets are missing is dropped; while
    its length is known, the next one is still found.
    """

    __slots__ = ("_damaged", "_held", "_needed", "_parts", "_start", "lost", "messages", "tls13")

    def __init__(self, messages: list[Message]) -> None:
        self.messages = messages
        self.tls13 = False
        """Whether a ServerHello has agreed on TLS 1.3: no handshake follows in the clear."""
        self.lost = False
        """Whether a hole took the place where the next message begins."""
        self.drop()

    def drop(self) -> None:
        """Forget a message that has begun."""
        self._parts: list[bytes] = []
        self._held = 0
        self._needed = 0
        self._start = 0
        self._damaged = False

    @property
    def missing(self) -> int:
        """Octets that a message that has begun still needs as far as is known; 0 for none."""
        if not self._held:
            return 0
        return (self._needed or _HEADER_LENGTH) - self._held

    def feed(self, data: bytes, start: int, end: int, base: int, version: int) -> None:
        """Take ``data[start:end]``, unless the place of the next message is lost.

        ``base`` is the stream offset of ``data[0]``.
        """
        if self.lost:
            return
        position = self._resume(data, start, end, base, version) if self._held else start
        while end - position >= _HEADER_LENGTH:
            body = position + _HEADER_LENGTH
            (head,) = _HEADER.unpack_from(data, position)
            stop = body + (head & _LENGTH_MASK)
            if stop > end:
                break
            self._emit(head >> 24, data[body:stop], base + position, base + stop, version)
            position = stop
        if position < end:
            self._hold(data[position:end], base + position)

    def skip(self, count: int) -> None:
        """Pass over ``count`` octets that were not captured."""
        if not count:
            return
        if not self._needed or self._held + count > self._needed:
            self.drop()
            self.lost = True
            return
        self._held += count
        self._damaged = True
        if self._held == self._needed:
            self.drop()

    def _emit(self, kind: int, body: bytes, offset: int, end: int, version: int) -> None:
        message = handshake_message(kind, body, offset, end, version)
        self.messages.append(message)
        if kind == _SERVER_HELLO and isinstance(message, ServerHello):
            self.tls13 = message.tls13 and not message.hello_retry_request

    def _hold(self, octets: bytes, start: int) -> None:
        self._parts = [octets]
        self._held = len(octets)
        self._start = start
        self._learn_length()

    def _learn_length(self) -> None:
        if self._held >= _HEADER_LENGTH:
            head = self._parts[0]
            self._needed = _HEADER_LENGTH + int.from_bytes(head[1:4], "big")

    def _resume(self, data: bytes, start: int, end: int, base: int, version: int) -> int:
        """Go on with the held message; returns where in ``data`` the next one begins."""
        position = start
        if not self._needed:
            position = min(end, start + _HEADER_LENGTH - self._held)
            self._parts = [self._parts[0] + data[start:position]]
            self._held = len(self._parts[0])
            self._learn_length()
            if not self._needed:
                return position
        stop = min(end, position + self._needed - self._held)
        self._parts.append(data[position:stop])
        self._held += stop - position
        if self._held == self._needed:
            message = b"" if self._damaged else b"".join(self._parts)
            offset = self._start
            self.drop()
            if message:
                self._emit(message[0], message[4:], offset, base + stop, version)
        return stop


def looks_clear(data: bytes, start: int, visible_end: int, end: int) -> bool:
    """Whether a handshake record ``data[start:end]`` seems to hold readable messages.

    Only ``data[start:visible_end]`` was captured.
    """
    position = start
    while position < end:
        if position + _HEADER_LENGTH > visible_end:
            return start < position < end and visible_end < end
        length = int.from_bytes(data[position + 1 : position + 4], "big")
        if data[position] not in _KNOWN_TYPES or length > _LONGEST_BELIEVED:
            return False
        position += _HEADER_LENGTH + length
    return start < position and (position == end or end - start >= _SHORTEST_SPLIT_FRAGMENT)


def is_hello(data: bytes, start: int, end: int) -> bool:
    """Whether ``data[start:end]`` is exactly one hello of TLS 1.2 or later.

    Such a hello is in the clear wherever it stands: it follows a HelloRetryRequest.
    """
    return (
        end - start > _HEADER_LENGTH + 2
        and data[start] in _HELLO_TYPES
        and int.from_bytes(data[start + 1 : start + 4], "big") == end - start - _HEADER_LENGTH
        and data[start + 4 : start + 6] == b"\x03\x03"
    )
