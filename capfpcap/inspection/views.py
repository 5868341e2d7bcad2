"""The bytes of one packet under inspection, and of what it completes, while they are gathered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from capf_dissectors.outline import Node, moved

from capfpcap.flows.reassembly import Segment, Stream
from capfpcap.flows.table import FlowTable
from capfpcap.inspection.model import MAX_VIEW, ByteView

MAX_NAMED_FRAMES = 4
"""Frames that are named where bytes came in several."""

Outline = Callable[[bytes, int, int], tuple[Node, ...]]
"""The fields of what stands between two places of a sequence of bytes."""


class Place(NamedTuple):
    """Where bytes stand in one of the views."""

    view: int
    data: bytes
    """All of the view, as far as it is kept."""
    start: int
    end: int

    def outlined(self, outline: Outline) -> tuple[Node, ...]:
        """The fields of these bytes."""
        return moved(outline(self.data, self.start, self.end), 0, self.view)

    def within(self, start: int, end: int) -> Place:
        """A part of these bytes, by offsets from their first one."""
        return Place(self.view, self.data, self.start + start, self.start + end)


class Views:
    """The sequences of bytes that are shown beside the fields."""

    def __init__(self) -> None:
        self.views: list[ByteView] = []

    def add(self, title: str, data: bytes) -> Place:
        """One more sequence; all of it."""
        kept = data[:MAX_VIEW]
        self.views.append(ByteView(title, kept, len(data)))
        return Place(len(self.views) - 1, kept, 0, len(kept))


class Payload(NamedTuple):
    """What a packet carries, and where that stands."""

    table: FlowTable
    row: int
    from_client: bool
    place: Place
    views: Views

    def frames(self, rows: Sequence[int]) -> str:
        """Several rows as people name them: ``frames 11 to 13``, ``frames 4, 9 and 2 more``."""
        numbers = sorted({int(self.table.columns.frame[row]) for row in rows})
        if len(numbers) == 1:
            return f"frame {numbers[0]}"
        if numbers[-1] - numbers[0] == len(numbers) - 1:
            return f"frames {numbers[0]} to {numbers[-1]}"
        shown = ", ".join(map(str, numbers[:MAX_NAMED_FRAMES]))
        more = len(numbers) - MAX_NAMED_FRAMES
        return f"frames {shown}" + (f" and {more} more" if more > 0 else "")


class StreamPayload:
    """What a segment carries, as part of its stream."""

    def __init__(self, payload: Payload, stream: Stream, segments: Sequence[Segment]) -> None:
        self.payload = payload
        self.stream = stream
        self.segment = next((one for one in segments if one.row == payload.row), None)

    @property
    def start(self) -> int:
        """Stream offset of the segment's first byte."""
        return self.segment.offset if self.segment else 0

    @property
    def end(self) -> int:
        """Stream offset behind its last captured byte."""
        return self.segment.offset + len(self.segment.data) if self.segment else 0

    def place(self, start: int, end: int, what: str) -> Place | None:
        """Where the bytes of a stretch of the stream are to be seen; None where they are not whole.

        In the packet, if it brought all of them, else in a view of their own.
        """
        data = self.read(start, end)
        if data is None:
            return None
        at = start - self.start
        own = self.payload.place
        if self.segment and at >= 0 and self.segment.data[at : at + len(data)] == data:
            return own.within(at, at + len(data))
        rows = self.stream.rows_of(start, end)
        title = f"{what}, reassembled from {self.payload.frames(rows)}"
        return self.payload.views.add(title, data)

    def read(self, start: int, end: int) -> bytes | None:
        """A stretch of the stream; None where octets of it were not captured."""
        for piece in self.stream.pieces:
            if piece.offset <= start and end <= piece.end:
                return piece.data[start - piece.offset : end - piece.offset]
        return None
