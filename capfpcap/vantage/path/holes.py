"""What a host lacks of the other's octets though later ones came: no gap of the capture beside it.

A host acknowledges what it has (RFC 9293, section 3.4). Beside it a capture that lacks octets may
have missed them; if the host never acknowledges them either, they never came.
"""

from __future__ import annotations

from typing import NamedTuple

from capfpcap.capture.sequence import ahead
from capfpcap.flows.connection import Connection, Side
from capfpcap.vantage.flow import Sighting
from capfpcap.vantage.role import SERVERS_OWN, Role

LASTING = 5_000_000_000
"""Nanoseconds for which a hole stays until it counts: senders repeat after 1 s, 2 s and so on."""


class Hole(NamedTuple):
    """Octets that one side sent and that never came to the other."""

    start: int
    """Stream offset of the first one."""
    end: int
    """Stream offset behind the last one."""
    row: int
    """Of a packet that counts them as sent."""
    from_client: bool

    @property
    def size(self) -> int:
        """How many octets are missing."""
        return self.end - self.start


def lasting_hole(sighting: Sighting, connection: Connection) -> Hole | None:
    """The hole in what came to the host beside the capture, if it stayed until the end."""
    role = sighting.at.role
    from_client = role in SERVERS_OWN
    if connection.established_row is None or not (from_client or role is Role.PHONE):
        return None
    side = connection.side(from_client)
    hole = _first_hole(connection, side, from_client) or _hole_at_the_end(
        connection, side, from_client
    )
    return hole if hole and _stayed(sighting, connection, hole) else None


def _first_hole(connection: Connection, side: Side, from_client: bool) -> Hole | None:
    """The first octets that never came and were never acknowledged, and what came behind them.

    What the host acknowledged selectively did come, whether the capture shows it or not.
    """
    came = [(one.offset, one.offset + one.length, one.row) for one in side.segments]
    came += [(one.start, one.end, one.row) for one in connection.selected(from_client).beyond]
    received = 0
    for start, end, row in sorted(came):
        if start > received:
            if (side.acknowledged or 0) > received:
                return None
            return Hole(received, start, row, from_client)
        received = max(received, end)
    return None


def _hole_at_the_end(connection: Connection, side: Side, from_client: bool) -> Hole | None:
    """Octets behind the last that came, which a bare packet of their sender counts as sent."""
    if not side.passed_over or (side.acknowledged or 0) > side.sent or side.initial is None:
        return None
    columns, view = connection.view.table.columns, connection.view
    following = side.initial + side.sent
    for row, up in enumerate(view.directions(), view.start):
        if up == from_client and not columns.payload_length[row]:
            size = ahead(int(columns.sequence[row]), following)
            if 1 < size <= side.passed_over:
                return Hole(side.sent, side.sent + size, row, from_client)
    return None


def _stayed(sighting: Sighting, connection: Connection, hole: Hole) -> bool:
    """Whether there was time for the octets to be sent again, before or after we heard of them.

    What a bare packet tells was sent at some time after its sender's last packet before that.
    """
    times, closing = sighting.at.table.columns.time, connection.closing_row
    ended = sighting.watched_until
    if closing is not None and closing > hole.row:
        ended = int(times[closing])
    told = int(times[hole.row])
    if ended - told >= LASTING:
        return True
    view = connection.view
    before = [
        row
        for row, up in zip(range(view.start, hole.row), view.directions(), strict=False)
        if up == hole.from_client
    ]
    bare = not sighting.at.table.columns.payload_length[hole.row]
    return bare and bool(before) and told - int(times[before[-1]]) >= LASTING
