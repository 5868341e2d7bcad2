"""How far a TLS session came, and whose turn it was when it stopped."""

from __future__ import annotations

from capf_dissectors.capf_shape import Certainty, Command, SessionState
from msgspec import Struct

from capfpcap.rules.model.timeouts import (
    CLIENT_GAVE_UP,
    LAST_REPETITION,
    SERVER_ANSWER,
    SYN_ANSWER,
)
from capfpcap.services import Service
from capfpcap.timeline.session import Session
from capfpcap.vantage.flow import Flow, Sighting

_ENDED = frozenset({SessionState.COMPLETE, SessionState.ENDED_AFTER_AUTHENTICATION})
_PHONE_TAKES_ITS_TIME = frozenset({Command.KEYGEN_RESPONSE, Command.ENCRYPT_RESPONSE})


_ENDINGS = (Command.END_SESSION, Command.RETRY_LATER)
_SHORTEST_ANSWER = 32
"""Octets; an AUTH_RESPONSE without a password has 35."""


def is_complete(session: Session) -> bool:
    """Whether a CAPF session went its whole way."""
    return session.shape.state is SessionState.COMPLETE


def is_ended_by_message(session: Session) -> bool:
    """Whether keys reveal that CAPF ended a session by a message, whatever had been done."""
    shape = session.shape
    return shape.certainty is Certainty.PROVEN and shape.last in _ENDINGS


def only_probes(session: Session) -> bool:
    """Whether the client opened a connection and closed it without a word, as monitoring does."""
    connection = session.connection
    return (
        connection.established_row is not None
        and connection.closing_row is not None
        and not connection.closed_first_by_server
        and not connection.client.segments
    )


class Progress(Struct, frozen=True, eq=False):
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
        if self.flow.service is Service.CAPF:
            return session.shape.state in _ENDED or is_ended_by_message(session)
        if self.flow.service is Service.TVS:
            senders = {record.from_client for record in session.application_records}
            return senders == {True, False}
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
    def last_word(self) -> tuple[int, bool] | None:
        """The last row with payload other than alerts, and whether it came from the client.

        Where no TLS is understood, the last payload of any kind. What the server says when the
        client has closed does not count.
        """
        session = self.session
        words = [
            (said.row, said.from_client)
            for said in session.said
            if said not in session.alerts and not session.too_late(said)
        ]
        words += [
            (record.row, record.from_client)
            for record in session.application_records
            if not session.too_late(record)
        ]
        if not words:
            client, server = session.connection.client, session.connection.server
            words += [
                (side.segments[-1].row, side is client)
                for side in (client, server)
                if side.segments
            ]
        return max(words, default=None)

    @property
    def waits_for_phone(self) -> bool:
        """Whether the phone is to speak and may take minutes to do so: it makes a key."""
        return (
            self.flow.service is Service.CAPF
            and self.session.shape.state is SessionState.PARTIAL
            and self.session.shape.awaited in _PHONE_TAKES_ITS_TIME
        )

    def waited(self, row: int) -> tuple[int, bool]:
        """Nanoseconds from a row until somebody ended the session, or else the capture ended.

        Second, whether somebody did: by FIN, RST or an alert.
        """
        session = self.session
        ends = [said.row for said in session.alerts if said.row > row]
        closing = session.connection.closing_row
        if closing is not None and closing > row:
            ends.append(closing)
        if ends:
            return self.time(min(ends)) - self.time(row), True
        return self.sighting.watched_until - self.time(row), False

    @property
    def closed_politely(self) -> bool:
        """Whether the first thing to close the connection was a FIN."""
        connection = self.session.connection
        closing = connection.closing_row
        return closing is not None and closing in (
            connection.client.fin_row,
            connection.server.fin_row,
        )

    @property
    def may_have_ended(self) -> bool:
        """Whether CAPF's last message, of a size that tells nothing, may have been the end."""
        session = self.session
        return (
            self.flow.service is Service.CAPF
            and not session.readable
            and session.shape.state is SessionState.UNRECOGNISED
            and bool(session.application_records)
            and not session.application_records[-1].from_client
        )

    @property
    def only_tries(self) -> bool:
        """Whether the client said less to CAPF than any phone answers, and closed.

        Somebody who tries the port with ``openssl s_client`` types a line at the most.
        """
        said = [item for item in self.session.application_records if item.from_client]
        return (
            self.flow.service is Service.CAPF
            and self.closed_politely
            and sum(item.largest for item in said) < _SHORTEST_ANSWER
        )

    @property
    def unheard(self) -> bool | None:
        """The side (True: the client) whose repeated data was never acknowledged; None: neither."""
        connection = self.session.connection
        for from_client in (True, False):
            side = connection.side(from_client)
            if len(side.repeated) < 2 or not side.unacknowledged:
                continue
            closing = connection.closing_row
            if closing is not None and side.repeated[-1] < closing:
                return from_client
            if self.sighting.watched_until - self.time(side.repeated[0]) >= LAST_REPETITION:
                return from_client
        return None

    @property
    def surely_heard(self) -> bool:
        """Whether the last word was acknowledged, though the capture missed that.

        A host sends again what is not acknowledged.
        """
        last = self.last_word
        if last is None:
            return False
        side = self.session.connection.side(last[1])
        unheard = side.unacknowledged > 1 and not side.repeated
        return unheard and self.waited(last[0])[0] >= SYN_ANSWER

    @property
    def silent(self) -> bool:
        """Whether the server owed an answer, had received all, and sent nothing more."""
        last = self.last_word
        if not self.judgeable or self.work_done or last is None or self.waits_for_phone:
            return False
        row, from_client = last
        connection = self.session.connection
        if connection.closed_first_by_server or not self._servers_turn(from_client):
            return False
        sender = connection.side(from_client)
        if (sender.acknowledged or 0) < sender.sent and sender.unacknowledged > 1:
            return False
        waited, closed = self.waited(row)
        return waited >= (CLIENT_GAVE_UP if closed else SERVER_ANSWER)

    def _servers_turn(self, client_spoke_last: bool) -> bool:
        """Whether the server had to speak next."""
        session, service = self.session, self.flow.service
        if client_spoke_last:
            started = bool(session.application_records)
            return session.client_hello is not None and not (started and service.facts.long_lived)
        return (
            service is Service.CAPF
            and session.handshake_complete
            and not session.application_records
        )
