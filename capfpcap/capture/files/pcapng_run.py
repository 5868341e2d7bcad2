"""Packet blocks of a pcapng window that lie one behind the other, found all at once."""

from __future__ import annotations

import struct

import numpy as np
import numpy.typing as npt

from capfpcap.capture.files.lockstep import BLOCK_LENGTH_AT, BlockLockstep
from capfpcap.capture.files.pcapng_records import Block
from capfpcap.capture.octets import Octets, Places

LEAST_BLOCK = 12
"""Octets of a type and of two lengths."""
SHORTEST_RUN = 4
"""Blocks of an average run from which on they are found sooner together than one by one."""
_NONE: Places = np.empty(0, np.int64)


class FrameBlocks:
    """Blocks that have frame numbers, in their order."""

    def __init__(self) -> None:
        self.count = 0
        self._parts: list[tuple[Places, Places]] = []
        self._single: list[int] = []
        self._kinds: list[int] = []

    def add(self, place: int, kind: int) -> None:
        """One block."""
        self._single.append(place)
        self._kinds.append(kind)
        self.count += 1

    def add_packets(self, places: Places) -> None:
        """Enhanced packet blocks."""
        if len(places):
            self._put_single()
            self._parts.append((places, np.full(len(places), Block.ENHANCED_PACKET, np.int64)))
            self.count += len(places)

    def _put_single(self) -> None:
        single, kinds = np.array(self._single, np.int64), np.array(self._kinds, np.int64)
        self._parts.append((single, kinds))
        self._single, self._kinds = [], []

    def arrays(self) -> tuple[Places, Places]:
        """Where they begin, and their types."""
        self._put_single()
        places, kinds = zip(*self._parts, strict=True)
        return np.concatenate(places), np.concatenate(kinds)


class PacketRuns:
    """The blocks of a window as their lengths tell; what stands in them is looked at here.

    Behind another section header, whose octets may be in another order, it knows of no block.
    """

    def __init__(self, buffer: bytearray, octets: Octets, at: int, end: int, little: bool) -> None:
        self._buffer, self._octets = buffer, octets
        self._end, self._little = end, little
        last = end - LEAST_BLOCK
        self._places = _NONE
        if at <= last:
            walk = BlockLockstep(buffer, little, Block.ENHANCED_PACKET, LEAST_BLOCK).walk
            self._places, _ = walk(at, last, self._plain)
        self._behind = self._ends(self._places)
        self._packets = self._whole_packets()
        self._breaks = np.append(np.flatnonzero(~self._packets), len(self._places))

    @property
    def worth_their_while(self) -> bool:
        """Whether packets are so many among the blocks that runs of them are longer than a few."""
        return len(self._breaks) * SHORTEST_RUN <= len(self._places)

    def run(self, at: int) -> tuple[Places, int]:
        """The enhanced packet blocks from ``at`` on up to another block, and where that begins."""
        first = int(np.searchsorted(self._places, at))
        if first == len(self._places) or self._places[first] != at:
            return _NONE, at
        next_break = int(np.searchsorted(self._breaks, first))
        stop = (
            int(self._breaks[next_break]) if next_break < len(self._breaks) else len(self._places)
        )
        return self._places[first:stop], int(self._behind[stop - 1]) if stop > first else at

    def _plain(self, at: int, last: int) -> tuple[Places, int]:
        """The walk from block to block, as one would write it first."""
        places = []
        length_at = struct.Struct("<I" if self._little else ">I").unpack_from
        while at <= last:
            places.append(at)
            (length,) = length_at(self._buffer, at + BLOCK_LENGTH_AT)
            at += max(length + 3 & ~3, LEAST_BLOCK)
        return np.array(places, np.int64), at

    def _length(self, places: Places) -> Places:
        return self._octets.u32(places, BLOCK_LENGTH_AT, little=self._little).astype(np.int64)

    def _ends(self, places: Places) -> Places:
        ends: Places = places + np.maximum(self._length(places) + 3 & ~3, LEAST_BLOCK)
        return ends

    def _whole_packets(self) -> npt.NDArray[np.bool_]:
        """Which blocks are enhanced packet blocks that lie in the window and state one length."""
        places, behind = self._places, self._behind
        kinds = self._octets.u32(places, little=self._little)
        marks: npt.NDArray[np.bool_] = kinds == Block.ENHANCED_PACKET
        marks &= (behind <= self._end) & (self._length(places) >= LEAST_BLOCK)
        trailer = np.minimum(behind, self._end) - 4
        marks &= self._octets.u32(trailer, little=self._little) == self._length(places)
        return marks
