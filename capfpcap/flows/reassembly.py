"""Segments of one direction of a TCP connection into a stream whose gaps stay gaps.

Where segments overlap, the octets that arrived first stand, as in the receiver's own buffer.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import accumulate
from typing import NamedTuple, Protocol

from capf_dissectors.streams import Piece
from msgspec import Struct, field

STREAM_LIMIT = 16 * 1024 * 1024
"""Octets of one direction that are put together; what lies behind is left out as a gap."""

SPAN_LIMIT = 32_768
"""Separate spans of one direction; 16 MiB in segments of 536 octets come to 31,301."""


class Segment(NamedTuple):
    """The payload of one TCP packet."""

    offset: int
    """Stream offset of its first octet: 0 is the one after the SYN."""
    length: int
    """Octets on the wire."""
    data: bytes
    """Octets in the capture file; fewer where a snap length cut them."""
    row: int
    """Row of the flow table."""


class Span(Protocol):
    """Something that was said in a stream."""

    @property
    def offset(self) -> int:
        """Stream offset of its first octet."""
        ...

    @property
    def end(self) -> int:
        """Stream offset behind its last octet."""
        ...


class Stream(Struct):
    """One direction of a connection: what was captured, and which row brought each octet."""

    pieces: list[Piece] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    """Stream offsets where the octets of another row begin, ascending."""
    ends: list[int] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    in_order: bool = False
    """Whether the rows ascend."""

    @property
    def length(self) -> int:
        """Stream offset behind the last captured octet."""
        return self.ends[-1] if self.ends else 0

    @property
    def captured(self) -> int:
        """How many octets were captured."""
        return sum(len(piece.data) for piece in self.pieces)

    @property
    def whole(self) -> bool:
        """Whether there is no hole between the first octet and the last."""
        return not self.pieces or (len(self.pieces) == 1 and self.pieces[0].offset == 0)

    def row_completing(self, offset: int, end: int) -> int:
        """The row with which the octets from ``offset`` to ``end`` were complete."""
        return max(self.rows_of(offset, end))

    def rows_of(self, offset: int, end: int) -> list[int]:
        """The rows that brought the octets from ``offset`` to ``end``, in the stream's order."""
        first = max(bisect_right(self.starts, offset) - 1, 0)
        return self.rows[first : max(bisect_left(self.starts, end), first + 1)]

    def rows_completing(self, spans: Iterable[Span]) -> list[int]:
        """For each of ``spans`` the row with which it was complete."""
        if self.in_order:
            starts, rows = self.starts, self.rows
            return [rows[bisect_left(starts, span.end) - 1] for span in spans]
        return [self.row_completing(span.offset, span.end) for span in spans]

    def row_beginning(self, offset: int) -> int:
        """The row that brought the octet at ``offset``."""
        return self.rows[max(bisect_right(self.starts, offset) - 1, 0)]


def assemble(segments: list[Segment]) -> Stream:
    """Put the segments of one direction, given in order of arrival, together."""
    if not segments:
        return Stream()
    offsets, lengths, parts, rows = map(list, zip(*segments, strict=True))
    ends = list(accumulate(lengths))
    if offsets != [0, *ends[:-1]] or ends[-1] > STREAM_LIMIT:
        return _assemble_disordered(segments)
    data = b"".join(parts)
    if len(data) != ends[-1]:
        return _assemble_disordered(segments)
    return Stream([Piece(0, data)], offsets, ends, rows, in_order=True)


def _assemble_disordered(segments: list[Segment]) -> Stream:
    """The general case: out of order, overlapping, repeated, missing."""
    spans = _Spans()
    for segment in segments:
        if segment.offset < STREAM_LIMIT:
            spans.add(segment.offset, segment.data[: STREAM_LIMIT - segment.offset], segment.row)
    return Stream(
        pieces=_joined(spans.starts, spans.parts),
        starts=spans.starts,
        ends=[start + len(part) for start, part in zip(spans.starts, spans.parts, strict=True)],
        rows=spans.rows,
    )


class _Spans:
    """Disjoint spans of octets, ascending; a later span only fills what is still open."""

    def __init__(self) -> None:
        self.starts: list[int] = []
        self.parts: list[bytes] = []
        self.rows: list[int] = []

    def add(self, offset: int, data: bytes, row: int) -> None:
        if offset < 0:
            data, offset = data[-offset:], 0
        end = offset + len(data)
        position = offset
        index = bisect_right(self.starts, offset) - 1
        if index >= 0:
            position = max(position, self.starts[index] + len(self.parts[index]))
        index += 1
        while position < end and len(self.starts) < SPAN_LIMIT:
            stop = min(end, self.starts[index]) if index < len(self.starts) else end
            if position < stop:
                self.starts.insert(index, position)
                self.parts.insert(index, data[position - offset : stop - offset])
                self.rows.insert(index, row)
                index += 1
            if index >= len(self.starts):
                return
            position = max(stop, self.starts[index] + len(self.parts[index]))
            index += 1


def _joined(starts: list[int], parts: list[bytes]) -> list[Piece]:
    """Neighbouring spans as one piece each."""
    pieces: list[Piece] = []
    begin = 0
    for index in range(len(starts)):
        last = index + 1 == len(starts)
        if last or starts[index] + len(parts[index]) != starts[index + 1]:
            pieces.append(Piece(starts[begin], b"".join(parts[begin : index + 1])))
            begin = index + 1
    return pieces
