"""What a person reads of a conversation: one line for each thing that happened.

Events are made from a conversation only when a timeline or a ladder is asked for: a check of a
hundred thousand flows needs none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from capf_dissectors import tftp

from capfpcap.capture.columns import TcpFlag
from capfpcap.flows.connection import Connection
from capfpcap.flows.reassembly import STREAM_LIMIT
from capfpcap.flows.sides import Side
from capfpcap.services import Reader, Service
from capfpcap.timeline.conversation import Conversation
from capfpcap.timeline.event import Event, EventKind, What
from capfpcap.timeline.files import FileTransfer, TransferState
from capfpcap.timeline.lookup import MAX_LOOKUPS, Lookup
from capfpcap.timeline.plugins import remarks_on
from capfpcap.timeline.session_events import session_events

_AGAIN = " (again)"
_KINDS = {Reader.DNS: EventKind.DNS, Reader.TFTP: EventKind.FILE}
"""Of what is read from datagrams."""
_FLAGS = (
    (TcpFlag.RST, What.RESET, "RST"),
    (TcpFlag.SYN | TcpFlag.ACK, What.SYN_ACK, "SYN-ACK"),
    (TcpFlag.SYN, What.SYN, "SYN"),
    (TcpFlag.FIN, What.FIN, "FIN"),
)
_FAILED = frozenset({TransferState.NOT_FOUND, TransferState.FAILED})


def conversation_events(conversation: Conversation) -> list[Event]:
    """Everything that happened in a conversation, in order of the capture."""
    events: list[Event] = []
    for lookup in conversation.lookups:
        events += _of_lookup(lookup)
    if len(conversation.lookups) == MAX_LOOKUPS:
        text = f"{MAX_LOOKUPS} questions from one port: what follows is not read"
        row = events[-1].row
        events.append(Event(row, True, EventKind.DNS, What.REMARK, "not read further", text))
    for transfer in conversation.transfers:
        events += _of_transfer(transfer)
    if conversation.connection is not None:
        events += _of_connection(conversation.connection)
        if conversation.view.service.facts.reader is Reader.STREAM:
            events += _STREAMS[conversation.view.service](conversation.connection)
    if conversation.session is not None:
        events += session_events(conversation.session)
    return sorted(events, key=lambda event: event.row)


def _of_lookup(lookup: Lookup) -> Iterator[Event]:
    asked = f"{lookup.name} {lookup.type}"
    label = f"query {asked}"
    for number, row in enumerate(lookup.query_rows):
        text = label + _AGAIN * (number > 0)
        yield Event(row, True, EventKind.DNS, What.QUERY, label, text, number)
    if lookup.answer_row is not None:
        answer = ", ".join(lookup.addresses) or lookup.rcode or "empty"
        text = f"answer {asked}: {answer}"
        label = f"answer: {answer}"
        yield Event(lookup.answer_row, False, EventKind.DNS, What.ANSWER, label, text)


def _of_transfer(transfer: FileTransfer) -> Iterator[Event]:
    label = f"{transfer.via.value.upper()} request {transfer.name}"
    for number, row in enumerate(transfer.request_rows):
        text = label + _AGAIN * (number > 0)
        yield Event(row, True, EventKind.FILE, What.REQUEST, label, text, number)
    yield from _repeated(transfer)
    if transfer.end_row is not None:
        yield _end_of_transfer(transfer, transfer.end_row)
    elif transfer.answer_row is not None:
        told = f"{transfer.size} bytes, then it stops"
        yield _of_file(transfer, transfer.last_row, What.FILE, "the transfer stops", told)


def _repeated(transfer: FileTransfer) -> Iterator[Event]:
    """Blocks and acknowledgements that were sent again."""
    table = transfer.view.table
    for number, row in enumerate(transfer.repeated_rows, 1):
        text = (_tftp_label(table.payloads(slice(row, row + 1))[0]) or "data") + _AGAIN
        from_client = bool(table.to_server[row])
        yield Event(row, from_client, EventKind.FILE, What.SEGMENT, text, text, number)


def _end_of_transfer(transfer: FileTransfer, row: int) -> Event:
    failed = transfer.state in _FAILED
    told = transfer.error or f"whole, {transfer.size} bytes"
    if transfer.incomplete_reason:
        told += f" ({transfer.incomplete_reason})"
    label = transfer.state.value if failed else f"file, {transfer.size} bytes"
    return _of_file(transfer, row, What.FILE_ERROR if failed else What.FILE, label, told)


def _of_file(transfer: FileTransfer, row: int, what: What, label: str, told: str) -> Event:
    from_client = bool(transfer.view.table.to_server[row])
    text = f"{transfer.name}: {told}"
    return Event(row, from_client, EventKind.FILE, what, label, text, size=transfer.size)


def _of_connection(connection: Connection) -> Iterator[Event]:
    for from_client in (True, False):
        side = connection.side(from_client)
        yield from _openings(connection, side, from_client)
        for number, row in enumerate(side.repeated, 1):
            yield _tcp(row, from_client, What.SEGMENT, "retransmission", "data sent again", number)
        if side.fin_row is not None:
            yield _tcp(side.fin_row, from_client, What.FIN, "FIN")
        for row in side.reset_rows:
            yield _tcp(row, from_client, What.RESET, "RST")
        yield from _beyond_limit(side, from_client)
    if connection.established_row is not None:
        text = "connection established"
        yield _tcp(connection.established_row, True, What.ESTABLISHED, "established", text)


def _openings(connection: Connection, side: Side, from_client: bool) -> Iterator[Event]:
    table = connection.view.table
    label, what = ("SYN", What.SYN) if from_client else ("SYN-ACK", What.SYN_ACK)
    for number, row in enumerate(side.syns):
        size = table.capture.segment_size(table.columns, row)
        text = label + (f", MSS {size}" if size else "") + _AGAIN * (number > 0)
        yield _tcp(row, from_client, what, label, text, number)


def _beyond_limit(side: Side, from_client: bool) -> Iterator[Event]:
    """Where a side sends more than is put together."""
    for segment in side.segments:
        if segment.offset + segment.length > STREAM_LIMIT:
            text = f"more than {STREAM_LIMIT} bytes: what follows is not read"
            yield _tcp(segment.row, from_client, What.REMARK, "not read further", text)
            return


def _tcp(
    row: int, from_client: bool, what: What, label: str, text: str = "", repetition: int = 0
) -> Event:
    return Event(row, from_client, EventKind.TCP, what, label, text or label, repetition)


def _of_plugin(connection: Connection) -> Iterator[Event]:
    for row, from_client, text in remarks_on(connection):
        yield Event(row, from_client, EventKind.DATA, What.APPLICATION_DATA, text, text)


_STREAMS: dict[Service, Callable[[Connection], Iterator[Event]]] = {Service.OTHER: _of_plugin}
"""What was said in the connections of each service that is read as :attr:`Reader.STREAM`."""


def packet_event(conversation: Conversation, row: int) -> Event:
    """A packet that made no event of its own, by what its headers say."""
    view = conversation.view
    table = view.table
    from_client, size = bool(table.to_server[row]), int(table.columns.payload_length[row])
    if conversation.connection is None:
        kind = _KINDS.get(view.service.facts.reader, EventKind.DATA)
        label = _tftp_label(table.payloads(slice(row, row + 1))[0]) or f"{size} bytes"
        return Event(row, from_client, kind, What.SEGMENT, label, label)
    flags = int(table.columns.flags[row])
    for wanted, what, label in _FLAGS:
        if flags & wanted == wanted:
            return _tcp(row, from_client, what, label)
    return _tcp(row, from_client, What.SEGMENT, f"{size} bytes" if size else "acknowledgement")


def _tftp_label(payload: bytes) -> str | None:
    """``DATA 3`` or ``ACK 3``."""
    packet = tftp.dissect(payload)
    if isinstance(packet, tftp.Data):
        return f"DATA {packet.block}"
    return f"ACK {packet.block}" if isinstance(packet, tftp.Acknowledgement) else None
