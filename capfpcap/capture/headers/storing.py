"""Payloads copied out of a window, and each of many equal ones only once.

Thousands of phones load the same trust list: of the payloads of a morning's enrolments two thirds
are octets that other phones were sent just before.
"""

from __future__ import annotations

import numpy as np

from capfpcap.capture.columns import PayloadStore
from capfpcap.capture.octets import Octets, Places

UNIT = 16
"""Octets of a payload that are copied in one step; at most :data:`octets.SLACK`."""
WORTH_COMPARING = 256
"""Octets from which on a payload is looked for among those before it: TFTP's blocks have 516."""


def store(
    octets: Octets, at: Places, lengths: Places, payloads: PayloadStore
) -> tuple[int, Places]:
    """Copies payloads into one chunk; its index and where in it each payload begins.

    Whole units are copied, so that what lies behind a payload may fill its last one up.
    """
    first = _first_of_equals(octets, at, lengths)
    units = -(lengths // -UNIT)
    units[first != np.arange(len(first))] = 0
    places = (np.cumsum(units) - units) * UNIT
    starts = np.repeat(at - places, units)
    starts += np.arange(0, len(starts) * UNIT, UNIT)
    return payloads.add(octets.units(starts, UNIT)), places[first]


def _first_of_equals(octets: Octets, at: Places, lengths: Places) -> Places:
    """For each payload the first one with the same octets; short ones stand for themselves."""
    first = np.arange(len(lengths))
    long = np.flatnonzero(lengths >= WORTH_COMPARING)
    start = at[long]
    seen: dict[bytes, int] = {}
    first[long] = [
        seen.setdefault(octets.bytes(begin, end), row)
        for row, begin, end in zip(
            long.tolist(), start.tolist(), (start + lengths[long]).tolist(), strict=True
        )
    ]
    return first
