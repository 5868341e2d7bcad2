"""What was measured, and the tables of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from statistics import median

import msgspec

OPENING = 1.5
"""Times of ``check`` that opening may take."""
KEY_S = 0.1
"""Seconds within which 95 of 100 keys are to be answered."""
PERCENT = 95


class Timed(msgspec.Struct, frozen=True):
    """What one key took."""

    screen: str
    does: str
    painted_s: float
    """Seconds until the last of what it changed was painted."""
    pressed_s: float
    """Seconds that Textual's pilot took to press it, which waits until the program is at rest."""
    own_s: float
    """Processor seconds of the application, until then."""
    engine_s: float
    """Processor seconds of the engine meanwhile."""


class Run(msgspec.Struct, frozen=True):
    """One visit."""

    opened_s: float
    """Seconds from before the process was started until all phones were listed."""
    keys: list[Timed]


def percentile(values: Iterable[float], percent: int = PERCENT) -> float:
    """The smallest value that so many of a hundred do not exceed."""
    ordered = sorted(values)
    return ordered[max(-(-len(ordered) * percent // 100) - 1, 0)]


def keys_table(keys: Sequence[Timed]) -> str:
    """A row for each screen and what keys do there, and one for all."""
    groups: dict[tuple[str, str], list[Timed]] = {}
    for key in keys:
        groups.setdefault((key.screen, key.does), []).append(key)
    lines = [
        "| screen | key | pressed | painted p50, p95, max ms | pilot p50, p95 ms |"
        " own CPU p50, max ms | engine CPU p50 ms |",
        "|---|---|---:|---|---|---|---:|",
        *(_row(screen, does, found) for (screen, does), found in groups.items()),
        _row("**all**", "", keys),
    ]
    return "\n".join(lines)


def _row(screen: str, does: str, keys: Sequence[Timed]) -> str:
    painted = [key.painted_s for key in keys]
    pilot = [key.pressed_s for key in keys]
    own = [key.own_s for key in keys]
    cells = (
        screen,
        does,
        str(len(keys)),
        _milliseconds(painted, median, percentile, max),
        _milliseconds(pilot, median, percentile),
        _milliseconds(own, median, max),
        _milliseconds([key.engine_s for key in keys], median),
    )
    return f"| {' | '.join(cells)} |"


def _milliseconds(values: Sequence[float], *kinds: Callable[[Sequence[float]], float]) -> str:
    return ", ".join(f"{1000 * kind(values):.0f}" for kind in kinds)
