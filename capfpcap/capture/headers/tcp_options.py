"""TCP options: the size of segments, and selective acknowledgements.

See RFC 9293, section 3.7.1, and RFC 2018.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from capfpcap.capture.octets import Octets, Places

END_OF_OPTIONS, NO_OPERATION, MAXIMUM_SEGMENT_SIZE, SELECTIVE = 0, 1, 2, 5
"""Kinds of options; the first two are of one octet."""
MSS_LENGTH = 4
BLOCK = 8
"""Octets of a block: the numbers of its first octet and of the one behind its last."""
SELECTIVE_LENGTHS = tuple(2 + BLOCK * blocks for blocks in (1, 2, 3, 4))
"""As many blocks as there is room for (RFC 2018, section 3)."""
SHORTEST_SELECTIVE = 12
"""Octets of options that hold one block: headers are as long as a multiple of 4."""
ONLY_TIMESTAMPS = 0x0101080A
"""How 12 octets of options begin that are two of no operation and a timestamp (RFC 7323), which is
how hosts lay them out."""
MOST_OPTIONS = 40
"""Octets that a TCP header has for options, hence options."""


def read_segment_sizes(octets: Octets, at: Places, ends: Places) -> npt.NDArray[np.uint16]:
    """The MSS of each header whose captured options lie from ``at`` to ``ends``; 0 without one."""
    sizes = np.zeros(len(at), np.uint16)
    headers, places = _find(octets, at, ends, MAXIMUM_SEGMENT_SIZE, (MSS_LENGTH,))
    sizes[headers] = octets.u16(places, 2)
    return sizes


def read_selective(
    octets: Octets, at: Places, ends: Places
) -> tuple[Places, npt.NDArray[np.uint64]]:
    """The blocks of selective acknowledgements, in the order of headers and of their options.

    Returns which header each is of, and both edges in one number, the left one in the upper half.
    """
    headers, places = _find(octets, at, ends, SELECTIVE, SELECTIVE_LENGTHS)
    order = np.argsort(headers)
    headers, places = headers[order], places[order]
    counts = (octets.u8(places, 1).astype(np.int64) - 2) // BLOCK
    before = np.cumsum(counts) - counts
    number = np.arange(counts.sum()) - np.repeat(before, counts)
    blocks_at = np.repeat(places + 2, counts) + number * BLOCK
    edges = octets.u32(blocks_at).astype(np.uint64) << np.uint64(32)
    edges |= octets.u32(blocks_at, 4)
    return np.repeat(headers, counts), edges


def _find(
    octets: Octets, at: Places, ends: Places, kind: int, lengths: tuple[int, ...]
) -> tuple[Places, Places]:
    """Which headers have an option of a kind, and where; of several the first one.

    In each round all headers go on by one option together. What lies about its length, or is cut,
    ends the reading of its header.
    """
    headers: list[Places] = [np.empty(0, np.int64)]
    found_at: list[Places] = [np.empty(0, np.int64)]
    reading, places = np.arange(len(at)), at
    for _ in range(MOST_OPTIONS):
        inside = places < ends[reading]
        reading, places = reading[inside], places[inside]
        if not len(reading):
            break
        kinds, stated = octets.u8(places), octets.u8(places, 1)
        single = kinds == NO_OPERATION
        after = places + np.where(single, 1, stated)
        found = (kinds == kind) & np.isin(stated, lengths) & (after <= ends[reading])
        headers.append(reading[found])
        found_at.append(places[found])
        onward = ~found & (kinds != END_OF_OPTIONS) & (single | (stated > 1))
        reading, places = reading[onward], after[onward]
    return np.concatenate(headers), np.concatenate(found_at)
