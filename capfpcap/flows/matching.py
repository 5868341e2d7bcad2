"""Finds the copies of packets without a number of their own by the time between them."""

from __future__ import annotations

from collections import deque

import numpy as np
import numpy.typing as npt

_MOST_OPEN = 64
"""Rows that are remembered while a copy of theirs may come."""
_AT_ONCE = 1 << 14
"""Rows that are Python's numbers at a time, each of which takes 32 bytes."""

Numbers = npt.NDArray[np.int64]


class Matching:
    """The rows of which no other is a copy yet, one group of rows that say the same at a time."""

    def __init__(self, soonest: int, latest: int, *, elsewhere: bool) -> None:
        self._soonest, self._latest, self._elsewhere = soonest, latest, elsewhere
        self._group: int | None = None
        self._open: deque[tuple[int, int, int]] = deque()
        """Time, place and packet of each."""

    def packets(
        self, times: Numbers, groups: Numbers, places: npt.NDArray[np.uint64], own: Numbers
    ) -> Numbers:
        """The packet of each row: its ``own``, or that of the row that it is a copy of.

        It is a copy of the first one alike that lies as far before it as copies do, and at another
        place where that is usual.
        """
        packets = own.copy()
        for at in range(0, len(own), _AT_ONCE):
            some = slice(at, at + _AT_ONCE)
            columns = [column[some].tolist() for column in (times, groups, places, own)]
            packets[some] = list(map(self._packet, *columns))
        return packets

    def _packet(self, time: int, group: int, place: int, own: int) -> int:
        if group != self._group:
            self._open.clear()
            self._group = group
        found = self._original(time, place)
        packet = own if found is None else found
        if found is None or not self._elsewhere:
            self._open.append((time, place, packet))
        return packet

    def _original(self, time: int, place: int) -> int | None:
        while self._open and (
            time - self._open[0][0] > self._latest or len(self._open) > _MOST_OPEN
        ):
            self._open.popleft()
        for index, (before, at, packet) in enumerate(self._open):
            if time - before < self._soonest:
                return None
            if at != place or not self._elsewhere:
                del self._open[index]
                return packet
        return None
