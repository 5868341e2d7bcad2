"""The packets of a phone or a flow: when each was seen where, and which were lost between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from capfpcap.ladder.subject import subject_of
from capfpcap.vantage.fate import Fate, Leg, Passage
from capfpcap.vantage.flow import Flow, VantagePoint
from capfpcap.vantage.verdicts import read_legs

if TYPE_CHECKING:
    from capfpcap.analysis import Analysis

MOST_PACKETS = 40_000
"""Sightings of packets in one picture; more are no more to see."""

_SHORT = 0.4
"""How far a broken packet is drawn: what is lost and what is injected do not meet."""
_LOST = frozenset({Fate.LOST, Fate.UNWATCHED})


class Dot(msgspec.Struct, frozen=True):
    """A packet where it was seen."""

    time: int
    """Nanoseconds since 1970 UTC, by the common clock."""
    place: int
    """Of the vantage point on the way, from 0 at the phone's end."""
    service: str


class Hop(msgspec.Struct, frozen=True):
    """A packet from one vantage point to the next."""

    sent: Dot
    arrived: Dot


class Loss(msgspec.Struct, frozen=True):
    """A packet that did not come from one vantage point to the next, or was never sent."""

    at: Dot
    """Where it was seen last; of an injected one first."""
    place: float
    """On its way to where it should have come to, or from where it should have come."""
    fate: Fate


class Way(msgspec.Struct, frozen=True):
    """One direction."""

    to_server: bool
    dots: tuple[Dot, ...]
    hops: tuple[Hop, ...]
    losses: tuple[Loss, ...]


class Packets(msgspec.Struct, frozen=True):
    """Everything that a picture of a path shows."""

    title: str
    points: tuple[str, ...]
    """The captures along the way, the phone's end first."""
    compared: bool
    """Whether all their clocks are comparable."""
    begins: int
    ends: int
    ways: tuple[Way, Way]
    left_out: int


def packets_of(analysis: Analysis, phone: str | None, flow: str | None) -> Packets:
    """The packets of a phone's flows, or of one flow.

    Raises:
        LookupError: no such phone or flow; the message is one sentence.
    """
    subject = subject_of(analysis, phone, flow)
    points = sorted(analysis.scene.points, key=lambda point: point.number)
    places = {point.name: place for place, point in enumerate(points)}
    legs = [(one, read_legs(one)) for one in subject.flows if _several(one)]
    ways, left_out = [], 0
    for to_server in (True, False):
        dots = list(_dots(subject.flows, places, to_server=to_server))
        left_out += max(0, len(dots) - MOST_PACKETS // 2)
        ways.append(
            Way(
                to_server,
                tuple(dots[: MOST_PACKETS // 2]),
                tuple(_hops(legs, places, to_server=to_server))[: MOST_PACKETS // 2],
                tuple(_losses(legs, places, to_server=to_server))[: MOST_PACKETS // 2],
            )
        )
    times = [dot.time for way in ways for dot in way.dots]
    return Packets(
        title=subject.title,
        points=tuple(point.name for point in points),
        compared=len(points) == 1 or all(point.clock is not None for point in points),
        begins=min(times, default=0),
        ends=max(times, default=0),
        ways=(ways[0], ways[1]),
        left_out=left_out,
    )


def _several(flow: Flow) -> bool:
    return len(flow.sightings) > 1 or bool(flow.unseen_at)


def _dots(flows: Sequence[Flow], places: dict[str, int], *, to_server: bool) -> Iterator[Dot]:
    for flow in flows:
        for sighting in flow.sightings:
            view, table = sighting.conversation.view, sighting.at.table
            times = table.columns.time[view.rows].tolist()
            for time, up in zip(times, table.directions(view.rows), strict=True):
                if up == to_server:
                    yield Dot(time, places[sighting.at.name], flow.service.value)


_FlowLegs = Sequence[tuple[Flow, list[Leg]]]


def _passages(legs: _FlowLegs, *, to_server: bool) -> Iterator[tuple[Flow, Leg, Passage]]:
    for flow, of_flow in legs:
        for leg in of_flow:
            if leg.to_server == to_server:
                for passage in leg.passages:
                    yield flow, leg, passage


def _hops(legs: _FlowLegs, places: dict[str, int], *, to_server: bool) -> Iterator[Hop]:
    for flow, leg, passage in _passages(legs, to_server=to_server):
        if passage.sent_row is not None and passage.arrived_row is not None:
            sent = _dot(leg.origin, passage.sent_row, places, flow)
            yield Hop(sent, _dot(leg.goal, passage.arrived_row, places, flow))


def _losses(legs: _FlowLegs, places: dict[str, int], *, to_server: bool) -> Iterator[Loss]:
    for flow, leg, passage in _passages(legs, to_server=to_server):
        step = _SHORT if places[leg.goal.name] > places[leg.origin.name] else -_SHORT
        if passage.fate in _LOST and passage.sent_row is not None:
            dot = _dot(leg.origin, passage.sent_row, places, flow)
            yield Loss(dot, dot.place + step, passage.fate)
        elif passage.fate is Fate.INJECTED and passage.arrived_row is not None:
            dot = _dot(leg.goal, passage.arrived_row, places, flow)
            yield Loss(dot, dot.place - step, passage.fate)


def _dot(point: VantagePoint, row: int, places: dict[str, int], flow: Flow) -> Dot:
    time = int(point.table.columns.time[row])
    return Dot(time, places[point.name], flow.service.value)
