"""How far a TLS session came, and whose turn it was when it stopped."""

from __future__ import annotations

from dataclasses import dataclass

from capf_dissectors.capf_shape import CapfMessage, SessionState

from capfpcap.flows.service import Service
from capfpcap.timeline.session import Session
from capfpcap.vantage.flow import Flow, Sighting

_ENDED = frozenset({SessionState.COMPLETE, SessionState.ENDED_AFTER_AUTHENTICATION})
_PHONE_TAKES_ITS_TIME = frozenset({CapfMessage.KEYGEN_RESPONSE, CapfMessage.ENCRYPT_RESPONSE})


@dataclass(frozen=True, slots=True, eq=False)
class Progress:
    """One session of a phone with a service, as the best sighting shows it."""

    flow: Flow
    sighting: Sighting
    session: Session

    @property
    def work_done(self) -> bool:
        """Whether the session reached what it was for, so that any end of it is a normal one."""
        session = self.session
        if session.fatal_alert is not None:
            return True
        records = session.application_records
        if self.flow.service is Service.CAPF:
            return session.shape.state in _ENDED
        if self.flow.service is Service.TVS:
            return {record.from_client for record in records} == {True, False}
        return session.handshake_complete

    @property
    def judgeable(self) -> bool:
        """Whether the capture shows the connection from its beginning and without holes."""
        connection = self.session.connection
        return connection.established_row is not None and self.session.whole

    def time(self, row: int) -> int:
        """Time of a row, nanoseconds since 1970 UTC."""
        return int(self.session.view.table.columns.time[row])

    @property
    def last_payload(self) -> tuple[int, bool] | None:
        """The last row with payload, and whether it came from the client."""
        client, server = self.session.connection.client, self.session.connection.server
        if not client.segments and not server.segments:
            return None
        from_client = client.segments[-1].row if client.segments else -1
        from_server = server.segments[-1].row if server.segments else -1
        return max(from_client, from_server), from_client > from_server

    @property
    def waits_for_phone(self) -> bool:
        """Whether the phone is to speak and may take minutes to do so: it makes a key."""
        return (
            self.flow.service is Service.CAPF
            and self.session.shape.state is SessionState.PARTIAL
            and self.session.shape.awaited in _PHONE_TAKES_ITS_TIME
        )

    def waited(self, row: int) -> tuple[int, bool]:
        """Nanoseconds from a row to the close or to the capture's end; whether anybody closed."""
        closing = self.session.connection.closing_row
        if closing is not None and closing > row:
            return self.time(closing) - self.time(row), True
        return self.sighting.watched_until - self.time(row), False
