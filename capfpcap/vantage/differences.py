"""Which flows the captures show alike, and which need a look packet by packet.

In a storm of twenty thousand phones nearly every flow crosses unharmed. Equal counts of packets,
octets, SYNs and RSTs each way say so at the cost of an addition; only the others are compared
packet by packet (:mod:`capfpcap.vantage.fate`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from capfpcap.capture.columns import TcpFlag
from capfpcap.flows.table import FlowTable, FlowView
from capfpcap.vantage.flow import Flow, VantagePoint
from capfpcap.vantage.role import Role

_Counts = tuple[int, ...]

AFTER_LAST_PACKET = 10_000_000_000
"""Nanoseconds for which a capture is taken to have gone on behind its last packet.

A file does not say when recording was stopped. A server that is not reached any more is quiet.
"""


def mark_differences(flows: Sequence[Flow], way: Sequence[VantagePoint]) -> None:
    """Sets :attr:`Flow.differs` and :attr:`Flow.unseen_at`; ``way`` is from clients to servers."""
    counts = {point.name: _counts(point.table) for point in way}
    passed = _Passed(flows)
    for flow in flows:
        flow.unseen_at = tuple(point for point in way if passed.misses(flow, point))
        flow.differs = bool(flow.unseen_at) or _differs(flow, counts)


def _differs(flow: Flow, counts: dict[str, dict[int, _Counts]]) -> bool:
    if len(flow.sightings) < 2:
        return False
    seen = {
        counts[sighting.at.name][sighting.conversation.view.start] for sighting in flow.sightings
    }
    return len(seen) > 1


def _counts(table: FlowTable) -> dict[int, _Counts]:
    """Packets, octets, SYNs and RSTs of each flow and direction, by the row at which it starts."""
    starts = np.array(sorted(view.start for view in table.views), np.intp)
    if not len(starts):
        return {}
    columns = table.columns
    octets = columns.payload_length.astype(np.int64)
    syn, rst = columns.flags & TcpFlag.SYN != 0, columns.flags & TcpFlag.RST != 0
    sums = [
        np.add.reduceat((values * direction).astype(np.int64), starts).tolist()
        for direction in (table.to_server, ~table.to_server)
        for values in (np.ones(len(columns), np.int64), octets, syn, rst)
    ]
    return dict(zip(starts.tolist(), zip(*sums, strict=True), strict=True))


class _Passed:
    """Whose packets pass which vantage point, as the flows seen there prove."""

    def __init__(self, flows: Sequence[Flow]) -> None:
        self._clients: dict[str, set[int]] = defaultdict(set)
        self._servers: dict[str, set[int]] = defaultdict(set)
        self._pairs: dict[str, set[tuple[int, int]]] = defaultdict(set)
        for flow in flows:
            if len(flow.sightings) > 1:
                self._note_joined(flow)
        for flow in flows:
            if len(flow.sightings) == 1:
                self._note_alone(flow)

    def _note_joined(self, flow: Flow) -> None:
        """Both ends as every sighting names them: a NAT may stand anywhere between."""
        for here in flow.sightings:
            for named in flow.sightings:
                client, server = _ends(named.conversation.view)
                self._clients[here.at.name].add(client)
                self._servers[here.at.name].add(server)
                self._pairs[here.at.name].add((client, server))

    def _note_alone(self, flow: Flow) -> None:
        """A server that some client, not a server itself, talks to past this point."""
        at = flow.first.at
        client, server = _ends(flow.first.conversation.view)
        if at.role is Role.PHONE:
            self._clients[at.name].add(client)
        elif at.role is not Role.OTHER and client not in self._servers[at.name]:
            self._servers[at.name].add(server)

    def misses(self, flow: Flow, point: VantagePoint) -> bool:
        """Whether a flow should have passed a point, while that was recording, and did not."""
        if flow.seen_at(point) is not None or not _watched(point, flow) or _answered(flow):
            return False
        for sighting in flow.sightings:
            client, server = _ends(sighting.conversation.view)
            if self._on_the_way(point, client, server):
                return True
        return False

    def _on_the_way(self, point: VantagePoint, client: int, server: int) -> bool:
        if point.role is Role.PHONE:
            return client in self._clients[point.name]
        if point.role is Role.OTHER:
            return (client, server) in self._pairs[point.name]
        return server in self._servers[point.name]


def _ends(view: FlowView) -> tuple[int, int]:
    """Addresses of client and server; of a TFTP flow the server that was asked."""
    if view.server:
        return view.client, view.server
    columns = view.table.columns
    forward = np.flatnonzero(view.table.to_server[view.rows])
    row = view.start + int(forward[0]) if len(forward) else view.start
    return view.client, int(columns.destination[row])


def _answered(flow: Flow) -> bool:
    """Whether the server answered with more than a RST, so that packets passed somewhere."""
    for sighting in flow.sightings:
        conversation = sighting.conversation
        connection = conversation.connection
        if connection is not None and (connection.server.syns or connection.server.segments):
            return True
        if any(lookup.answer_row is not None for lookup in conversation.lookups):
            return True
        if any(transfer.answer_row is not None for transfer in conversation.transfers):
            return True
    return False


def _watched(point: VantagePoint, flow: Flow) -> bool:
    """Whether a point was recording when a flow began, or may well have been."""
    begin, end = point.watched_from, point.watched_until
    if begin is None or end is None:
        return False
    return begin <= flow.started <= end + AFTER_LAST_PACKET
