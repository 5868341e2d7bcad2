"""One direction of a byte stream with its holes, as a dissector is given it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Piece(NamedTuple):
    """A run of consecutive octets of one direction of a stream.

    ``offset`` counts from the first octet of the stream (for TCP, the one after the SYN). Pieces
    come in ascending order and do not overlap; what lies between two of them was not captured.
    """

    offset: int
    data: bytes

    @property
    def end(self) -> int:
        """The stream offset behind the last octet."""
        return self.offset + len(self.data)


def contiguous_runs(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces, with those joined that follow each other without a hole, and no empty ones."""
    if len(pieces) == 1 and pieces[0].data:
        return [pieces[0]]
    runs: list[Piece] = []
    parts: list[bytes] = []
    start = end = 0
    for offset, data in pieces:
        if not data:
            continue
        if parts and offset != end:
            runs.append(Piece(start, b"".join(parts)))
            parts = []
        if not parts:
            start = offset
        parts.append(data)
        end = offset + len(data)
    if parts:
        runs.append(Piece(start, b"".join(parts)))
    return runs
