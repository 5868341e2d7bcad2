"""How the clocks of captures compare."""

from __future__ import annotations

from collections.abc import Iterator

from capfpcap.report import Severity, Stage
from capfpcap.rules.model.case import Scene
from capfpcap.rules.model.code import Code, Family
from capfpcap.rules.model.draft import Draft
from capfpcap.rules.model.timeouts import SECOND
from capfpcap.vantage.clock import Clock, Sureness
from capfpcap.vantage.flow import VantagePoint, clock_base

WORTH_SAYING = SECOND
"""Nanoseconds of difference from which on people are misled by the captures' own times."""

CAPTURE_CLOCK_OFFSET = Code(
    code="capture-clock-offset",
    family=Family.CAPTURES,
    severity=Severity.INFO,
    stage=Stage.CAPTURES,
    screen=None,
    meaning="The clocks of the captures differ; the report uses that of the first capture along "
    "the way, and shows evidence with the time in its own file.",
    told_by="The fastest packet each way between two captures: the offset lies between the two.",
    not_this="The time that packets take on their way.",
    remedy="Nothing; to compare captures by hand, synchronise the capturing hosts by NTP.",
)


@CAPTURE_CLOCK_OFFSET.by_scene
def capture_clock_offset(scene: Scene) -> Iterator[Draft]:
    """A clock that is far from that of the first capture with which it shares packets."""
    for point in scene.points:
        clock, base = point.clock, clock_base(point, scene.points)
        if clock is None or point is base:
            continue
        most = max(abs(clock.ahead), abs(clock.ahead + _gained(point, clock)))
        if most <= max(WORTH_SAYING, clock.error or 0):
            continue
        way = "ahead of" if clock.ahead > 0 else "behind"
        yield Draft(
            CAPTURE_CLOCK_OFFSET,
            title=f"{point.name}: its clock is {abs(clock.ahead) / SECOND:.6f} s {way} "
            f"{base.name}'s{_sureness(clock)}",
            detail=f"The fastest packets between {base.name} and {point.name} tell: "
            f"{clock.ahead / SECOND:+.6f} s{_sureness(clock)}.{_drift(clock)} All times but those "
            f"of evidence are those of {base.name}.",
            proofs=(),
        )


def _gained(point: VantagePoint, clock: Clock) -> float:
    """Nanoseconds by which the offset grows until the capture's end."""
    end = point.table.end
    return 0.0 if end is None else (end - clock.reference) * clock.drift


def _sureness(clock: Clock) -> str:
    if clock.sureness is Sureness.AT_MOST:
        return " at most (packets of one direction only are common to both)"
    if clock.sureness is Sureness.AT_LEAST:
        return " at least (packets of one direction only are common to both)"
    return "" if clock.error is None else f" (±{clock.error / SECOND:.6f} s)"


def _drift(clock: Clock) -> str:
    if not clock.drift:
        return ""
    way = "gains" if clock.drift > 0 else "loses"
    return f" It {way} {abs(clock.drift) * 1e6:.1f} microseconds a second."
