"""Whether a RST came from the host whose address it carries, as far as one capture tells.

A host sends all of its packets with one TTL, and they come over the same number of hops as long as
the route is the same. A reset with another TTL than those near it was made by something on the way.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from capfpcap.capture.columns import TcpFlag
from capfpcap.flows.connection import Connection
from capfpcap.flows.table import SentTtls
from capfpcap.vantage.fate import Fate, Leg
from capfpcap.vantage.flow import Flow, Sighting, VantagePoint

_LONG_AFTER = 100_000_000
"""Nanoseconds: longer than a packet takes on its way, however the clocks compare."""


_NEAR = 900_000_000_000
"""Nanoseconds from a reset within which the way of its sender's packets is taken for the same."""


class ForeignReset(NamedTuple):
    """A reset that may not have been sent by the host whose address it carries."""

    row: int
    from_client: bool
    ttl: int
    usual: int
    """The TTL of the other packets of its supposed sender, of those near in time."""


def foreign_resets(sighting: Sighting, connection: Connection) -> list[ForeignReset]:
    """The resets of a connection that have another TTL than their sender's packets.

    Empty where there is none, or nothing to compare with.
    """
    return [reset for reset in _compared(sighting, connection) if reset.ttl != reset.usual]


def foreign_wherever_seen(flow: Flow, sighting: Sighting, link: Connection) -> list[ForeignReset]:
    """The foreign resets at one place, unless another shows that their sender did send them.

    Beside their sender they have the TTL of its other packets.
    """
    for other in flow.sightings:
        connection = other.conversation.connection
        if other is sighting or connection is None:
            continue
        if any(reset.ttl == reset.usual for reset in _compared(other, connection)):
            return []
    return foreign_resets(sighting, link)


def has_foreign_reset(leg: Leg) -> bool:
    """Whether a reset of this direction has another TTL than its sender's packets."""
    arrived = leg.arrived
    connection = None if arrived is None else arrived.conversation.connection
    if arrived is None or connection is None:
        return False
    resets = foreign_resets(arrived, connection)
    return any(reset.from_client == leg.to_server for reset in resets)


def goes_on_after_reset(leg: Leg) -> bool:
    """Whether a side sends other packets than resets long after its reset came to the other end."""
    if leg.sent is None or leg.arrived is None:
        return False
    rows = [one.arrived_row for one in leg.of(Fate.INJECTED) if one.arrived_row is not None]
    came = min((int(leg.arrived.at.table.columns.time[row]) for row in rows), default=None)
    columns, view = leg.sent.at.table.columns, leg.sent.conversation.view
    return came is not None and any(
        up == leg.to_server
        and not columns.flags[row] & TcpFlag.RST
        and int(columns.time[row]) > came + _LONG_AFTER
        for row, up in enumerate(view.directions(), view.start)
    )


def lacks_request(flow: Flow, point: VantagePoint) -> bool:
    """Whether a capture of both directions shows the answer to a SYN that it lacks."""
    sighting = flow.seen_at(point)
    connection = None if sighting is None else sighting.conversation.connection
    if connection is None or not connection.mid_session or point.table.one_sided:
        return False
    return (
        connection.server.packets == len(connection.server.reset_rows) > connection.client.packets
    )


def _compared(sighting: Sighting, connection: Connection) -> list[ForeignReset]:
    """All resets whose sender sent other packets as well."""
    found = []
    for from_client in (True, False):
        resets = connection.side(from_client).reset_rows
        if resets:
            own = _sent(sighting, connection, from_client)
            found += [_compare(sighting, connection, from_client, row, own) for row in resets]
    return sorted(one for one in found if one is not None)


def _compare(
    sighting: Sighting, connection: Connection, from_client: bool, row: int, own: SentTtls
) -> ForeignReset | None:
    """A reset beside what its sender sent near it in time: in this flow, else in any other."""
    table, view = sighting.at.table, connection.view
    ttl, time = int(table.columns.ttl[row]), int(table.columns.time[row])
    sent = own
    usual = sent.nearest(time, _NEAR)
    if usual is None:
        sent = table.ttls_of(view.client if from_client else view.server)
        usual = sent.nearest(time, _NEAR)
    if usual is None:
        return None
    return ForeignReset(row, from_client, ttl, ttl if sent.has(ttl, time, _NEAR) else usual)


def _sent(sighting: Sighting, connection: Connection, from_client: bool) -> SentTtls:
    """The TTLs of one side's packets of this flow."""
    table, view = sighting.at.table, connection.view
    own = table.to_server[view.rows] == from_client
    return table.ttls_in(np.flatnonzero(own) + view.start)
