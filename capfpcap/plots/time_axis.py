"""Axes of time: seconds since a moment, told as the time of day in the reader's zone."""

from __future__ import annotations

from datetime import tzinfo

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter

from capfpcap.formats.ladders.words import Times
from capfpcap.formats.page import moment

_SECOND = 1_000_000_000
_STEPS = (
    *(10**power * factor for power in range(3, 9) for factor in (1, 2, 5)),
    *(_SECOND * factor for factor in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800)),
    *(_SECOND * 3600 * factor for factor in (1, 2, 3, 6, 12, 24, 48, 168, 720)),
)
"""Nanoseconds from a tick to the next."""
_MOST_TICKS = 8


def tell_time(axes: Axes, begins: int, ends: int, zone: tzinfo, times: Times = Times.CLOCK) -> None:
    """Make of the x axis, on which seconds since ``begins`` are drawn, one of time.

    ``begins`` and ``ends`` are nanoseconds since 1970 UTC.
    """
    span = max(ends - begins, 1_000)
    step = next((one for one in _STEPS if span / one <= _MOST_TICKS), _STEPS[-1])
    margin = span / 50 / _SECOND
    axes.set_xlim(-margin, span / _SECOND + margin)
    start = 0 if times is Times.RELATIVE else _offset(begins, step, zone)
    ticks = [tick / _SECOND for tick in range(start, span + step // 50 + 1, step)]
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.xaxis.set_major_formatter(FuncFormatter(_Clock(begins, step, zone, times)))
    first = moment(begins, zone)
    if times is Times.RELATIVE:
        axes.set_xlabel(f"seconds since {first:%Y-%m-%d %H:%M:%S.%f %Z}")
    else:
        axes.set_xlabel(f"time, {first:%Y-%m-%d %Z}")


def _offset(begins: int, step: int, zone: tzinfo) -> int:
    """Nanoseconds from ``begins`` to the first moment that a clock there shows as a round one."""
    ahead = moment(begins, zone).utcoffset()
    local = begins + (int(ahead.total_seconds()) * _SECOND if ahead else 0)
    return -local % step


class _Clock:
    """Tells the seconds of an axis as a time."""

    def __init__(self, begins: int, step: int, zone: tzinfo, times: Times) -> None:
        self._begins, self._zone, self._times = begins, zone, times
        self._decimals = max(0, 9 - len(str(step)) + 1) if step < _SECOND else 0
        self._seconds = step % (60 * _SECOND) != 0

    def __call__(self, value: float, _position: int | None = None) -> str:
        """The time at a place of the axis."""
        if self._times is Times.RELATIVE:
            return f"{value:.{self._decimals}f}"
        time = self._begins + round(value * _SECOND)
        shown = moment(time, self._zone)
        if not self._seconds:
            return f"{shown:%H:%M}"
        fraction = f".{time % _SECOND:09d}"[: self._decimals + 1] if self._decimals else ""
        return f"{shown:%H:%M:%S}{fraction}"
