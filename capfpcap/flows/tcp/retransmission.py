"""Data of a connection that was sent more than once, and what that does and does not prove."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from capfpcap.capture.columns import TcpFlag
from capfpcap.flows.connection import Connection, Side

_ACKNOWLEDGES = int(TcpFlag.ACK)
_CONTROL = int(TcpFlag.SYN | TcpFlag.FIN | TcpFlag.RST)
_IDENTIFICATIONS = 0xFFFF
_BEHIND = 64
"""Packets by which one that was overtaken is behind, at the most."""
A_MOMENT = 3_000_000
"""Nanoseconds in which a network, or a card with several queues, exchanges packets."""
_SEVERAL = 3
"""Retransmissions of a side from which on their order is looked at."""
_FEWEST_EQUAL = 2
"""Segments of the size that a path turned out to carry."""
_OPTIONS = 40
"""Bytes of TCP options at the most, by which a full segment is smaller than the MSS."""


class Retransmitted(NamedTuple):
    """What was sent again of data that got through in the end."""

    rows: list[int]
    """Rows that repeat data, but for those that were only overtaken on the way."""
    needless: int
    """How many of them arrived though the first copy had arrived, too."""


def retransmitted(connection: Connection) -> Retransmitted:
    """What either side sent again, where the other side acknowledged all of it.

    What was sent again only because the answer was slow arrives twice and is acknowledged twice.
    """
    rows: list[int] = []
    if connection.established_row is not None:
        for side in (connection.client, connection.server):
            if side.unacknowledged <= 1:
                again = side.repeated[_waited_in_a_queue(connection, side) :]
                overtaken = _overtaken(connection, side) if len(again) >= _SEVERAL else set()
                rows += [row for row in again if row not in overtaken]
    return Retransmitted(rows, _acknowledged_again(connection) if rows else 0)


def _overtaken(connection: Connection, side: Side) -> set[int]:
    """Rows of segments that a later one of their sender overtook a moment before.

    Their IP identification is older than that of the one before them; what is sent again has a
    newer one.
    """
    columns, found = connection.view.table.columns, set[int]()
    for before, one in pairwise(side.segments):
        older = int(columns.identification[before.row]) - int(columns.identification[one.row])
        near = abs(int(columns.time[one.row]) - int(columns.time[before.row])) <= A_MOMENT
        if one.offset < before.offset and near and 0 < older & _IDENTIFICATIONS < _BEHIND:
            found.add(one.row)
    return found


def _waited_in_a_queue(connection: Connection, side: Side) -> int:
    """How many repetitions of the client's first segments came before anything was acknowledged.

    A server's host whose queue of connections is full drops the end of the handshake and the data
    behind it, again and again, though nothing is lost on the way. One repetition alone may well be
    of a lost segment.
    """
    if side is not connection.client or not side.segments:
        return 0
    answered = next((one.row for one in connection.server.segments), None)
    waited = [row for row in side.repeated if answered is None or row < answered]
    first = side.segments[0]
    in_vain = all(one.offset == first.offset for one in side.segments[: len(waited) + 1])
    return len(waited) if in_vain and len(waited) > 1 else 0


def _acknowledged_again(connection: Connection) -> int:
    """How many packets tell that what was acknowledged came once more.

    They do nothing but acknowledge the same again, or say so by a selective acknowledgement. One
    that names octets beyond missing ones tells the contrary.
    """
    again, beyond = _rows_with_blocks(connection)
    view = connection.view
    columns, rows = view.table.columns, view.rows
    last: dict[bool, int] = {}
    count = 0
    for row, up, flags, number, octets in zip(
        range(view.start, view.stop),
        view.directions(),
        columns.flags[rows].tolist(),
        columns.acknowledgement[rows].tolist(),
        columns.payload_length[rows].tolist(),
        strict=True,
    ):
        if flags & _ACKNOWLEDGES:
            bare = not octets and not flags & _CONTROL and last.get(up) == number
            count += row in again or (bare and row not in beyond)
            last[up] = number
    return count


def _rows_with_blocks(connection: Connection) -> tuple[set[int], set[int]]:
    """Rows that say what came again, and those that say what came beyond missing octets."""
    told = [connection.selected(from_client) for from_client in (True, False)]
    again = {block.row for one in told for block in one.again}
    return again, {block.row for one in told for block in one.beyond}


def segments_made_smaller(connection: Connection) -> bool:
    """Whether a host found out by itself, or was told out of sight, how large packets may be.

    It then fills the hole that its first large segments left with several equal ones, well below
    the MSS that it was told, and sends no larger one any more.
    """
    if not connection.repeats:
        return False
    table = connection.view.table
    for side, peer in (
        (connection.client, connection.server),
        (connection.server, connection.client),
    ):
        announced = [table.capture.segment_size(table.columns, row) for row in peer.syns[:1]]
        lengths = {one.row: one.length for one in side.segments}
        again = [lengths[row] for row in side.repeated]
        largest = max(again, default=0)
        if again.count(largest) < _FEWEST_EQUAL or largest < max(lengths.values()):
            continue
        if announced and announced[0] and largest + _OPTIONS < announced[0]:
            return True
    return False
