"""Whether a RST came from the host whose address it carries, as far as one capture tells.

Packets of one host come over the same number of hops. A reset that came over another number was
made by something on the way.
"""

from __future__ import annotations

from collections import Counter

from capfpcap.capture.columns import TcpFlag
from capfpcap.flows.connection import Connection
from capfpcap.vantage.flow import Sighting

_INITIAL_HOP_LIMITS = (32, 64, 128, 255)
"""What common stacks send with (RFC 1700 recommends 64)."""


def hops(ttl: int) -> int:
    """How many routers a packet has passed, taking the nearest usual initial value."""
    return next(initial - ttl for initial in _INITIAL_HOP_LIMITS if initial >= ttl)


def foreign_reset(sighting: Sighting, connection: Connection) -> tuple[int, int, int] | None:
    """The first reset from the server's side that came over another number of hops.

    Returns its row, its TTL and the TTL of the server's other packets; None where there is none,
    or nothing to compare with.
    """
    resets = connection.server.reset_rows
    if not resets:
        return None
    usual = _usual_ttl(sighting, connection)
    if usual is None:
        return None
    times_to_live = sighting.at.table.columns.ttl
    for row in resets:
        ttl = int(times_to_live[row])
        if hops(ttl) != hops(usual):
            return row, ttl, usual
    return None


def _usual_ttl(sighting: Sighting, connection: Connection) -> int | None:
    """The commonest TTL of the server's packets: of this flow, else of all its others."""
    table, view = sighting.at.table, connection.view
    columns = table.columns
    own = [
        int(columns.ttl[row])
        for row, up in enumerate(view.directions(), view.start)
        if not up and not columns.flags[row] & TcpFlag.RST
    ]
    if own:
        return Counter(own).most_common(1)[0][0]
    return table.usual_ttl(view.server)
