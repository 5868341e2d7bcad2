"""Connections in which nothing happened but what both sides had to say.

Nearly every connection of a storm opens, goes on without loss, repetition or disorder, and ends. A
look at all of a capture's rows at once tells these from the others and knows of them what
:class:`~capfpcap.flows.connection.Connection` would work out packet by packet; both ways of reading
give the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from capfpcap.capture.columns import TcpFlag
from capfpcap.capture.sequence import ahead, wrapped
from capfpcap.flows.connection import Connection
from capfpcap.flows.selective import rows_with_blocks
from capfpcap.flows.stream_line import Numbers, StreamLine
from capfpcap.flows.table import FlowTable, FlowView, portions, rows_of

_Marks = npt.NDArray[np.bool_]

_SHORTEST = 3
"""Rows of a handshake."""
_LONGEST = 512
"""Rows of a connection that is still looked at here."""
_MOST_OCTETS = 1 << 20
"""Payload octets of such a connection."""
_SYN, _ACK, _FIN, _RST = (int(f) for f in (TcpFlag.SYN, TcpFlag.ACK, TcpFlag.FIN, TcpFlag.RST))
_CONTROL = _SYN | _ACK | _FIN | _RST
_NEVER = 1 << 62
"""Behind all rows."""


class _Packets:
    """The packets of some flows, one flow after the other, in columns."""

    def __init__(self, table: FlowTable, views: Sequence[FlowView]) -> None:
        columns = table.columns
        self.rows = rows_of(views)
        self.lengths = np.array([view.stop - view.start for view in views], np.int64)
        self.begins: Numbers = np.cumsum(self.lengths) - self.lengths
        """Where each flow begins in the columns here."""
        self.turn = np.arange(len(self.rows)) - self.spread(self.begins)
        """Which packet of its flow each is, from 0."""
        self.up = table.to_server[self.rows]
        self.flags = columns.flags[self.rows]
        self.octets = columns.payload_length[self.rows].astype(np.int64)
        self.whole = columns.captured_length[self.rows] == columns.payload_length[self.rows]
        self.sequence = columns.sequence[self.rows].astype(np.int64)
        self.acknowledgement = columns.acknowledgement[self.rows].astype(np.int64)

    def spread(self, values: Numbers) -> Numbers:
        """For each packet the value of its flow."""
        return np.repeat(values, self.lengths)

    def before(self, values: Numbers) -> Numbers:
        """For each packet the sum of the values of the packets before it in its flow."""
        sums = np.cumsum(values) - values
        return sums - self.spread(sums[self.begins])

    def first(self, marks: _Marks) -> Numbers:
        """The row of each flow's first packet that is marked, or one behind all rows."""
        return np.minimum.reduceat(np.where(marks, self.rows, _NEVER), self.begins)

    def all(self, marks: _Marks) -> _Marks:
        """Of each flow whether all its packets are marked."""
        return np.logical_and.reduceat(marks, self.begins)


class PlainConnections:
    """The plain ones among some flows, and their octets."""

    def __init__(self, table: FlowTable, views: Sequence[FlowView]) -> None:
        packets = _Packets(table, views)
        reset = packets.flags & _RST != 0
        closing = packets.flags & (_FIN | _RST) != 0
        established = packets.first(packets.up & (packets.turn > 1) & ~reset)
        closed_by_client = packets.first(packets.up & closing)
        closed_by_server = packets.first(~packets.up & closing)
        octets = np.add.reduceat(packets.octets, packets.begins)
        plain = packets.all(_opens(packets) & _follows(packets) & packets.whole)
        plain &= (established != _NEVER) & (octets <= _MOST_OCTETS)
        told = rows_with_blocks(table)
        if told is not None:
            plain &= packets.all(~told[packets.rows])
        chosen = np.flatnonzero(plain)
        self.views = [views[number] for number in chosen.tolist()]
        syn = packets.begins[chosen]
        self._client_starts: list[int] = wrapped(packets.sequence[syn] + 1).tolist()
        self._server_starts: list[int] = wrapped(packets.sequence[syn + 1] + 1).tolist()
        self._established: list[int] = established[chosen].tolist()
        closed = np.minimum(closed_by_client, closed_by_server)[chosen].tolist()
        self._closed = [None if row == _NEVER else row for row in closed]
        closed_first_by_server = closed_by_server < closed_by_client
        self._closed_first_by_server: list[bool] = closed_first_by_server[chosen].tolist()
        self.line = _line(table, packets, plain)
        """The streams: of connection ``n`` the client's is ``2 * n``, the server's the next."""

    def connection(self, number: int) -> Connection:
        """A connection with all that is known of it."""
        connection = Connection(self.views[number])
        connection.client_start = self._client_starts[number]
        connection.server_start = self._server_starts[number]
        connection.established_row = self._established[number]
        connection.closing_row = self._closed[number]
        connection.closed_first_by_server = self._closed_first_by_server[number]
        connection.mid_session = False
        connection.heard = True
        connection.never_opened = False
        connection.repeats = False
        connection.missed = 0
        return connection


def _opens(packets: _Packets) -> _Marks:
    """Marks SYN and SYN-ACK at their turns, and at later turns all packets without SYN."""
    control = packets.flags & _CONTROL
    bare = packets.octets == 0
    syn = (control == _SYN) & packets.up & bare
    answer = (control == _SYN | _ACK) & ~packets.up & bare
    later = (control & _SYN == 0) & (bare | (control & _RST == 0))
    marks: _Marks = np.where(packets.turn == 0, syn, np.where(packets.turn == 1, answer, later))
    return marks


def _follows(packets: _Packets) -> _Marks:
    """Marks packets whose numbers go on where their sender stopped.

    An acknowledgement may say anything that the other side has sent so far, its FIN included: one
    further on tells that the capture lacks packets. So does a packet without payload that is ahead
    of its own side.
    """
    begins, up = packets.begins, packets.up
    client = packets.spread(packets.sequence[begins] + 1)
    server = packets.spread(packets.sequence[begins + 1] + 1)
    from_client = np.where(up, packets.octets, 0)
    by_client, by_server = packets.before(from_client), packets.before(packets.octets - from_client)
    sent, received = np.where(up, by_client, by_server), np.where(up, by_server, by_client)
    offset = ahead(packets.sequence, np.where(up, client, server))
    heard = ahead(packets.acknowledgement, np.where(up, server, client))
    confirms = packets.flags & _ACK != 0
    bare = packets.octets == 0
    opens = packets.flags & _SYN != 0
    in_order = np.where(bare, opens | (offset <= sent + 1), offset == sent)
    marks: _Marks = in_order & (~confirms | (heard <= received + 1))
    return marks


def _line(table: FlowTable, packets: _Packets, plain: _Marks) -> StreamLine:
    """The streams of plain connections."""
    number = packets.spread(2 * (np.cumsum(plain) - 1)) + ~packets.up
    segments = np.flatnonzero(np.repeat(plain, packets.lengths) & (packets.octets > 0))
    order = segments[np.argsort(number[segments], kind="stable")]
    return StreamLine(table, packets.rows[order], number[order], 2 * int(plain.sum()))


def plain_connections(
    table: FlowTable, views: Sequence[FlowView], rows_at_once: int = 1 << 15
) -> Iterator[PlainConnections]:
    """The plain connections among TCP flows of one table, in portions of about so many rows."""
    candidates = [view for view in views if _SHORTEST <= view.stop - view.start <= _LONGEST]
    for some in portions(candidates, rows_at_once):
        yield PlainConnections(table, some)
