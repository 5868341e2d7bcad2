"""In which order vantage points lie on the way from the clients to the servers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import numpy as np

from capfpcap.vantage.flow import Flow, Sighting, VantagePoint
from capfpcap.vantage.role import Role

_SAMPLED_FLOWS = 200
_LAST = 256
"""Hops that no packet has behind it: where a point that shares no flow is put."""


def order_points(points: Sequence[VantagePoint], flows: Sequence[Flow]) -> list[VantagePoint]:
    """The points from the clients' end to the servers'.

    Routers count the TTL of the clients' packets down from one to the next. Where no router lies
    between, the role tells, and then how long the server's answer to a SYN takes to come by.
    """
    by_role = sorted(points, key=lambda point: point.place)
    hops = _hops_behind(by_role[0], by_role[1:], flows)
    answers = {point.name: _answer_time(point, flows) for point in points}

    def position(point: VantagePoint) -> tuple[bool, int, int, int]:
        given_end = point.role_given and point.role is not Role.OTHER
        first = point.role is Role.PHONE and given_end
        return not first, hops[point.name], point.place, -answers[point.name]

    return sorted(by_role, key=position)


def place_in_the_middle(way: Sequence[VantagePoint], flows: Sequence[Flow]) -> None:
    """Take for a point on the way what seemed to be the phone's, where another is nearer to it.

    On the phone's own network a capture at the router looks like one at the phone.
    """
    first = way[0]
    if first.role is not Role.PHONE:
        return
    for number, point in enumerate(way[1:], 1):
        seems = point.role is Role.PHONE and not point.role_given
        if seems and any(flow.seen_at(first) and flow.seen_at(point) for flow in flows):
            point.role = Role.OTHER
            point.ids = tuple(
                f"middle-{number}" + f".{file}" * (file > 0) for file in range(len(point.ids))
            )


def _hops_behind(
    reference: VantagePoint, others: Sequence[VantagePoint], flows: Sequence[Flow]
) -> dict[str, int]:
    """By the name of each point, how many more routers clients' packets have passed there."""
    hops = {reference.name: 0}
    for point in others:
        shared = (pair for flow in flows if (pair := _both(flow, reference, point)) is not None)
        between = (_hops_between(*pair) for pair in islice(shared, _SAMPLED_FLOWS))
        apart = [hops_apart for hops_apart in between if hops_apart is not None]
        unknown = 0 if point.role in (Role.PHONE, Role.OTHER) else _LAST
        hops[point.name] = _median(apart) if apart else unknown
    return hops


def _median(values: list[int]) -> int:
    """The middle one of some values; of two in the middle the lower one."""
    return sorted(values)[(len(values) - 1) // 2]


def _both(flow: Flow, one: VantagePoint, other: VantagePoint) -> tuple[Sighting, Sighting] | None:
    here, there = flow.seen_at(one), flow.seen_at(other)
    return None if here is None or there is None else (here, there)


def _hops_between(one: Sighting, other: Sighting) -> int | None:
    """How many more routers the client's packets of a flow have passed at the second place.

    Where a capture lacks those, as many as the server's have yet to pass.
    """
    for up in (True, False):
        ttl, far_ttl = _first_ttl(one, up=up), _first_ttl(other, up=up)
        if ttl is not None and far_ttl is not None:
            return ttl - far_ttl if up else far_ttl - ttl
    return None


def _first_ttl(sighting: Sighting, *, up: bool) -> int | None:
    """The TTL of a flow's first packet of one direction."""
    view = sighting.conversation.view
    rows = np.flatnonzero(view.table.to_server[view.rows] == up)
    return int(view.table.columns.ttl[view.start + int(rows[0])]) if len(rows) else None


def _answer_time(point: VantagePoint, flows: Sequence[Flow]) -> int:
    """The median time from a SYN to its SYN-ACK, nanoseconds; longest beside the client."""
    times = point.table.columns.time
    taken: list[int] = []
    for flow in flows:
        for sighting in flow.sightings:
            connection = sighting.conversation.connection
            if sighting.at is point and connection is not None:
                syns, answers = connection.client.syns, connection.server.syns
                if len(syns) == 1 and len(answers) == 1:
                    taken.append(int(times[answers[0]] - times[syns[0]]))
        if len(taken) >= _SAMPLED_FLOWS:
            break
    return _median(taken) if taken else 0
