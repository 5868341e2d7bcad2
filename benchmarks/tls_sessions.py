"""TLS sessions as OpenSSL speaks them, recorded in memory and made into templates.

The records, their lengths and their order are real. What is random in a session, or encrypted, is
a hole, so that every phone has its own; nobody can decrypt or verify these sessions.
"""

from __future__ import annotations

import ssl
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from pathlib import Path

from cryptography.hazmat.primitives import serialization

from benchmarks.keys import Identity
from benchmarks.templates import Quantity, Template, hole

RECORD_HEADER = 5
HANDSHAKE_HEADER = 4
RANDOM_LENGTH = 32


class Side(Enum):
    """Who sent something."""

    CLIENT = "client"
    SERVER = "server"


class ContentType(IntEnum):
    """TLS record types (RFC 5246, section 6.2.1)."""

    CHANGE_CIPHER_SPEC = 20
    ALERT = 21
    HANDSHAKE = 22
    APPLICATION_DATA = 23


class HandshakeType(IntEnum):
    """The handshake messages that hold something random (RFC 5246, section 7.4; RFC 5077)."""

    CLIENT_HELLO = 1
    SERVER_HELLO = 2
    NEW_SESSION_TICKET = 4
    SERVER_KEY_EXCHANGE = 12
    CLIENT_KEY_EXCHANGE = 16


@dataclass(frozen=True, slots=True)
class Flavour:
    """A protocol version and one cipher suite by its OpenSSL name."""

    version: ssl.TLSVersion
    cipher: str


TLS_1_0 = Flavour(ssl.TLSVersion.TLSv1, "AES256-SHA")
TLS_1_2_RSA = Flavour(ssl.TLSVersion.TLSv1_2, "AES128-GCM-SHA256")
TLS_1_3 = Flavour(ssl.TLSVersion.TLSv1_3, "ALL")
TLS_1_2_ECDHE = Flavour(ssl.TLSVersion.TLSv1_2, "ECDHE-RSA-AES256-GCM-SHA384")


@dataclass(frozen=True, slots=True)
class Flight:
    """Whole records that one side sent in one go."""

    sender: Side
    octets: bytes


@dataclass(slots=True)
class Opaque:
    """Gives out the octets of :attr:`Quantity.OPAQUE`, none of them twice."""

    used: int = 0

    def take(self, length: int) -> Template:
        """A hole for the next ``length`` octets."""
        self.used += length
        return hole(Quantity.OPAQUE, length, self.used - length)


@dataclass(slots=True)
class _Peer:
    side: Side
    context: ssl.SSLContext
    incoming: ssl.MemoryBIO = field(default_factory=ssl.MemoryBIO)
    outgoing: ssl.MemoryBIO = field(default_factory=ssl.MemoryBIO)
    done: bool = False

    def wrap(self) -> ssl.SSLObject:
        return self.context.wrap_bio(
            self.incoming, self.outgoing, server_side=self.side is Side.SERVER
        )


def record_session(
    flavour: Flavour, server: Identity, trusted: Identity, data: list[tuple[Side, int]]
) -> list[Flight]:
    """Every flight of a session in which ``data`` (sender and octets) is sent after the handshake.

    Where the certificate that the client trusts is not the server's, the session ends with the
    client's fatal alert; otherwise with its close_notify.
    """
    contexts = contexts_of(flavour, server, trusted)
    return speak(contexts, [(sender, bytes(size)) for sender, size in data])


def contexts_of(
    flavour: Flavour, server: Identity, trusted: Identity
) -> dict[Side, ssl.SSLContext]:
    """Both ends of sessions to come."""
    return {
        Side.CLIENT: _client_context(flavour, trusted),
        Side.SERVER: _server_context(flavour, server),
    }


def speak(
    contexts: Mapping[Side, ssl.SSLContext], data: Sequence[tuple[Side, bytes]]
) -> list[Flight]:
    """Every flight of a session in which each says its ``data``; see :func:`record_session`."""
    peers = {side: _Peer(side, context) for side, context in contexts.items()}
    ends = {side: peer.wrap() for side, peer in peers.items()}
    flights: list[Flight] = []
    accepted = _shake_hands(peers, ends, flights)
    if not accepted:
        return flights
    for sender, octets in data:
        ends[sender].write(octets)
        flight = _carry(peers, sender)
        ends[_other(sender)].read(len(flight.octets))
        flights.append(flight)
    try:
        ends[Side.CLIENT].unwrap()
    except ssl.SSLWantReadError:
        flights.append(_carry(peers, Side.CLIENT))
    return flights


def _shake_hands(
    peers: dict[Side, _Peer], ends: dict[Side, ssl.SSLObject], flights: list[Flight]
) -> bool:
    side = Side.CLIENT
    while not all(peer.done for peer in peers.values()):
        refused = False
        try:
            ends[side].do_handshake()
            peers[side].done = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLCertVerificationError:
            refused = True
        if peers[side].outgoing.pending:
            flights.append(_carry(peers, side))
        if refused:
            return False
        side = _other(side)
    return True


def _carry(peers: dict[Side, _Peer], sender: Side) -> Flight:
    octets = peers[sender].outgoing.read()
    peers[_other(sender)].incoming.write(octets)
    return Flight(sender, octets)


def _other(side: Side) -> Side:
    return Side.SERVER if side is Side.CLIENT else Side.CLIENT


def _client_context(flavour: Flavour, trusted: Identity) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.load_verify_locations(cadata=trusted.der)
    return _restricted(context, flavour)


def _server_context(flavour: Flavour, server: Identity) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "server.pem"
        path.write_bytes(
            server.key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + server.certificate.public_bytes(serialization.Encoding.PEM)
        )
        context.load_cert_chain(path)
    return _restricted(context, flavour)


def _restricted(context: ssl.SSLContext, flavour: Flavour) -> ssl.SSLContext:
    context.set_ciphers(f"{flavour.cipher}:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = flavour.version
    return context


class SessionMask:
    """Turns the flights of one session into templates, in their order."""

    def __init__(self, opaque: Opaque) -> None:
        self._opaque = opaque
        self._encrypted: set[Side] = set()

    def template(self, flight: Flight) -> Template:
        """The flight with holes for all that is random or encrypted."""
        result = Template(b"")
        for content_type, header, body in _records(flight.octets):
            if flight.sender in self._encrypted:
                result = result + header + self._opaque.take(len(body))
            elif content_type == ContentType.HANDSHAKE:
                result = result + header + self._messages(body)
            else:
                result = result + header + body
            if content_type == ContentType.CHANGE_CIPHER_SPEC:
                self._encrypted.add(flight.sender)
        return result

    def _messages(self, record: bytes) -> Template:
        result, at = Template(b""), 0
        while at < len(record):
            end = at + HANDSHAKE_HEADER + int.from_bytes(record[at + 1 : at + 4], "big")
            result = result + self._message(record[at:end])
            at = end
        return result

    def _message(self, message: bytes) -> Template:
        result, at = Template(b""), 0
        for begin, end in _random_spans(message):
            result = result + message[at:begin] + self._opaque.take(end - begin)
            at = end
        return result + message[at:]


def _records(octets: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    at = 0
    while at < len(octets):
        end = at + RECORD_HEADER + int.from_bytes(octets[at + 3 : at + 5], "big")
        yield octets[at], octets[at : at + RECORD_HEADER], octets[at + RECORD_HEADER : end]
        at = end


def _random_spans(message: bytes) -> list[tuple[int, int]]:
    """Begin and end, in ``message``, of what differs from session to session."""
    match message[0]:
        case HandshakeType.CLIENT_HELLO | HandshakeType.SERVER_HELLO:
            begin = HANDSHAKE_HEADER + 2
            session = begin + RANDOM_LENGTH + 1
            return [(begin, session - 1), (session, session + message[session - 1])]
        case HandshakeType.CLIENT_KEY_EXCHANGE:
            rsa = int.from_bytes(message[4:6], "big") == len(message) - 6
            return [(HANDSHAKE_HEADER + (2 if rsa else 1), len(message))]
        case HandshakeType.SERVER_KEY_EXCHANGE:
            point = HANDSHAKE_HEADER + 4
            signature = point + message[point - 1] + 4
            return [(point, signature - 4), (signature, len(message))]
        case HandshakeType.NEW_SESSION_TICKET:
            return [(HANDSHAKE_HEADER + 6, len(message))]
        case _:
            return []
