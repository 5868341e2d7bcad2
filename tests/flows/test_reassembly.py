"""Segments put together: what was captured stands, what was not stays a gap."""

from __future__ import annotations

import pytest
from capf_dissectors.streams import Piece
from hypothesis import given
from hypothesis import strategies as st

from capfpcap.flows import reassembly
from capfpcap.flows.reassembly import Segment, Stream, assemble


def segment(offset: int, data: bytes, row: int, length: int | None = None) -> Segment:
    return Segment(offset, len(data) if length is None else length, data, row)


def test_nothing_makes_an_empty_stream():
    stream = assemble([])
    assert (stream.pieces, stream.length, stream.captured, stream.whole) == ([], 0, 0, True)


def test_segments_in_order_make_one_piece():
    stream = assemble([segment(0, b"abc", 4), segment(3, b"de", 6)])
    assert stream.pieces == [Piece(0, b"abcde")]
    assert (stream.length, stream.captured, stream.whole) == (5, 5, True)


def test_what_was_not_captured_stays_a_gap():
    stream = assemble([segment(0, b"abc", 4), segment(7, b"hi", 6)])
    assert stream.pieces == [Piece(0, b"abc"), Piece(7, b"hi")]
    assert (stream.length, stream.captured, stream.whole) == (9, 5, False)


def test_a_missing_beginning_is_a_gap():
    stream = assemble([segment(3, b"abc", 4)])
    assert stream.pieces == [Piece(3, b"abc")]
    assert not stream.whole


def test_what_a_snap_length_cut_off_is_a_gap():
    stream = assemble([segment(0, b"abc", 4, length=10), segment(10, b"k", 5)])
    assert stream.pieces == [Piece(0, b"abc"), Piece(10, b"k")]


def test_a_repetition_brings_what_a_snap_length_cut_off():
    stream = assemble([segment(0, b"abc", 4, length=6), segment(0, b"abcdef", 5)])
    assert stream.pieces == [Piece(0, b"abcdef")]
    assert (stream.row_beginning(2), stream.row_beginning(3)) == (4, 5)


def test_where_segments_contradict_each_other_the_first_one_stands():
    stream = assemble([segment(2, b"cd", 4), segment(0, b"WXYZVU", 5)])
    assert stream.pieces == [Piece(0, b"WXcdVU")]


def test_octets_are_complete_with_the_latest_row_that_brought_any_of_them():
    stream = assemble([segment(0, b"abc", 1), segment(6, b"ghi", 2), segment(3, b"def", 3)])
    assert stream.row_completing(0, 3) == 1
    assert stream.row_completing(0, 4) == 3
    assert stream.row_completing(5, 9) == 3
    assert stream.row_completing(6, 9) == 2


def test_octets_before_the_beginning_are_left_out():
    assert assemble([segment(-3, b"xyzab", 1)]).pieces == [Piece(0, b"ab")]
    assert assemble([segment(-3, b"xyz", 1), segment(0, b"ab", 2)]).pieces == [Piece(0, b"ab")]


@pytest.mark.parametrize("first", [0, 1])
def test_no_more_is_put_together_than_the_limit(monkeypatch, first):
    monkeypatch.setattr(reassembly, "STREAM_LIMIT", 10)
    segments = [segment(at, b"abcd", at) for at in range(first, 40, 4)]
    (piece,) = assemble(segments).pieces
    assert (piece.offset, piece.end) == (first, 10)


def test_no_more_spans_are_kept_than_the_limit(monkeypatch):
    monkeypatch.setattr(reassembly, "SPAN_LIMIT", 5)
    stream = assemble([segment(at, b"x", at) for at in range(0, 100, 2)])
    assert len(stream.starts) == 5
    assert assemble([segment(at, b"x", at) for at in range(98, 0, -2)]).captured == 5


@st.composite
def arrivals(draw):
    """Segments anywhere in a short stream, overlapping, contradicting each other, snapped."""
    segments = []
    for row in range(draw(st.integers(0, 10))):
        data = draw(st.binary(min_size=1, max_size=8))
        kept = draw(st.integers(0, len(data)) | st.just(len(data)))
        segments.append(segment(draw(st.integers(-4, 30)), data[:kept], row, len(data)))
    return segments


def octet_by_octet(segments: list[Segment]) -> dict[int, tuple[int, int]]:
    """Octet and row by offset: the slow and plain way."""
    octets: dict[int, tuple[int, int]] = {}
    for offset, _, data, row in segments:
        for at, octet in enumerate(data, offset):
            if at >= 0:
                octets.setdefault(at, (octet, row))
    return octets


@given(arrivals())
def test_every_octet_is_the_first_that_arrived_and_every_other_place_a_gap(segments):
    stream = assemble(segments)
    octets = octet_by_octet(segments)
    told = {p.offset + at: octet for p in stream.pieces for at, octet in enumerate(p.data)}
    assert told == {at: octet for at, (octet, _) in octets.items()}
    ends = [piece.end for piece in stream.pieces]
    assert all(end < piece.offset for end, piece in zip(ends, stream.pieces[1:], strict=False))
    assert stream.captured == len(octets)
    assert stream.length == max(octets, default=-1) + 1


@given(arrivals())
def test_every_span_was_complete_with_its_latest_octet(segments):
    stream, octets = assemble(segments), octet_by_octet(segments)
    assert all(stream.row_beginning(at) == row for at, (_, row) in octets.items())
    spans = [
        Piece(piece.offset + start, piece.data[start:stop])
        for piece in stream.pieces
        for start in range(len(piece.data))
        for stop in range(start + 1, len(piece.data) + 1)
    ]
    latest = [max(octets[at][1] for at in range(span.offset, span.end)) for span in spans]
    assert stream.rows_completing(spans) == latest
    assert [stream.row_completing(span.offset, span.end) for span in spans] == latest


@given(st.lists(st.binary(min_size=1, max_size=5), min_size=1, max_size=8))
def test_the_short_way_for_ordered_segments_comes_to_the_same_as_the_long_one(parts):
    segments, offset = [], 0
    for row, part in enumerate(parts):
        segments.append(segment(offset, part, row))
        offset += len(part)
    ordered, general = assemble(segments), assemble([*segments, segments[0]])
    assert (ordered.in_order, general.in_order) == (True, False)
    assert [ordered.pieces, ordered.starts, ordered.ends, ordered.rows] == [
        general.pieces,
        general.starts,
        general.ends,
        general.rows,
    ]
    assert isinstance(ordered, Stream)
