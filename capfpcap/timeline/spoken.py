"""What both sides of a connection say in TLS, in the clear or revealed by keys."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from operator import itemgetter
from typing import NamedTuple

from capf_dissectors.results import Malformed
from capf_dissectors.tls import (
    Alert,
    Certificate,
    ClientHello,
    EncryptedHandshake,
    Message,
    ServerHello,
    TlsStream,
    dissect_stream,
    version_name,
)
from msgspec import Struct

from capfpcap.flows.connection import Connection
from capfpcap.flows.lazy import Lazy
from capfpcap.flows.reassembly import Stream, assemble
from capfpcap.flows.table import FlowView
from capfpcap.timeline.decrypted import Decrypted

_BY_ROW = itemgetter(0)


class Said(NamedTuple):
    """A TLS message, who sent it, and the row that completed it."""

    row: int
    from_client: bool
    message: Message


class Spoken(Struct, eq=False, dict=True):
    """One connection to a service that speaks TLS, and the messages in it."""

    connection: Connection

    @property
    def view(self) -> FlowView:
        """The flow."""
        return self.connection.view

    @Lazy
    def client_stream(self) -> Stream:
        """The client's octets."""
        return assemble(self.connection.client.segments)

    @Lazy
    def server_stream(self) -> Stream:
        """The server's octets."""
        return assemble(self.connection.server.segments)

    @Lazy
    def client_tls(self) -> TlsStream:
        """The TLS in the client's octets."""
        return self._dissected(self.client_stream)

    @Lazy
    def server_tls(self) -> TlsStream:
        """The TLS in the server's octets."""
        return self._dissected(self.server_stream)

    def _dissected(self, stream: Stream) -> TlsStream:
        return dissect_stream(stream.pieces, from_start=not self.connection.mid_session)

    @Lazy
    def said(self) -> list[Said]:
        """TLS messages of both sides, in the order in which they were complete."""
        said: list[Said] = []
        for from_client, stream in ((True, self.client_stream), (False, self.server_stream)):
            messages = self._in_clear(from_client)
            said += map(Said, stream.rows_completing(messages), repeat(from_client), messages)
        if self.decrypted is not None:
            said += self.decrypted.revealed
        said.sort(key=_BY_ROW)
        return said

    @Lazy
    def decrypted(self) -> Decrypted | None:
        """What the keys at hand reveal; None where there are none at all."""
        return None

    @property
    def readable(self) -> bool:
        """Whether keys reveal what it says, as far as the capture has it."""
        return self.decrypted is not None and self.decrypted.readable

    @property
    def certificate_hidden(self) -> bool:
        """Whether TLS 1.3 hides certificates, and no key reveals them."""
        return self.tls13 and not self.readable

    def _in_clear(self, from_client: bool) -> Sequence[Message]:
        """One side's messages, without those that stand for others which keys reveal."""
        messages = self.tls(from_client).messages
        if self.decrypted is None or not self.decrypted.opened:
            return messages
        opened = self.decrypted.opened
        return [
            message
            for message in messages
            if (from_client, message.offset) not in opened
            or not isinstance(message, (Alert, EncryptedHandshake))
        ]

    @Lazy
    def client_hello(self) -> Said | None:
        """The first ClientHello."""
        return self._first(ClientHello, from_client=True)

    @Lazy
    def server_hello(self) -> Said | None:
        """The ServerHello, HelloRetryRequests aside."""
        for said in self.said:
            message = said.message
            if isinstance(message, ServerHello) and not message.hello_retry_request:
                return said
        return None

    @Lazy
    def server_certificate(self) -> Said | None:
        """The server's Certificate message, where it is in the clear."""
        return self._first(Certificate, from_client=False)

    @Lazy
    def client_certificate(self) -> Said | None:
        """The client's Certificate message, where it is in the clear."""
        return self._first(Certificate, from_client=True)

    @Lazy
    def negotiated(self) -> ServerHello | None:
        """What the server selected of what the client offered."""
        said = self.server_hello
        return said.message if said is not None and isinstance(said.message, ServerHello) else None

    @Lazy
    def version(self) -> int | None:
        """The negotiated TLS version number."""
        return None if self.negotiated is None else self.negotiated.version

    @property
    def version_name(self) -> str | None:
        """The negotiated version as people write it."""
        return None if self.version is None else version_name(self.version)

    @Lazy
    def cipher_suite(self) -> int | None:
        """The negotiated cipher suite number."""
        return None if self.negotiated is None else self.negotiated.cipher_suite

    @Lazy
    def tls13(self) -> bool:
        """Whether TLS 1.3 is spoken, so that all behind the ServerHello is encrypted."""
        return self.negotiated is not None and self.negotiated.tls13

    @Lazy
    def server_leaf(self) -> bytes | None:
        """The certificate that the server presented, DER."""
        return _leaf(self.server_certificate)

    @Lazy
    def client_leaf(self) -> bytes | None:
        """The certificate that the client presented, DER."""
        return _leaf(self.client_certificate)

    def tls(self, from_client: bool) -> TlsStream:
        """What one side said."""
        return self.client_tls if from_client else self.server_tls

    @property
    def problem(self) -> tuple[bool, Malformed] | None:
        """Who first sent octets that are not TLS, and where in its stream."""
        for from_client in (True, False):
            problem = self.tls(from_client).problem
            if problem is not None:
                return from_client, problem
        return None

    def _first(self, kind: type[Message], *, from_client: bool) -> Said | None:
        for said in self.said:
            if said.from_client == from_client and isinstance(said.message, kind):
                return said
        return None


def _leaf(said: Said | None) -> bytes | None:
    if said is None or not isinstance(said.message, Certificate):
        return None
    return said.message.certificates[0] if said.message.certificates else None
