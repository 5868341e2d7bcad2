"""Several captures made into one picture: flows joined, points in order, clocks made one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from capfpcap.capture.ports import TFTP
from capfpcap.flows.icmp import IcmpError
from capfpcap.vantage.clock import Clock, compare_clocks
from capfpcap.vantage.differences import mark_differences
from capfpcap.vantage.flow import Flow, VantagePoint
from capfpcap.vantage.infer import tell_servers_apart
from capfpcap.vantage.join import join_flows
from capfpcap.vantage.pairing import find_crossings
from capfpcap.vantage.way import order_points, place_in_the_middle


def match_flows(points: Sequence[VantagePoint]) -> list[Flow]:
    """The flows of all captures, each once, in the order of their first packets.

    From then on every time is that of the first capture along the way, the phone's where there is
    one; :meth:`VantagePoint.recorded_time` keeps what the files say. Captures that share no flow,
    not even by way of others, are put in order and compared each group on its own.
    """
    tell_servers_apart(points)
    flows = join_flows(sorted(points, key=lambda point: point.place))
    _group(points, flows)
    if len(points) > 1:
        way = [point for group in _groups(points) for point in _ordered(group, flows)]
        for number, point in enumerate(way):
            point.number = number
        for flow in flows:
            if len(flow.sightings) > 1:
                flow.sightings.sort(key=lambda sighting: sighting.at.number)
        for _, group in groupby(way, lambda point: point.group):
            _set_clocks(list(group), flows)
        for flow in flows:
            flow.started = flow.first.first_time
        mark_differences(flows, way)
    flows.sort(key=lambda flow: flow.started)
    for number, flow in enumerate(flows, 1):
        flow.id = f"f{number}"
    return flows


def _group(points: Sequence[VantagePoint], flows: Sequence[Flow]) -> None:
    """Number the groups of points that share flows, in their order."""
    groups = [[point] for point in points]
    for flow in flows:
        if len(flow.sightings) > 1 and len(groups) > 1:
            names = {sighting.at.name for sighting in flow.sightings}
            apart = [group for group in groups if names.isdisjoint(point.name for point in group)]
            if len(groups) - len(apart) > 1:
                groups = [
                    *apart,
                    [point for group in groups if group not in apart for point in group],
                ]
    for number, group in enumerate(groups):
        for point in group:
            point.group = number


def _groups(points: Sequence[VantagePoint]) -> list[list[VantagePoint]]:
    """The points of each group, those that begin the way first."""
    groups: dict[int, list[VantagePoint]] = {}
    for point in sorted(points, key=lambda point: point.place):
        groups.setdefault(point.group, []).append(point)
    return list(groups.values())


def _ordered(group: Sequence[VantagePoint], flows: Sequence[Flow]) -> list[VantagePoint]:
    way = order_points(group, flows)
    place_in_the_middle(way, flows)
    return way


def _set_clocks(way: Sequence[VantagePoint], flows: Sequence[Flow]) -> None:
    """Compare each clock with the first one, by way of others where they share no packet."""
    way[0].set_clock(Clock())
    left = list(way[1:])
    while left:
        compared = ((point, _compared(point, way, flows)) for point in left)
        found = next(((point, clock) for point, clock in compared if clock is not None), None)
        if found is None:
            return
        point, clock = found
        point.set_clock(clock)
        left.remove(point)


def _compared(
    point: VantagePoint, way: Sequence[VantagePoint], flows: Sequence[Flow]
) -> Clock | None:
    """A point's clock by the packets that it shares with one whose clock is set, the first such."""
    place = way.index(point)
    for number, known in enumerate(way):
        if known.clock is None:
            continue
        crossings = find_crossings(known, point, flows, known_is_nearer=number < place)
        clock = compare_clocks(crossings, known.clock)
        if clock is not None:
            return clock
    return None


def tie_errors(
    flows: list[Flow], point: VantagePoint, errors: list[IcmpError]
) -> Iterator[tuple[Flow, IcmpError]]:
    """ICMP errors with the flows whose packets they quote: the latest of those ends before them."""
    if not errors:
        return
    by_ends: dict[tuple[int, int, int, int], list[tuple[int, Flow]]] = {}
    for flow in flows:
        for sighting in flow.sightings:
            if sighting.at is point:
                view = sighting.conversation.view
                ends = (view.client, view.client_port, view.server, view.server_port)
                by_ends.setdefault(ends, []).append((view.first_time, flow))
    for error in errors:
        for ends in _quoted_ends(error):
            before = [item for item in by_ends.get(ends, ()) if item[0] <= error.time]
            if before:
                yield before[-1][1], error
                break


def _quoted_ends(error: IcmpError) -> Iterator[tuple[int, int, int, int]]:
    """The ends of the flow that a quoted packet may belong to: either way, or of a TFTP client."""
    source, destination = (
        (error.source, error.source_port),
        (
            error.destination,
            error.destination_port,
        ),
    )
    yield (*source, *destination)
    yield (*destination, *source)
    yield (*source, 0, TFTP)
    yield (*destination, 0, TFTP)
