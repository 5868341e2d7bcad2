"""Who ended a TLS session, and what an encrypted alert still tells of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from capf_dissectors.capf_shape import Ended, split_records_tls13

from capfpcap.capture.columns import TcpFlag
from capfpcap.capture.sequence import ahead
from capfpcap.flows.connection import Connection

if TYPE_CHECKING:
    from capfpcap.timeline.application_data import EncryptedRecord
    from capfpcap.timeline.session import Said, Session

_SHORTEST_CERTIFICATE = 200
"""Octets of a Certificate that is not empty, with its proof; a Finished alone has up to 68."""
_SHORTEST_FINISHED = 36
"""Octets of a Finished of TLS 1.3: header and SHA-256 (RFC 8446, section 4.4.4)."""

RIGHT_BEHIND = 30_000_000_000
"""Nanoseconds behind its last record within which a server that is done closes the connection.

It may wait for the client's close_notify; for a key it waits for minutes.
"""


def is_too_late(session: Session, said: Said | EncryptedRecord) -> bool:
    """Whether who said something had heard the other side's FIN, as its acknowledgement tells.

    A capture that begins with it does not show what the other side did before.
    """
    if session.connection.mid_session and _begins_with(session, said):
        return True
    columns = session.view.table.columns
    other = session.connection.side(not said.from_client)
    behind_data, fin = (other.initial or 0) + other.sent, other.fin_row
    if fin is not None:
        behind_data = int(columns.sequence[fin]) + int(columns.payload_length[fin])
    return ahead(int(columns.acknowledgement[said.row]), behind_data) == 1


def _begins_with(session: Session, said: Said | EncryptedRecord) -> bool:
    """Whether no packet of the other side was captured before it."""
    view = session.view
    directions = view.table.directions(slice(view.start, said.row))
    return all(up == said.from_client for up in directions)


def refusal_row(session: Session) -> int | None:
    """The row of the alert that a client of TLS 1.3 sent in place of its Finished; None without.

    All that it sent encrypted is too short to hold a Finished. Libraries pad alerts (Java to 18
    octets), so that the size alone is not asked.
    """
    if not session.tls13 or not session.whole or session.readable:
        return None
    sent = [record for record in session.encrypted_records if record.from_client]
    if not sent or sum(record.largest for record in sent) >= _SHORTEST_FINISHED:
        return None
    return sent[0].row


def left_without_a_word(session: Session) -> bool:
    """Whether the client finished the handshake, said nothing in the session, and ended it.

    Some libraries look at the server's certificate only then (Node.js, NSS), or leave it to their
    application; what they send for an alert is encrypted.
    """
    return (
        session.handshake_complete
        and session.whole
        and not any(record.from_client for record in session.application_records)
        and bool(ended_by_client(session))
    )


def left_behind_certificate(session: Session) -> bool:
    """Whether the server ended the session behind the client's Certificate without a word in it.

    Some servers close or reset where others send an alert (wolfSSL, Node.js).
    """
    return (
        session.client_certificate is not None
        and session.fatal_alert is None
        and session.whole
        and all(record.from_client for record in session.application_records)
        and ended_by_client(session) is False
    )


def left_by_server(session: Session) -> bool:
    """Whether the server ended a session that was set up before it said anything in it.

    In TLS 1.3 that is how a server refuses a client certificate, with an alert that is encrypted.
    """
    return (
        session.handshake_complete
        and session.whole
        and all(record.from_client for record in session.application_records)
        and ended_by_client(session) is False
    )


def hid_certificate(session: Session) -> bool:
    """Whether a client of TLS 1.3 presented a certificate, told by what it said before the end."""
    if session.readable and session.client_certificate is not None:
        return session.client_leaf is not None
    if not session.tls13:
        return False
    handshake = split_records_tls13(session.encrypted_records).handshake
    said = sum(record.smallest for record in handshake if record.from_client)
    return said >= _SHORTEST_CERTIFICATE


def hidden_alert_rows(session: Session) -> list[tuple[int, bool]]:
    """The rows of encrypted alerts of TLS 1.3, told by their size, and whether a client's."""
    if not session.tls13 or session.readable:
        return []
    records = session.encrypted_records
    hidden = set(map(id, split_records_tls13(records).alerts))
    return [(record.row, record.from_client) for record in records if id(record) in hidden]


def first_end(session: Session) -> tuple[int, bool] | None:
    """The row of the first alert, FIN or RST, and whether a client's; None: nobody ended it."""
    connection = session.connection
    ends = [(said.row, said.from_client) for said in session.alerts]
    ends += hidden_alert_rows(session)
    if connection.closing_row is not None:
        ends.append((connection.closing_row, not connection.closed_first_by_server))
    return min(ends, default=None)


def ended_by_client(session: Session) -> bool | None:
    """Whether the client was the first to say that it ends, by alert, FIN or RST; None: nobody."""
    first = first_end(session)
    return None if first is None else first[1]


def how_ended(session: Session) -> Ended:
    """How the session was ended behind its last record of application data."""
    records = session.application_records
    alerts = [(said.row, said.from_client) for said in session.alerts]
    alerts += hidden_alert_rows(session)
    last_row = records[-1].row if records else None
    return ended_after(session.connection, min(alerts, default=None), last_row)


def ended_after(
    connection: Connection, first_alert: tuple[int, bool] | None, last_row: int | None
) -> Ended:
    """The same by the row of the first alert and whether a client's, and the last record's row."""
    if last_row is None:
        return Ended.NOT_BY_SERVER
    closing = connection.closing_row
    ends = [] if first_alert is None else [first_alert]
    if closing is not None:
        ends.append((closing, not connection.closed_first_by_server))
    row, by_client = min(ends, default=(last_row, True))
    columns = connection.view.table.columns
    if by_client or int(columns.time[row]) - int(columns.time[last_row]) > RIGHT_BEHIND:
        return Ended.NOT_BY_SERVER
    in_order = row != closing or first_alert == (row, by_client) or _is_fin(connection, row)
    return Ended.BY_SERVER if in_order else Ended.BY_RESET


def _is_fin(connection: Connection, row: int) -> bool:
    return bool(connection.view.table.columns.flags[row] & TcpFlag.FIN)
