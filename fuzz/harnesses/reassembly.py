"""Segments of one direction, put together as a plain reckoning octet by octet does."""

from __future__ import annotations

from capf_dissectors.streams import Piece

from capfpcap.flows.reassembly import STREAM_LIMIT, Segment, assemble
from fuzz.harness import Harness
from fuzz.tape import Tape

_FAR = 0x80
_BEFORE_LIMIT = STREAM_LIMIT - 200
_BEFORE_START = 100
"""How far before the beginning of its stream a segment can lie."""


def judge(data: bytes) -> None:
    """The first octet that arrived stands, all else is a gap, and every row is told."""
    segments = list(_segments(Tape(data)))
    octets: dict[int, tuple[int, int]] = {}
    for offset, _, kept, row in segments:
        for at, octet in enumerate(kept, offset):
            if 0 <= at < STREAM_LIMIT:
                octets.setdefault(at, (octet, row))
    stream = assemble(segments)
    told = {
        piece.offset + at: octet for piece in stream.pieces for at, octet in enumerate(piece[1])
    }
    assert told == {at: octet for at, (octet, _) in octets.items()}
    assert stream.captured == len(octets)
    assert stream.length == max(octets, default=-1) + 1
    for earlier, later in zip(stream.pieces, stream.pieces[1:], strict=False):
        assert earlier.end < later.offset
    for piece in stream.pieces:
        _check_rows(stream.row_completing(piece.offset, piece.end), piece, octets)
    completed = stream.rows_completing(stream.pieces)
    for row, piece in zip(completed, stream.pieces, strict=True):
        _check_rows(row, piece, octets)


def _segments(tape: Tape) -> list[Segment]:
    segments: list[Segment] = []
    while tape.left:
        kind, start, length, kept = tape.octet(), tape.number(2), tape.octet(), tape.octet()
        offset = start % 1024 - _BEFORE_START + (_BEFORE_LIMIT if kind & _FAR else 0)
        row = len(segments)
        octets = bytes([row & 0xFF]) * length
        segments.append(Segment(offset, length, octets[: kept if kind & 1 else length], row))
    return [segment for segment in segments if segment.length]


def _check_rows(row: int, piece: Piece, octets: dict[int, tuple[int, int]]) -> None:
    assert row == max(octets[at][1] for at in range(piece.offset, piece.end))


def seeds() -> list[bytes]:
    """In order, out of order, overlapping, cut, across the limit."""
    lay = [(0, 100, 50, 0), (0, 150, 50, 0), (0, 120, 90, 0), (1, 300, 40, 7), (0x80, 250, 255, 0)]
    coded = [
        bytes([kind]) + at.to_bytes(2, "big") + bytes([length, kept])
        for kind, at, length, kept in lay
    ]
    return [b"".join(coded[:2]), b"".join(coded), b"".join(reversed(coded))]


HARNESS = Harness(judge, seeds, longest=2000)
