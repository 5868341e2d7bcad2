"""What the receiver of a stream has beyond missing octets, and what it got twice.

A host tells with its acknowledgements which later octets it has already (RFC 2018), and in the
first block which ones came once more (D-SACK, RFC 2883). A block is believed only if it can be
true: it lies in order, within the window, and names nothing that was sent only later.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from capfpcap.capture.columns import TcpFlag
from capfpcap.capture.sequence import MASK, ahead, distance
from capfpcap.flows.covered import Covered
from capfpcap.flows.sides import WINDOW, Side
from capfpcap.flows.table import FlowTable, FlowView

_ACK, _RST = int(TcpFlag.ACK), int(TcpFlag.RST)


class Block(NamedTuple):
    """Octets of a side that its peer says it has."""

    row: int
    """The peer's row that says so."""
    through: int
    """Stream offset up to which that row acknowledges in order."""
    start: int
    """Stream offset of the first octet."""
    end: int
    """Stream offset behind the last one."""
    again: bool
    """Whether they came once more, and not beyond missing ones."""


class Selective:
    """All blocks about the octets of one side, in the order of their rows."""

    def __init__(self, blocks: tuple[Block, ...] = ()) -> None:
        self.beyond = tuple(block for block in blocks if not block.again)
        """What was there though something before it was missing."""
        self.again = tuple(block for block in blocks if block.again)
        """What came more than once."""

    @cached_property
    def covered(self) -> Covered:
        """The octets that were there though something before them was missing."""
        return Covered((block.start, block.end, block.row) for block in self.beyond)

    def between(self, first: int, last: int) -> tuple[Block, ...]:
        """The blocks beyond missing octets that rows behind one and before another name."""
        return self.beyond[bisect_right(self._rows, first) : bisect_left(self._rows, last)]

    @cached_property
    def _rows(self) -> list[int]:
        return [block.row for block in self.beyond]


_NOTHING = Selective()


class _Told(NamedTuple):
    """The rows of a table that have blocks."""

    marks: npt.NDArray[np.bool_]
    rows: list[int]
    """Ascending."""
    starts: list[int]
    stops: list[int]
    """Where the blocks of each of the rows begin and end among those of the capture."""


_TOLD: WeakKeyDictionary[FlowTable, _Told] = WeakKeyDictionary()


def rows_with_blocks(table: FlowTable) -> npt.NDArray[np.bool_] | None:
    """Which rows of a table have blocks; None where there is no block at all."""
    return _told(table).marks if len(table.capture.selective) else None


def _told(table: FlowTable) -> _Told:
    known = _TOLD.get(table)
    if known is None:
        columns, selective = table.columns, table.capture.selective
        rows = np.flatnonzero(np.isin(columns.frame, selective.frames))
        starts, stops = selective.places(columns.file[rows], columns.frame[rows])
        there = starts < stops
        marks = np.zeros(len(columns), np.bool_)
        marks[rows[there]] = True
        known = _TOLD[table] = _Told(
            marks, rows[there].tolist(), starts[there].tolist(), stops[there].tolist()
        )
    return known


def read_selective(view: FlowView, side: Side, *, from_client: bool) -> Selective:
    """The blocks about what one side of a connection sent that can be true.

    Where the side's SYN was not captured, its numbers cannot be counted from the beginning: then
    there are none.
    """
    table = view.table
    if not len(table.capture.selective) or not side.syns or side.initial is None:
        return _NOTHING
    told = _told(table)
    here = range(bisect_left(told.rows, view.start), bisect_left(told.rows, view.stop))
    return Selective(tuple(_believed(table, told, here, side, from_client))) if here else _NOTHING


def _believed(
    table: FlowTable, told: _Told, here: range, side: Side, from_client: bool
) -> Iterator[Block]:
    sent = _Sent(side)
    for index in here:
        row = told.rows[index]
        flags = int(table.columns.flags[row])
        if bool(table.to_server[row]) == from_client or flags & _RST or not flags & _ACK:
            continue
        number = int(table.columns.acknowledgement[row])
        edges = table.capture.selective.between(told.starts[index], told.stops[index])
        yield from _blocks_of(row, number, edges, sent)


class _Sent:
    """How far a side had sent at some time, as the capture shows it."""

    def __init__(self, side: Side) -> None:
        self.initial = side.initial or 0
        self._rows = [segment.row for segment in side.segments]
        ends = (segment.offset + segment.length for segment in side.segments)
        self._highest = list(accumulate(ends, max))
        self._all = Covered(
            (segment.offset, segment.offset + segment.length, segment.row)
            for segment in side.segments
        )

    def before(self, row: int) -> int:
        """The stream offset behind the highest octet that was sent before a row."""
        count = bisect_left(self._rows, row)
        return self._highest[count - 1] if count else 0

    def later(self, highest: int, end: int) -> bool:
        """Whether octets up to ``end``, behind the highest sent so far, were sent later."""
        return end > highest and self._all.covered(highest, end) > 0


def _blocks_of(row: int, number: int, edges: list[int], sent: _Sent) -> Iterator[Block]:
    """The blocks of one row; its first one may name what came again."""
    highest = sent.before(row)
    through = highest + distance(number, sent.initial + highest)
    if not 0 <= through <= highest + WINDOW:
        return
    spans = [
        (start, start + ahead(edge & MASK, edge >> 32))
        for edge in edges
        for start in [through + distance(edge >> 32, number)]
    ]
    furthest = max(highest, through) + WINDOW
    for place, (start, end) in enumerate(spans):
        if not 0 <= start < end <= furthest or sent.later(highest, end):
            continue
        inside = any(one <= start and end <= other for one, other in spans[1:2])
        again = not place and (end <= through or inside)
        if again or start > through:
            yield Block(row, through, start, end, again)
