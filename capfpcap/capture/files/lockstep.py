"""From record to record of a large window along many chains at once.

Each record of a capture file says only where the next one begins, so that a walk takes one step
after another. Here the window is cut into sections; in each a record is guessed, in a classic file
by the upper half of its seconds, which all records of some hours share, and in a pcapng file by the
type of the commonest block; and all chains that begin at the guesses are followed together. A guess
counts only if the chain before it comes out exactly there. Where it does not, the plain walk
bridges the gap, so that the outcome is always that of the plain walk.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from capfpcap.capture.octets import Places
from capfpcap.capture.records import MAX_RECORD

SECTION = 1 << 14
"""Octets in which one record is guessed: some tens of records, so that guessing pays."""
SEARCHED = 1 << 12
"""Octets of a section in which the guess is looked for."""
LONGEST_CHAIN = 2 * SECTION
"""Octets over which a chain is followed at most, so that none keeps all others waiting."""
LEAST_CHAINS = 32
"""Fewer chains are not worth an array operation for each step."""
BLOCK_LENGTH_AT = 4
"""Where a pcapng block says how long it is, behind its type."""
STEPS = 4
"""Steps between two looks at whether all chains have ended."""

Walk = Callable[[int, int], tuple[Places, int]]
"""The plain walk: from the record at one offset through all that begin before another offset or at
it; where they begin, and the offset to which the last one leads."""


class _Chains(Struct, frozen=True):
    """Records that follow one another from each of several guesses on."""

    first: list[int]
    places: list[Places]
    behind: list[int]
    """Where each chain came out."""


class Lockstep:
    """One window with what it takes to guess records and to follow them."""

    def __init__(self, buffer: bytearray, little: bool, length_at: int, header: int) -> None:
        self._buffer = buffer
        self._header = header
        self._length_at = length_at
        self._seconds_at = 2 if little else 0
        kind = "<u4" if little else ">u4"
        self._words: npt.NDArray[np.uint32] = np.ndarray(
            (len(buffer) - 3,), kind, buffer, strides=(1,)
        )

    def walk(self, at: int, last: int, plain: Walk) -> tuple[Places, int]:
        """What ``plain`` would answer, found faster where the window is large."""
        guesses = self._guesses(at, last)
        if len(guesses) < LEAST_CHAINS:
            return plain(at, last)
        return _joined(self._follow(guesses, last), at, last, plain)

    def _guesses(self, at: int, last: int) -> Places:
        """The record at ``at``, and in later sections what looks like a record before another."""
        shift = self._seconds_at
        mark = bytes(self._buffer[at + shift : at + shift + 2])
        find = self._buffer.find
        found = [
            find(mark, section, section + SEARCHED) - shift
            for section in range(at + SECTION, last - SEARCHED, SECTION)
        ]
        guesses = np.array([at, *(place for place in found if place > at)], np.int64)
        captured = self._words[guesses + self._length_at]
        following = guesses + self._header + captured
        plausible = (captured <= MAX_RECORD) & (following <= last)
        upper = self._words[np.minimum(following, last)] >> 16
        plausible &= upper == self._words[at] >> 16
        plausible[0] = True
        return guesses[plausible]

    def _behind(self, places: Places) -> Places:
        """Where the records at these places lead, which may be anywhere."""
        top = len(self._words) - 1 - self._length_at
        behind: Places = places + self._words[np.minimum(places, top) + self._length_at]
        return behind + self._header

    def _follow(self, guesses: Places, last: int) -> _Chains:
        """All chains, each up to the next guess or :data:`LONGEST_CHAIN`."""
        ends = np.minimum(np.append(guesses[1:], last + 1), guesses + LONGEST_CHAIN)
        place, history = guesses, [guesses]
        while (place < ends).any():
            for _ in range(STEPS):
                place = self._behind(place)
                history.append(place)
        steps = np.stack(history, axis=1)
        counts = np.count_nonzero(steps < ends[:, np.newaxis], axis=1)
        behind = steps[np.arange(len(guesses)), counts]
        places = [chain[:count] for chain, count in zip(steps, counts.tolist(), strict=True)]
        return _Chains(guesses.tolist(), places, behind.tolist())


class BlockLockstep(Lockstep):
    """As :class:`Lockstep`, for the blocks of a pcapng section."""

    def __init__(self, buffer: bytearray, little: bool, kind: int, least: int) -> None:
        """``kind`` is the type of the commonest block, ``least`` how many octets any has."""
        super().__init__(buffer, little, BLOCK_LENGTH_AT, least)
        self._mark = kind.to_bytes(4, "little" if little else "big")

    def _guesses(self, at: int, last: int) -> Places:
        """The block at ``at``, and in later sections one of the commonest kind."""
        find = self._buffer.find
        found = [
            find(self._mark, section, section + SEARCHED)
            for section in range(at + SECTION, last - SEARCHED, SECTION)
        ]
        guesses = np.array([at, *(place for place in found if place > at)], np.int64)
        length = self._words[guesses + BLOCK_LENGTH_AT].astype(np.int64)
        behind = self._behind(guesses)
        plausible = (length <= MAX_RECORD) & (behind <= last)
        plausible &= self._words[np.minimum(behind, last) - 4] == length
        plausible[0] = True
        return guesses[plausible]

    def _behind(self, places: Places) -> Places:
        top = len(self._words) - 1 - BLOCK_LENGTH_AT
        length = self._words[np.minimum(places, top) + BLOCK_LENGTH_AT].astype(np.int64)
        behind: Places = places + np.maximum(length + 3 & ~3, self._header)
        return behind


def _joined(chains: _Chains, at: int, last: int, plain: Walk) -> tuple[Places, int]:
    """The chains that begin where the one before came out, and plain walks between them."""
    parts: list[Places] = []
    for first, places, behind in zip(chains.first, chains.places, chains.behind, strict=True):
        if at < first:
            bridge, at = plain(at, first - 1)
            parts.append(bridge)
        if at == first:
            parts.append(places)
            at = behind
    if at <= last:
        bridge, at = plain(at, last)
        parts.append(bridge)
    return np.concatenate(parts), at
