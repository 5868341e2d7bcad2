"""Whether a RST came from the host whose address it carries, as far as one capture tells.

A host sends all of its packets with one TTL, and they come over the same number of hops. A reset
with another TTL was made by something on the way.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from capfpcap.capture.columns import TcpFlag
from capfpcap.flows.connection import Connection
from capfpcap.rules.case import Case
from capfpcap.vantage.fate import Fate
from capfpcap.vantage.flow import Flow, Sighting


class ForeignReset(NamedTuple):
    """A reset that its sender's other packets do not resemble."""

    row: int
    from_client: bool
    ttl: int
    usual: int
    """The TTL of the other packets of its supposed sender."""


def foreign_resets(sighting: Sighting, connection: Connection) -> list[ForeignReset]:
    """The resets of a connection that have another TTL than their sender's packets.

    Empty where there is none, or nothing to compare with.
    """
    found = []
    for from_client in (True, False):
        resets = connection.side(from_client).reset_rows
        usual = _usual_ttl(sighting, connection, from_client) if resets else None
        if usual is None:
            continue
        for row in resets:
            ttl = int(sighting.at.table.columns.ttl[row])
            if ttl != usual:
                found.append(ForeignReset(row, from_client, ttl, usual))
    return sorted(found)


def came_from_elsewhere(case: Case, flow: Flow, sighting: Sighting, link: Connection) -> bool:
    """Whether a reset of a connection was not sent by the host whose address it carries.

    Captures at both ends prove it or disprove it; with one, TTLs tell.
    """
    if any(leg.of(Fate.INJECTED) for leg in case.scene.legs(flow)):
        return True
    return len(flow.sightings) == 1 and bool(foreign_resets(sighting, link))


def _usual_ttl(sighting: Sighting, connection: Connection, from_client: bool) -> int | None:
    """The commonest TTL of one side's packets: of this flow, else of all its others."""
    table, view = sighting.at.table, connection.view
    columns = table.columns
    own = [
        int(columns.ttl[row])
        for row, up in enumerate(view.directions(), view.start)
        if up == from_client and not columns.flags[row] & TcpFlag.RST
    ]
    if own:
        return Counter(own).most_common(1)[0][0]
    return table.usual_ttl(view.client if from_client else view.server)
