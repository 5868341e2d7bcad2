"""What a person reads of a conversation: one line for each thing that happened.

Events are made from a conversation only when a timeline is asked for: a check of a hundred thousand
flows needs none.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from capf_dissectors import tls

from capfpcap.flows.connection import Connection
from capfpcap.flows.reassembly import STREAM_LIMIT
from capfpcap.flows.service import Service
from capfpcap.flows.sides import Side
from capfpcap.timeline.conversation import Conversation
from capfpcap.timeline.files import FileTransfer
from capfpcap.timeline.lookup import MAX_LOOKUPS, Lookup
from capfpcap.timeline.plugins import remarks_on
from capfpcap.timeline.session import Session


class EventKind(Enum):
    """Which protocol an event is of."""

    DNS = "dns"
    FILE = "file"
    TCP = "tcp"
    TLS = "tls"
    DATA = "data"


class Event(NamedTuple):
    """One thing that happened in a flow."""

    row: int
    """Row of the flow table."""
    from_client: bool
    kind: EventKind
    text: str
    """One line; may hold text of packets, not yet made harmless."""


def conversation_events(conversation: Conversation) -> list[Event]:
    """Everything that happened in a conversation, in order of the capture."""
    events: list[Event] = []
    for lookup in conversation.lookups:
        events += _of_lookup(lookup)
    if len(conversation.lookups) == MAX_LOOKUPS:
        text = f"{MAX_LOOKUPS} questions from one port: what follows is not read"
        events.append(Event(events[-1].row, True, EventKind.DNS, text))
    for transfer in conversation.transfers:
        events += _of_transfer(transfer)
    if conversation.connection is not None:
        events += _of_connection(conversation.connection)
        if conversation.view.service is Service.OTHER:
            events += [
                Event(row, from_client, EventKind.DATA, text)
                for row, from_client, text in remarks_on(conversation.connection)
            ]
    if conversation.session is not None:
        events += _of_session(conversation.session)
    return sorted(events, key=lambda event: event.row)


def _of_lookup(lookup: Lookup) -> Iterator[Event]:
    for number, row in enumerate(lookup.query_rows):
        again = " (again)" if number else ""
        yield Event(row, True, EventKind.DNS, f"query {lookup.name} {lookup.type}{again}")
    if lookup.answer_row is not None:
        answer = ", ".join(lookup.addresses) or lookup.rcode or "empty"
        text = f"answer {lookup.name} {lookup.type}: {answer}"
        yield Event(lookup.answer_row, False, EventKind.DNS, text)


def _of_transfer(transfer: FileTransfer) -> Iterator[Event]:
    via = transfer.via.value.upper()
    for number, row in enumerate(transfer.request_rows):
        again = " (again)" if number else ""
        yield Event(row, True, EventKind.FILE, f"{via} request {transfer.name}{again}")
    if transfer.end_row is not None:
        told = transfer.error or f"whole, {transfer.size} octets"
        if transfer.incomplete_reason:
            told += f" ({transfer.incomplete_reason})"
        yield Event(transfer.end_row, False, EventKind.FILE, f"{transfer.name}: {told}")
    elif transfer.answer_row is not None:
        text = f"{transfer.name}: {transfer.size} octets, then it stops"
        yield Event(transfer.last_row, False, EventKind.FILE, text)


def _of_connection(connection: Connection) -> Iterator[Event]:
    table = connection.view.table
    for from_client, name in ((True, "SYN"), (False, "SYN-ACK")):
        side = connection.side(from_client)
        for number, row in enumerate(side.syns):
            again = " (again)" if number else ""
            size = table.capture.segment_size(table.columns, row)
            mss = f", MSS {size}" if size else ""
            yield Event(row, from_client, EventKind.TCP, f"{name}{mss}{again}")
        for row in side.repeated:
            yield Event(row, from_client, EventKind.TCP, "data sent again")
        if side.fin_row is not None:
            yield Event(side.fin_row, from_client, EventKind.TCP, "FIN")
        for row in side.reset_rows:
            yield Event(row, from_client, EventKind.TCP, "RST")
        yield from _beyond_limit(side, from_client)
    if connection.established_row is not None:
        yield Event(connection.established_row, True, EventKind.TCP, "connection established")


def _beyond_limit(side: Side, from_client: bool) -> Iterator[Event]:
    """Where a side sends more than is put together."""
    for segment in side.segments:
        if segment.offset + segment.length > STREAM_LIMIT:
            text = f"more than {STREAM_LIMIT} octets: what follows is not read"
            yield Event(segment.row, from_client, EventKind.TCP, text)
            return


def _of_session(session: Session) -> Iterator[Event]:
    for said in session.said:
        yield Event(said.row, said.from_client, EventKind.TLS, _describe(said.message))
    names = session.shape.messages
    for record, name in zip(session.application_records, names, strict=True):
        likely = f", likely {name.value}" if name is not None else ""
        text = f"application data, {record.size} octets{likely}"
        yield Event(record.row, record.from_client, EventKind.DATA, text)
    problem = session.problem
    if problem is not None:
        from_client, malformed = problem
        stream = session.client_stream if from_client else session.server_stream
        text = f"not TLS from octet {malformed.offset}: {malformed.reason}"
        yield Event(stream.row_beginning(malformed.offset), from_client, EventKind.TLS, text)


def _owner(message: tls.Certificate) -> str:
    """Whose certificate stands first in a chain, as far as it can be read."""
    if not message.certificates:
        return ""
    from capf_dissectors.certificates import read_identity  # noqa: PLC0415 - slow to load

    identity = read_identity(message.certificates[0])
    return f" of {identity.common_name}" if identity and identity.common_name else ""


def _describe(message: tls.Message) -> str:
    """A TLS message in a line."""
    if isinstance(message, tls.ClientHello):
        name = f", name {message.server_name}" if message.server_name else ""
        offered = tls.version_name(message.highest_version)
        return f"ClientHello, up to {offered}, {len(message.cipher_suites)} cipher suites{name}"
    if isinstance(message, tls.ServerHello):
        if message.hello_retry_request:
            return "HelloRetryRequest"
        suite = tls.cipher_suite_name(message.cipher_suite)
        return f"ServerHello, {tls.version_name(message.version)}, {suite}"
    if isinstance(message, tls.Certificate):
        more = " and more that are not read" if message.left_out else ""
        return f"Certificate{_owner(message)}, {len(message.certificates)} in the chain{more}"
    if isinstance(message, tls.Alert):
        if message.description is None or message.level is None:
            return "alert (encrypted)"
        level = "fatal" if message.fatal else "warning"
        return f"alert, {level} {tls.alert_name(message.description)}"
    if isinstance(message, tls.EncryptedHandshake):
        return "Finished (encrypted handshake)"
    if isinstance(message, tls.Handshake):
        return f"handshake message of type {message.type}"
    return type(message).__name__
