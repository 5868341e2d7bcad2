"""A TCP connection as its packets tell it: who opened, who answered, what was repeated or lost."""

from __future__ import annotations

from dataclasses import dataclass, field

from capfpcap.capture.columns import TcpFlag
from capfpcap.flows.reassembly import Segment
from capfpcap.flows.table import FlowView

_HALF = 1 << 31
_MASK = (1 << 32) - 1
_SYN_ACK = TcpFlag.SYN | TcpFlag.ACK


@dataclass(slots=True)
class Side:
    """What one end of a connection sent. Rows are those of the flow table, in file order."""

    initial: int | None = None
    """Sequence number of the first octet of the stream (initial sequence number + 1)."""
    syns: list[int] = field(default_factory=list)
    """Rows with SYN: the client's SYN, the server's SYN-ACK."""
    packets: int = 0
    first_row: int | None = None
    last_row: int | None = None
    segments: list[Segment] = field(default_factory=list)
    """Payload in order of arrival, repetitions included, keep-alive probes not."""
    repeated: list[int] = field(default_factory=list)
    """Rows whose payload had been seen before, whole or in part."""
    fin_row: int | None = None
    reset_rows: list[int] = field(default_factory=list)
    sent: int = 0
    """Stream offset behind the highest octet that was sent."""
    acknowledged: int | None = None
    """Highest stream offset of this side's octets that the other side acknowledged."""
    acknowledged_row: int | None = None
    """The other side's row that first acknowledged that far."""
    _reference: int = 0

    def offset(self, sequence: int) -> int:
        """Stream offset of a sequence number, the one nearest to the highest seen so far."""
        assert self.initial is not None
        reference = self._reference
        distance = (sequence - self.initial - reference) & _MASK
        if distance >= _HALF:
            distance -= 1 << 32
        result = reference + distance
        if result > reference:
            self._reference = result
        return result

    @property
    def unacknowledged(self) -> int:
        """Octets that were sent and, as far as the capture shows, never acknowledged."""
        return max(self.sent - (self.acknowledged or 0), 0)


@dataclass(slots=True)
class Connection:
    """A TCP connection seen at one vantage point."""

    view: FlowView
    client: Side
    server: Side
    established_row: int | None = None
    """The first row that proves the three-way handshake whole: an ACK or data after the SYN-ACK."""

    @property
    def mid_session(self) -> bool:
        """Whether the capture began when the connection was already open."""
        return not self.client.syns and not self.server.syns

    @property
    def answered(self) -> bool:
        """Whether any packet came from the server."""
        return self.server.packets > 0

    @property
    def refused(self) -> bool:
        """Whether the server's first packet to a SYN was a reset."""
        return (
            bool(self.client.syns)
            and not self.server.syns
            and bool(self.server.reset_rows)
            and self.server.first_row == self.server.reset_rows[0]
            and not self.server.segments
        )

    @property
    def closing_row(self) -> int | None:
        """The first row with FIN or RST from either side."""
        row = min(_first_close(self.client), _first_close(self.server))
        return None if row == _NEVER else row

    @property
    def closed_first_by_server(self) -> bool:
        """Whether the server's FIN or RST came before the client's."""
        return _first_close(self.server) < _first_close(self.client)

    @property
    def open_at_end(self) -> bool:
        """Whether neither side had closed when the capture ended."""
        return self.closing_row is None

    def side(self, from_client: bool) -> Side:
        """The client's side or the server's."""
        return self.client if from_client else self.server


_NEVER = 1 << 62


def _first_close(side: Side) -> int:
    """The row of a side's first FIN or RST, or one behind all rows."""
    fin = _NEVER if side.fin_row is None else side.fin_row
    return min(fin, side.reset_rows[0]) if side.reset_rows else fin


def read_connection(view: FlowView) -> Connection:
    """Walk the packets of a flow once."""
    columns, rows = view.table.columns, view.rows
    connection = Connection(view, Side(), Side())
    packets = zip(
        range(view.start, view.stop),
        view.directions(),
        columns.flags[rows].tolist(),
        columns.sequence[rows].tolist(),
        columns.acknowledgement[rows].tolist(),
        columns.payload_length[rows].tolist(),
        view.payloads(),
        strict=True,
    )
    for row, from_client, flags, sequence, acknowledgement, length, data in packets:
        side, other = (
            (connection.client, connection.server)
            if from_client
            else (connection.server, connection.client)
        )
        side.packets += 1
        side.last_row = row
        if side.first_row is None:
            side.first_row = row
        if flags & TcpFlag.SYN:
            _take_syn(connection, side, row, flags, sequence, from_client)
        elif side.initial is None:
            side.initial = sequence
        if flags & TcpFlag.ACK and not flags & TcpFlag.RST:
            _take_acknowledgement(other, row, acknowledgement)
        if length:
            _take_payload(side, row, sequence, length, data, bool(flags & TcpFlag.SYN))
        if flags & TcpFlag.FIN and side.fin_row is None:
            side.fin_row = row
        if flags & TcpFlag.RST:
            side.reset_rows.append(row)
        elif (
            from_client
            and connection.established_row is None
            and connection.server.syns
            and not flags & TcpFlag.SYN
        ):
            connection.established_row = row
    _shift_to_zero(connection.client)
    _shift_to_zero(connection.server)
    return connection


def _take_syn(
    connection: Connection, side: Side, row: int, flags: int, sequence: int, from_client: bool
) -> None:
    """A SYN or SYN-ACK; the first one fixes where the stream begins."""
    if from_client == bool(flags & TcpFlag.ACK):
        return
    if not side.syns:
        side.initial = (sequence + 1) & _MASK
        side._reference = 0
    side.syns.append(row)


def _take_acknowledgement(other: Side, row: int, acknowledgement: int) -> None:
    """What one side says it has received of the other's octets."""
    if other.initial is None:
        other.initial = acknowledgement
    through = other.offset(acknowledgement)
    if other.acknowledged is None or through > other.acknowledged:
        other.acknowledged = through
        other.acknowledged_row = row


def _take_payload(
    side: Side, row: int, sequence: int, length: int, data: bytes, with_syn: bool
) -> None:
    """Payload; a keep-alive probe repeats the one octet before the next (RFC 9293, 3.8.4)."""
    offset = side.offset(sequence + 1 if with_syn else sequence)
    end = offset + length
    if length == 1 and offset == side.sent - 1 and side.acknowledged == side.sent:
        return
    if offset < side.sent and side.segments:
        side.repeated.append(row)
    side.segments.append(Segment(offset, length, data, row))
    side.sent = max(side.sent, end)


def _shift_to_zero(side: Side) -> None:
    """Where no SYN told the beginning, the lowest octet captured is offset 0."""
    if side.syns or not side.segments:
        return
    lowest = min(segment.offset for segment in side.segments)
    if lowest >= 0:
        return
    side.segments = [segment._replace(offset=segment.offset - lowest) for segment in side.segments]
    side.sent -= lowest
    if side.acknowledged is not None:
        side.acknowledged -= lowest
