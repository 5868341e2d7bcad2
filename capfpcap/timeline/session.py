"""A TCP connection with the TLS session inside."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from capf_dissectors.capf_shape import (
    Ended,
    Padding,
    SessionShape,
    application_records_tls13,
    classify,
    padding_tls13,
)
from capf_dissectors.results import Malformed
from capf_dissectors.tls import (
    Alert,
    Certificate,
    ClientHello,
    EncryptedHandshake,
    Finished,
    Message,
    ServerHello,
    TlsStream,
    dissect_stream,
    finished_hash_length,
    version_name,
)
from msgspec import Struct

from capfpcap.flows.connection import Connection
from capfpcap.flows.lazy import Lazy
from capfpcap.flows.reassembly import Stream, assemble
from capfpcap.flows.table import FlowView
from capfpcap.timeline.application_data import EncryptedRecord, in_order_said, placed_records
from capfpcap.timeline.decrypted import Decrypted
from capfpcap.timeline.session_end import how_ended, is_too_late, refusal_row

if TYPE_CHECKING:
    from capfpcap.timeline.plaintext.messages import PlainMessages

_BY_ROW = itemgetter(0)
_NO_PADDING = Padding(0, 0)


class Said(NamedTuple):
    """A TLS message, who sent it, and the row that completed it."""

    row: int
    from_client: bool
    message: Message


class Session(Struct, eq=False, dict=True):
    """One connection to a service that speaks TLS."""

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
        """Whether TLS 1.3 hides the server's certificate, and no key reveals it."""
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
    def messages(self) -> PlainMessages | None:
        """The messages of CAPF or TVS that the keys at hand reveal; None where they reveal none."""
        if self.decrypted is None or not self.decrypted.readable:
            return None
        from capfpcap.timeline.plaintext.messages import read_messages  # noqa: PLC0415 - keys only

        return read_messages(self, self.decrypted)

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
    def alerts(self) -> list[Said]:
        """Every alert, readable or not."""
        return [said for said in self.said if isinstance(said.message, Alert)]

    @Lazy
    def readable_alerts(self) -> list[Said]:
        """Every alert that is not encrypted."""
        return [
            said
            for said in self.alerts
            if isinstance(said.message, Alert) and not said.message.encrypted
        ]

    @Lazy
    def fatal_alert(self) -> Said | None:
        """The first readable fatal alert that came in time to end the session."""
        for said in self.alerts:
            if isinstance(said.message, Alert) and said.message.fatal and not self.too_late(said):
                return said
        return None

    def too_late(self, said: Said | EncryptedRecord) -> bool:
        """Whether who said it had heard the other side's FIN, or may have."""
        return is_too_late(self, said)

    @Lazy
    def refusal_row(self) -> int | None:
        """The row of the encrypted alert in place of the client's Finished, TLS 1.3."""
        return refusal_row(self)

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

    @Lazy
    def handshake_complete(self) -> bool:
        """Whether both sides sent their Finished, as far as can be seen.

        Where the capture lacks them, application data of the server tells that it had them.
        """
        if self.refusal_row is not None:
            return False
        if any(not record.from_client for record in self.application_records):
            return True
        if self.tls13 and not self.readable:
            return any(record.encrypted and record.complete for record in self.client_tls.records)
        return self._finished(from_client=True) and self._finished(from_client=False)

    def _finished(self, *, from_client: bool) -> bool:
        kinds = (Finished, EncryptedHandshake)
        return any(self._first(kind, from_client=from_client) is not None for kind in kinds)

    @Lazy
    def application_records(self) -> list[EncryptedRecord]:
        """The encrypted application data of both sides as it was said, handshake left out."""
        if not self.tls13:
            return self.encrypted_records
        inner = {id(kept) for kept in application_records_tls13(self.encrypted_records)}
        return [record for record in self.encrypted_records if id(record) in inner]

    @Lazy
    def encrypted_records(self) -> list[EncryptedRecord]:
        """All records of the type application data as they were said: in TLS 1.3 more than that."""
        client, server = (
            placed_records(
                self.connection,
                self.client_stream if from_client else self.server_stream,
                self.tls(from_client).records,
                self.negotiated,
                from_client=from_client,
            )
            for from_client in (True, False)
        )
        return list(in_order_said(client, server))

    @Lazy
    def ended(self) -> Ended:
        """How it was ended behind its last record of application data."""
        return how_ended(self)

    @Lazy
    def shape(self) -> SessionShape:
        """Which CAPF operation its records are those of, but for what came to a closed server.

        What is decrypted is read, and the sizes tell the rest.
        """
        if self.messages is not None and self.messages.messages:
            from capfpcap.timeline.plaintext.shape import shape_read  # noqa: PLC0415 - keys only

            return shape_read(self.messages, self.guessed_shape, len(self.application_records))
        return self.guessed_shape

    @property
    def guessed_shape(self) -> SessionShape:
        """The same by the sizes of the records alone."""
        padding = self._padding
        return classify(
            [
                (
                    record.from_client,
                    max(0, record.smallest - padding[record.from_client].most),
                    max(0, record.largest - padding[record.from_client].least),
                )
                for record in self.application_records
                if not (record.from_client and self.too_late(record))
            ],
            version=self.version,
            ended=self.ended,
            sure=self.whole and all(least == most for least, most in padding),
        )

    @property
    def _padding(self) -> tuple[Padding, Padding]:
        """The padding in each record of the server, and in each of the client."""
        if not self.tls13 or self.readable or self.cipher_suite is None:
            return _NO_PADDING, _NO_PADDING
        return padding_tls13(self.encrypted_records, finished_hash_length(self.cipher_suite))

    @Lazy
    def whole(self) -> bool:
        """Whether nothing of what was sent is missing from the capture."""
        client, server = self.connection.client, self.connection.server
        return (
            not self.connection.mid_session
            and self.client_stream.captured >= client.sent
            and self.server_stream.captured >= server.sent
            and not (client.passed_over or server.passed_over or self.connection.missed)
        )

    @Lazy
    def missing(self) -> int:
        """Octets that were sent and that the capture lacks."""
        sent = self.connection.client.sent + self.connection.server.sent
        return sent - self.client_stream.captured - self.server_stream.captured

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
