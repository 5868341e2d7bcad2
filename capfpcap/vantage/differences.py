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
from capfpcap.services import Service
from capfpcap.vantage.flow import Flow, Sighting, VantagePoint
from capfpcap.vantage.role import SERVERS_OWN, Role

_Counts = tuple[int, ...]

_UP, _DOWN = 0, 4
"""Where the counts of the packets to the server begin, and of those to the client."""
_OCTETS = 1
_TOGETHER = 3_000_000_000
"""Nanoseconds within which a flow begins at two places, though its first request is lost."""


def mark_differences(flows: Sequence[Flow], way: Sequence[VantagePoint]) -> None:
    """Sets :attr:`Flow.differs`, :attr:`Flow.unseen_at` and :attr:`Flow.unshown_at`.

    ``way`` is from clients to servers.
    """
    counts = {point.name: _counts(point.table) for point in way}
    passed = _Passed(flows)
    for point in way:
        point.stopped = passed.went_on_after(point, flows, counts)
    for flow in flows:
        flow.unseen_at = tuple(point for point in way if passed.misses(flow, point))
        flow.unshown_at = tuple(point for point in way if passed.leaves_out(flow, point))
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
        self._names: dict[str, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
        """The names that clients have at a point, by the names that they have anywhere."""
        self._alone: dict[str, dict[Service, list[Flow]]] = defaultdict(lambda: defaultdict(list))
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
                client, server = ends(named.conversation.view)
                own, _ = ends(here.conversation.view)
                self._names[here.at.name][client].add(own)
                self._clients[here.at.name].add(client)
                self._servers[here.at.name].add(server)
                self._pairs[here.at.name].add((client, server))

    def _note_alone(self, flow: Flow) -> None:
        """A server that some client, not a server itself, talks to past this point."""
        at = flow.first.at
        client, server = ends(flow.first.conversation.view)
        self._alone[at.name][flow.service].append(flow)
        if at.role is Role.PHONE:
            self._clients[at.name].add(client)
        elif at.role is not Role.OTHER and client not in self._servers[at.name]:
            self._servers[at.name].add(server)

    def misses(self, flow: Flow, point: VantagePoint) -> bool:
        """Whether a flow should have passed a point, while that was recording, and did not."""
        if flow.first.at.group != point.group or flow.seen_at(point) is not None:
            return False
        if not _watched(point, flow) or _answered(flow):
            return False
        return self._belongs(flow, point) and not self._may_be_hidden(flow, point)

    def leaves_out(self, flow: Flow, point: VantagePoint) -> bool:
        """Whether a place beside a server shows nothing of a connection that was answered.

        Other traffic between the two hosts goes by there, and its capture surely was running.
        """
        if flow.first.at.group != point.group or flow.seen_at(point) is not None:
            return False
        if point.role not in SERVERS_OWN or point.clock is None:
            return False
        begin, end = point.watched_from, point.watched_until
        if begin is None or end is None or not begin <= flow.started <= end:
            return False
        if point.table.one_sided or flow.first.conversation.connection is None:
            return False
        known = self._pairs[point.name]
        return _answered(flow) and any(
            ends(sighting.conversation.view) in known for sighting in flow.sightings
        )

    def _belongs(self, flow: Flow, point: VantagePoint) -> bool:
        """Whether the packets of a flow go past a point."""
        return any(
            self._on_the_way(point, *ends(sighting.conversation.view))
            for sighting in flow.sightings
        )

    def _may_be_hidden(self, flow: Flow, point: VantagePoint) -> bool:
        """Whether a flow that only the point shows may be this one, under another name.

        A firewall that rewrites addresses, ports and sequence numbers leaves nothing to know a
        connection by that consists of SYNs.
        """
        client, _ = ends(flow.first.conversation.view)
        names = self._names[point.name].get(client) or {client}
        return any(
            abs(other.started - flow.started) <= _TOGETHER
            and ends(other.first.conversation.view)[0] in names
            for other in self._alone[point.name][flow.service]
        )

    def went_on_after(
        self, point: VantagePoint, flows: Sequence[Flow], counts: dict[str, dict[int, _Counts]]
    ) -> bool:
        """Whether packets of any flow went past a point after its last packet of any kind.

        They came from beyond it, and the place on this side shows them.
        """
        end = point.watched_until
        return end is not None and any(
            self._shows_more(sighting, flow, point, end, counts)
            for flow in flows
            for sighting in flow.sightings
            if sighting.at is not point
            and sighting.at.group == point.group
            and sighting.conversation.view.last_time > end
        )

    def _shows_more(
        self,
        sighting: Sighting,
        flow: Flow,
        point: VantagePoint,
        end: int,
        counts: dict[str, dict[int, _Counts]],
    ) -> bool:
        """Whether a sighting has octets behind a point's end that went past it before."""
        if not self._belongs(flow, point):
            return False
        way = _DOWN if sighting.at.number < point.number else _UP
        own, shown = flow.seen_at(point), 0
        if own is not None:
            shown = counts[point.name][own.conversation.view.start][way + _OCTETS]
        there = counts[sighting.at.name][sighting.conversation.view.start][way + _OCTETS]
        return there > shown and _last_time(sighting, up=way == _UP) > end

    def _on_the_way(self, point: VantagePoint, client: int, server: int) -> bool:
        if point.role is Role.PHONE:
            return client in self._clients[point.name]
        if point.role is Role.OTHER:
            return (client, server) in self._pairs[point.name]
        return server in self._servers[point.name]


def _last_time(sighting: Sighting, *, up: bool) -> int:
    """When the last packet of one direction came by."""
    table, rows = sighting.at.table, sighting.conversation.view.rows
    return int(table.columns.time[rows][table.to_server[rows] == up].max(initial=0))


def ends(view: FlowView) -> tuple[int, int]:
    """Addresses of client and server; of a TFTP flow the server that was asked."""
    return view.client, view.server or view.asked


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
    begin, end = point.watched_from, point.assumed_until
    if begin is None or end is None or point.clock is None:
        return False
    return begin <= flow.started <= end
