"""How the clocks of two captures compare, told by the packets that both hold.

A packet that goes from one place to the other arrives later than it left. So of all packets one way
the fastest bounds from above how far the second clock is ahead, and of all packets the other way
the fastest bounds it from below: the truth lies between, and half the distance of the bounds, which
is half of the shortest round trip, is the uncertainty (as in NTP, RFC 5905, section 8). If packets
of one direction only are common to both, there is one bound. Where captures are long, the bounds of
successive spans of time show whether one clock runs faster.
"""

from __future__ import annotations

from enum import Enum

import numpy as np
import numpy.typing as npt
from msgspec import Struct

Times = npt.NDArray[np.int64]

MOST_SPANS = 32
"""Spans of time in which the bounds are taken one by one to see a drift."""
_SHORTEST_SPAN = 5_000_000_000
"""Nanoseconds; clocks drift by 100 microseconds a second at the worst."""
_FEWEST_SPANS = 3
_STRAIGHT = 3
"""A drift must exceed so many times the uncertainty, over all of the captures."""


class Sureness(Enum):
    """What is known of a clock."""

    BOTH_WAYS = "both ways"
    """Packets of both directions bound the offset."""
    AT_MOST = "at most"
    """It is ahead by no more than the offset: packets came towards it only."""
    AT_LEAST = "at least"
    """It is ahead by no less than the offset: packets came from it only."""


class Clock(Struct, frozen=True):
    """How a capture's own clock compares with the common one."""

    ahead: int = 0
    """Nanoseconds by which the own clock is ahead, at :attr:`reference`."""
    error: int | None = 0
    """Nanoseconds by which that may be wrong; None where it is a bound."""
    drift: float = 0.0
    """By how much the own clock gains, in seconds a second."""
    reference: int = 0
    """A moment by the own clock, nanoseconds since 1970 UTC."""
    sureness: Sureness = Sureness.BOTH_WAYS

    @property
    def differs(self) -> bool:
        """Whether times must be changed at all: not where the clocks may well be equal."""
        return bool(self.drift) or abs(self.ahead) > (self.error or 0)

    def common_times(self, own: Times) -> Times:
        """Times by the common clock."""
        common: Times = own - self.ahead
        if self.drift:
            common -= np.rint((own - self.reference) * self.drift).astype(np.int64)
        return common

    def common(self, own: int) -> int:
        """A time by the common clock."""
        return int(self.common_times(np.array([own], np.int64))[0])


class Crossings(Struct, frozen=True, eq=False):
    """Packets that two captures hold: when, by the clock of each, and which way."""

    near: Times
    """By the clock that is known."""
    far: Times
    """By the clock that is to be known."""
    to_far: npt.NDArray[np.bool_]
    """Whether a packet went from the first place to the second."""


def compare_clocks(crossings: Crossings, base: Clock) -> Clock | None:
    """The second clock; None where nothing crossed. ``base`` says how sure the first is."""
    if not len(crossings.near):
        return None
    reference = int(crossings.far[0])
    elapsed = (crossings.far - reference).astype(np.float64)
    apart = crossings.far - crossings.near
    drift = _drift(elapsed, apart, crossings.to_far)
    if drift:
        apart = apart - np.rint(elapsed * drift).astype(np.int64)
    upper, lower = _bounds(apart, crossings.to_far)
    ahead, error, sureness = _between(upper, lower)
    if error is not None:
        error = None if base.error is None else error + base.error
    return Clock(ahead, error, drift, reference, sureness)


def _bounds(apart: Times, to_far: npt.NDArray[np.bool_]) -> tuple[int | None, int | None]:
    """The least and the most by which the second clock can be ahead."""
    towards, back = apart[to_far], apart[~to_far]
    return (
        int(towards.min()) if len(towards) else None,
        int(back.max()) if len(back) else None,
    )


def _between(upper: int | None, lower: int | None) -> tuple[int, int | None, Sureness]:
    if upper is not None and lower is not None:
        return (upper + lower) // 2, (abs(upper - lower) + 1) // 2, Sureness.BOTH_WAYS
    if upper is not None:
        return upper, None, Sureness.AT_MOST
    assert lower is not None
    return lower, None, Sureness.AT_LEAST


def _drift(elapsed: npt.NDArray[np.float64], apart: Times, to_far: npt.NDArray[np.bool_]) -> float:
    """The slope of the offset over time, 0.0 where none is sure."""
    first, length = float(elapsed.min()), float(elapsed.max() - elapsed.min())
    spans = min(MOST_SPANS, int(length // _SHORTEST_SPAN))
    if spans < _FEWEST_SPANS:
        return 0.0
    number = np.minimum(((elapsed - first) * spans / length).astype(np.int64), spans - 1)
    moments, middles, errors = [], [], []
    for span in range(spans):
        rows = number == span
        upper, lower = _bounds(apart[rows], to_far[rows])
        if upper is not None and lower is not None:
            moments.append(float(elapsed[rows].mean()))
            middles.append((upper + lower) / 2)
            errors.append(abs(upper - lower) / 2)
    return _slope(np.array(moments), np.array(middles), np.array(errors), length)


def _slope(
    moments: npt.NDArray[np.float64],
    middles: npt.NDArray[np.float64],
    errors: npt.NDArray[np.float64],
    length: float,
) -> float:
    """The median of the slopes between all pairs of spans (Theil and Sen), if it is significant."""
    if len(moments) < _FEWEST_SPANS:
        return 0.0
    one, other = np.triu_indices(len(moments), 1)
    slope = float(np.median((middles[other] - middles[one]) / (moments[other] - moments[one])))
    residual = middles - middles.mean() - slope * (moments - moments.mean())
    uncertain = float(np.median(errors) + np.median(np.abs(residual)))
    return slope if abs(slope) * length > _STRAIGHT * uncertain else 0.0
