"""The TCP option that says how large segments may be (RFC 9293, sections 3.1 and 3.7.1)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from capfpcap.capture.octets import Octets, Places

END_OF_OPTIONS, NO_OPERATION, MAXIMUM_SEGMENT_SIZE = 0, 1, 2
"""Kinds of options; the first two are of one octet."""
MSS_LENGTH = 4
MOST_OPTIONS = 40
"""Octets that a TCP header has for options, hence options."""


def read_segment_sizes(octets: Octets, at: Places, ends: Places) -> npt.NDArray[np.uint16]:
    """The MSS of each header whose captured options lie from ``at`` to ``ends``; 0 without one.

    In each round all headers go on by one option together. What lies about its length, or is cut,
    ends the reading of its header.
    """
    sizes = np.zeros(len(at), np.uint16)
    reading, places = np.arange(len(at)), at
    for _ in range(MOST_OPTIONS):
        inside = places < ends[reading]
        reading, places = reading[inside], places[inside]
        if not len(reading):
            break
        kinds, lengths = octets.u8(places), octets.u8(places, 1)
        single = kinds == NO_OPERATION
        after = places + np.where(single, 1, lengths)
        found = (kinds == MAXIMUM_SEGMENT_SIZE) & (lengths == MSS_LENGTH)
        found &= after <= ends[reading]
        sizes[reading[found]] = octets.u16(places[found], 2)
        onward = ~found & (kinds != END_OF_OPTIONS) & (single | (lengths > 1))
        reading, places = reading[onward], after[onward]
    return sizes
