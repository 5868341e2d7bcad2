"""Handshake messages out of records that were opened, with the records that carried each."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from capf_dissectors.cursor import Cursor, OutOfBytesError
from capf_dissectors.tls.assembly import looks_clear
from capf_dissectors.tls.bodies import (
    MAX_CERTIFICATE_OCTETS,
    MAX_CERTIFICATES,
    handshake_message,
)
from capf_dissectors.tls.messages import (
    Certificate,
    CertificateRequest,
    Finished,
    Handshake,
    Message,
    NewSessionTicket,
)
from capf_dissectors.tls.registries import Extension, HandshakeType

MAX_MESSAGES = 10_000
"""Messages kept of one direction."""
_HEADER_LENGTH = 4
_CERTIFICATE_AUTHORITIES = 47
"""Extension of a CertificateRequest of TLS 1.3 (RFC 8446, section 4.2.4)."""


class RawMessage(NamedTuple):
    """A handshake message as it was sent."""

    kind: int
    octets: bytes
    """With its header."""
    first: int
    """The number of the record in which it begins."""
    last: int

    @property
    def body(self) -> bytes:
        """Without its header."""
        return self.octets[_HEADER_LENGTH:]


class Collector:
    """Puts the handshake messages of one direction together, record by record."""

    def __init__(self) -> None:
        self.messages: list[RawMessage] = []
        self.holes = False
        """Whether any message may be missing."""
        self._held = bytearray()
        self._first = 0
        self._lost = False

    def lose(self) -> None:
        """A record is missing here that may have held part of a message."""
        self._held.clear()
        self._lost = self.holes = True

    def feed(self, record: int, data: bytes) -> list[RawMessage]:
        """Take the handshake bytes of a record; the messages that are whole with it."""
        if self._lost and not looks_clear(data, 0, len(data), len(data)):
            return []
        self._lost = False
        held = self._held
        first = self._first if held else record
        held += data
        position, whole = 0, []
        while len(held) - position >= _HEADER_LENGTH:
            body = position + _HEADER_LENGTH
            end = body + int.from_bytes(held[position + 1 : body], "big")
            if end > len(held):
                break
            whole.append(RawMessage(held[position], bytes(held[position:end]), first, record))
            position, first = end, record
        del held[:position]
        self._first = first
        self.messages += whole[: MAX_MESSAGES - len(self.messages)]
        return whole

    def take(self) -> list[RawMessage]:
        """The messages so far, which are then forgotten with what has begun."""
        taken, self.messages = self.messages, []
        self._held.clear()
        self.holes = self._lost = False
        return taken


def revealed(raw: RawMessage, offset: int, end: int, version: int, *, tls13: bool) -> Message:
    """The message that was encrypted, in the records from ``offset`` to ``end``."""
    if raw.kind == HandshakeType.FINISHED:
        return Finished(offset, end)
    parse = _TLS13.get(raw.kind) if tls13 else None
    if parse is None:
        return handshake_message(raw.kind, raw.body, offset, end, version)
    try:
        return parse(Cursor(raw.body), offset, end)
    except OutOfBytesError as lack:
        problem = f"the body ends early: {lack}"
        return Handshake(offset, end, raw.kind, raw.body, problem)


def _certificate(cursor: Cursor, offset: int, end: int) -> Certificate:
    """RFC 8446, section 4.4.2."""
    cursor.take(cursor.u8())
    listed = cursor.block(cursor.u24())
    certificates: list[bytes] = []
    most = MAX_CERTIFICATE_OCTETS
    while listed.left:
        certificate = listed.take(listed.u24())
        listed.take(listed.u16())
        most -= len(certificate)
        if most < 0 or len(certificates) == MAX_CERTIFICATES:
            return Certificate(offset, end, tuple(certificates), True)
        certificates.append(certificate)
    return Certificate(offset, end, tuple(certificates), False)


def _certificate_request(cursor: Cursor, offset: int, end: int) -> CertificateRequest:
    """RFC 8446, section 4.3.2."""
    cursor.take(cursor.u8())
    listed = cursor.block(cursor.u16())
    algorithms: tuple[int, ...] = ()
    authorities: list[bytes] = []
    while listed.left:
        kind, body = listed.u16(), listed.block(listed.u16())
        if kind == Extension.SIGNATURE_ALGORITHMS:
            numbers = body.block(body.u16())
            algorithms = tuple(numbers.u16() for _ in range(numbers.left // 2))
        elif kind == _CERTIFICATE_AUTHORITIES:
            names = body.block(body.u16())
            while names.left:
                authorities.append(names.take(names.u16()))
    return CertificateRequest(offset, end, (), algorithms, tuple(authorities))


def _new_session_ticket(cursor: Cursor, offset: int, end: int) -> NewSessionTicket:
    """RFC 8446, section 4.6.1."""
    lifetime = cursor.u32()
    cursor.u32()
    cursor.take(cursor.u8())
    return NewSessionTicket(offset, end, lifetime, cursor.take(cursor.u16()))


_TLS13: dict[int, Callable[[Cursor, int, int], Message]] = {
    int(HandshakeType.CERTIFICATE): _certificate,
    int(HandshakeType.CERTIFICATE_REQUEST): _certificate_request,
    int(HandshakeType.NEW_SESSION_TICKET): _new_session_ticket,
}
