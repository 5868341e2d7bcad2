"""A TCP connection with the TLS session inside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capf_dissectors.capf_shape import (
    Ended,
    Padding,
    SessionShape,
    application_records_tls13,
    classify,
    padding_tls13,
)
from capf_dissectors.tls import Alert, EncryptedHandshake, Finished, finished_hash_length

from capfpcap.flows.lazy import Lazy
from capfpcap.services import Service
from capfpcap.timeline.application_data import EncryptedRecord, in_order_said, placed_records
from capfpcap.timeline.session_end import how_ended, is_too_late, refusal_row
from capfpcap.timeline.spoken import Said, Spoken

if TYPE_CHECKING:
    from capfpcap.timeline.plaintext.messages import PlainMessages

__all__ = ["Said", "Session"]

_NO_PADDING = Padding(0, 0)


class Session(Spoken, eq=False, dict=True):
    """A connection with what can be told of its course."""

    @Lazy
    def messages(self) -> PlainMessages | None:
        """The messages of CAPF or TVS that the keys at hand reveal; None where they reveal none."""
        spoken = self.view.service in (Service.CAPF, Service.TVS)
        if not spoken or self.decrypted is None or not self.decrypted.readable:
            return None
        from capfpcap.timeline.plaintext.messages import read_messages  # noqa: PLC0415 - keys only

        return read_messages(self, self.decrypted)

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
