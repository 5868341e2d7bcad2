"""One handshake up to TLS 1.2, and what of it makes the master secret."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from capf_dissectors.tls.decryption.handshakes import RawMessage
from capf_dissectors.tls.messages import ClientHello, Message, NewSessionTicket, ServerHello
from capf_dissectors.tls.registries import Extension, HandshakeType

_COMPRESSION_AT = 2 + 32
"""Where in a ServerHello the session id's length stands; suite and compression follow the id."""


class Handshake(NamedTuple):
    """One handshake, in the clear or not."""

    client_hello: ClientHello
    server_hello: ServerHello
    client: Sequence[RawMessage]
    server: Sequence[RawMessage]
    holes: bool
    """Whether messages may be missing."""
    certificate: bytes | None
    """The server's own, DER."""

    @property
    def exchange(self) -> bytes | None:
        """The encrypted premaster secret of an RSA key exchange, if this is one."""
        for raw in self.client:
            if raw.kind == HandshakeType.CLIENT_KEY_EXCHANGE:
                body = raw.body
                fits = int.from_bytes(body[:2], "big") == len(body) - 2
                return body[2:] if fits else body
        return None

    @property
    def resumed(self) -> bool:
        """Whether an earlier session is resumed: its id is agreed on, and no certificate sent."""
        agreed = self.server_hello.session_id
        is_same = bool(agreed) and agreed == self.client_hello.session_id
        return is_same and self.certificate is None

    @property
    def extended(self) -> bool:
        """Whether the master secret is an extended one (RFC 7627)."""
        return Extension.EXTENDED_MASTER_SECRET in self.server_hello.extensions

    @property
    def compressed(self) -> bool:
        """Whether the records are compressed."""
        hello = next(
            (raw.body for raw in self.server if raw.kind == HandshakeType.SERVER_HELLO), b""
        )
        at = _COMPRESSION_AT + 1 + len(self.server_hello.session_id) + 2
        return hello[at : at + 1] not in (b"", b"\0")

    @property
    def ticket(self) -> bytes:
        """The ticket by which the client would resume a session; empty without one."""
        return self.client_hello.extensions.get(Extension.SESSION_TICKET, b"")

    def names(self, messages: Sequence[Message]) -> list[bytes]:
        """By what the session may be resumed: its id and the tickets in these messages."""
        names = [message.ticket for message in messages if isinstance(message, NewSessionTicket)]
        return [name for name in (self.server_hello.session_id, *names) if name]

    def transcript(self) -> bytes | None:
        """All messages up to ClientKeyExchange; None where one may be missing."""
        if self.holes:
            return None
        client = _between(
            self.client, HandshakeType.CLIENT_HELLO, HandshakeType.CLIENT_KEY_EXCHANGE
        )
        server = _between(self.server, HandshakeType.SERVER_HELLO, HandshakeType.SERVER_HELLO_DONE)
        return client[0] + b"".join(server + client[1:]) if client and server else None


def _between(
    messages: Sequence[RawMessage], first: HandshakeType, last: HandshakeType
) -> list[bytes]:
    """The messages from one of the type ``first`` to the next one of ``last``, or none."""
    found: list[bytes] = []
    for raw in messages:
        if found or raw.kind == first:
            found.append(raw.octets)
        if found and raw.kind == last:
            return found
    return []
