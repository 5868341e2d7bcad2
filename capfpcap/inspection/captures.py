"""The captures themselves: when they ran, how their clocks compare, what of them could be used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from capfpcap.capture.columns import CaptureFile
from capfpcap.compose.whole import describe_captures
from capfpcap.report import Capture
from capfpcap.trust.certificate import NANOSECONDS
from capfpcap.vantage.clock import Clock, Sureness
from capfpcap.vantage.flow import VantagePoint, clock_base

_PARTS_PER_MILLION = 1e6


class Flaw(Struct, frozen=True):
    """What is wrong with a capture, or limits what it can tell."""

    text: str
    count: int
    """How many packets it concerns; 0 where they are not counted."""
    frame: int | None
    """The first one concerned, where that is known."""


class CaptureDetails(Struct, frozen=True):
    """One file, with what the report says of it."""

    capture: Capture
    span_s: float | None
    """Seconds from its first packet to its last."""
    kept: int
    """Packets that are analysed: those that matter, repetitions by the mirror left out."""
    clock: str
    """How its clock compares with that of the first capture along the way, in words."""
    flaws: tuple[Flaw, ...]


def capture_details(points: Sequence[VantagePoint]) -> tuple[CaptureDetails, ...]:
    """All files of all vantage points, in the report's order."""
    described = describe_captures(list(points)).captures
    files = [
        (point, number, file)
        for point in points
        for number, file in enumerate(point.table.capture.files)
    ]
    return tuple(
        CaptureDetails(
            capture=capture,
            span_s=_span(file),
            kept=int((point.table.columns.file == number).sum()),
            clock=_clock(point, points),
            flaws=tuple(_flaws(point, file)),
        )
        for capture, (point, number, file) in zip(described, files, strict=True)
    )


def _span(file: CaptureFile) -> float | None:
    if file.first is None or file.last is None:
        return None
    return (file.last - file.first) / NANOSECONDS


def _clock(point: VantagePoint, points: Sequence[VantagePoint]) -> str:
    first = min(points, key=lambda one: one.number)
    base = clock_base(point, points)
    if base is point and point is not first:
        return clock_words(None, first.name)
    return clock_words(point.clock, None if base is point else base.name)


def clock_words(clock: Clock | None, base: str | None) -> str:
    """How far a clock is from that of the capture ``base``; None: it is that clock."""
    if base is None:
        return "the common clock"
    if clock is None:
        return f"not compared with that of {base}: no packet is in both"
    if not clock.differs and clock.error is not None:
        return f"that of {base}, within {clock.error / NANOSECONDS:.6f} s"
    ahead = f"{clock.ahead / NANOSECONDS:+.6f} s against {base}"
    if clock.sureness is Sureness.AT_MOST:
        ahead = f"at most {ahead}"
    elif clock.sureness is Sureness.AT_LEAST:
        ahead = f"at least {ahead}"
    error = "" if clock.error is None else f" ±{clock.error / NANOSECONDS:.6f} s"
    drift = clock.drift * _PARTS_PER_MILLION
    return ahead + error + (f", drifts {drift:+.1f} ppm" if clock.drift else "")


def _flaws(point: VantagePoint, file: CaptureFile) -> Iterator[Flaw]:
    if not file.packets and not file.problems:
        yield Flaw("holds no packet", 0, None)
    for problem in file.problems:
        yield Flaw(problem.text, problem.count, problem.frame)
    table = point.table
    if table.duplicates:
        text = "packets recorded twice by the mirror, left out"
        yield Flaw(text, table.duplicates, None)
    if table.one_sided:
        whose = "clients" if bool(table.to_server[0]) else "servers"
        yield Flaw(f"only packets of {whose} were recorded", len(table.columns), None)
