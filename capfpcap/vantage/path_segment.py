"""What the packets of a flow do not keep on their way from one capture to the next.

Translators change addresses and ports, routers count the TTL down, and tunnels and firewalls lower
the MSS that a SYN announces ("clamping").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from capfpcap.capture.columns import TcpFlag
from capfpcap.flows.table import FlowTable
from capfpcap.vantage.flow import Flow, Sighting

_NEVER = np.iinfo(np.int64).max
_NO_SIZE = 1 << 16


class End(NamedTuple):
    """One end of a flow."""

    address: int
    """Address code."""
    port: int


class Marks(NamedTuple):
    """What one direction of a flow has at one capture; None where no packet tells."""

    ttl: int | None
    """Of its first packet."""
    mss: int | None
    """What its SYNs announce, octets of payload; None as well where they do not agree."""


class PathSegment(NamedTuple):
    """The way between two neighbouring captures that show the same flow."""

    near: Sighting
    """The one closer to the client."""
    far: Sighting

    def marks(self, *, to_server: bool) -> tuple[Marks, Marks]:
        """What one direction has at the near and at the far end."""
        return marks(self.near, to_server=to_server), marks(self.far, to_server=to_server)

    @property
    def clients(self) -> tuple[End, End]:
        """The client as both captures name it."""
        one, other = self.near.conversation.view, self.far.conversation.view
        return End(one.client, one.client_port), End(other.client, other.client_port)

    @property
    def servers(self) -> tuple[End, End]:
        """The server as both captures name it."""
        return server_end(self.near), server_end(self.far)


def read_path_segments(flow: Flow) -> Iterator[PathSegment]:
    """From the client's end to the server's; none where one capture alone shows the flow."""
    for near, far in pairwise(flow.sightings):
        yield PathSegment(near, far)


def server_end(sighting: Sighting) -> End:
    """The server of a flow; of a TFTP flow the one that was asked first."""
    conversation = sighting.conversation
    view = conversation.view
    if view.server or not conversation.transfers:
        return End(view.server, view.server_port)
    return End(conversation.transfers[0].server, view.server_port)


def marks(sighting: Sighting, *, to_server: bool) -> Marks:
    """What one direction of a flow has at one capture."""
    return _marks_of(sighting.at.table)[sighting.conversation.view.start][not to_server]


_MARKS: WeakKeyDictionary[FlowTable, dict[int, tuple[Marks, Marks]]] = WeakKeyDictionary()


def _marks_of(table: FlowTable) -> dict[int, tuple[Marks, Marks]]:
    """By the row at which a flow starts, what it has each way, to the server first."""
    known = _MARKS.get(table)
    if known is None:
        starts = sorted(view.start for view in table.views)
        rows = np.array(starts, np.int64)
        ways = [_read_marks(table, rows, table.to_server == up) for up in (True, False)]
        known = _MARKS[table] = dict(zip(starts, zip(*ways, strict=True), strict=True))
    return known


def _read_marks(
    table: FlowTable, starts: npt.NDArray[np.int64], chosen: npt.NDArray[np.bool_]
) -> Sequence[Marks]:
    """One direction of all flows, the rows of which are ``chosen``."""
    if not len(starts):
        return ()
    numbers = np.where(chosen, np.arange(len(chosen)), _NEVER)
    first = np.minimum.reduceat(numbers, starts)
    found = np.flatnonzero(first != _NEVER)
    ttls: list[int | None] = [None] * len(starts)
    for flow, ttl in zip(found.tolist(), table.columns.ttl[first[found]].tolist(), strict=True):
        ttls[flow] = ttl
    return list(map(Marks, ttls, _announced(table, starts, chosen)))


def _announced(
    table: FlowTable, starts: npt.NDArray[np.int64], chosen: npt.NDArray[np.bool_]
) -> list[int | None]:
    """The MSS of each flow's SYNs of one direction."""
    columns = table.columns
    rows = np.flatnonzero(chosen & (columns.flags & TcpFlag.SYN != 0))
    sizes = table.capture.segment_sizes.first(columns.file[rows], columns.frame[rows])
    rows, sizes = rows[sizes > 0], sizes[sizes > 0].astype(np.int64)
    flows = np.searchsorted(starts, rows, "right") - 1
    least, most = np.full(len(starts), _NO_SIZE), np.zeros(len(starts), np.int64)
    np.minimum.at(least, flows, sizes)
    np.maximum.at(most, flows, sizes)
    agreed = least == most
    return [size if same else None for size, same in zip(most.tolist(), agreed, strict=True)]
