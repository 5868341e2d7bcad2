"""Which octets of a stream some packets carry or name."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate


class Covered:
    """Octets of a stream, as separate spans in order."""

    def __init__(self, spans: Iterable[tuple[int, int, int]]) -> None:
        """Each span is the offset of its first octet, that behind its last, and a row."""
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._rows: list[int] = []
        for start, end, row in sorted(spans):
            if self._ends and start <= self._ends[-1]:
                if end > self._ends[-1]:
                    self._ends[-1], self._rows[-1] = end, row
            else:
                self._starts.append(start)
                self._ends.append(end)
                self._rows.append(row)
        lengths = (end - start for start, end in zip(self._starts, self._ends, strict=True))
        self._sums = list(accumulate(lengths, initial=0))

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """The spans, in order."""
        return zip(self._starts, self._ends, strict=True)

    def covered(self, start: int, end: int) -> int:
        """How many of the octets from one offset up to another are among them."""
        return self._before(end) - self._before(start)

    def _before(self, offset: int) -> int:
        """How many octets lie before a stream offset."""
        index = bisect_right(self._starts, offset)
        if not index:
            return 0
        return self._sums[index] - max(self._ends[index - 1] - offset, 0)

    def last_row(self, offset: int) -> int:
        """The row that brought the last octets of the span that an octet lies in."""
        return self._rows[bisect_right(self._ends, offset)]
