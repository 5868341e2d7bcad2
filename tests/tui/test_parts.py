"""Parts that need no screen: order, places, times, columns, lanes, arrows."""

from __future__ import annotations

from datetime import UTC
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from capf_tui.clock import Clock, TimeMode, nanoseconds, short_duration
from capf_tui.navigation import History, Place, frame_in
from capf_tui.order import Matches, arranged, matching
from capf_tui.widgets.columns import Column, place, total
from capf_tui.widgets.lanes import clipped, clipped_left, positions
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len


def test_rows_match_that_hold_every_word_in_any_order() -> None:
    texts = ["sep1 failed", "sep2 ok", "sep12 failed"]
    assert matching(texts, "").tolist() == [0, 1, 2]
    assert matching(texts, "FAILED sep1").tolist() == [0, 2]
    assert matching(texts, "ok failed").tolist() == []


@given(
    st.lists(st.text("ab\N{GREEK SMALL LETTER SIGMA} ", max_size=6)),
    st.lists(st.text("abA\N{GREEK CAPITAL LETTER SIGMA} ", max_size=4)),
)
def test_what_is_typed_finds_what_it_would_find_at_once(texts: list[str], typed: list[str]) -> None:
    matches, rows = Matches(), [text.lower() for text in texts]
    for number, wanted in enumerate(typed):
        for length in range(len(wanted) + 1):
            found = matches.of(rows, wanted[:length])
            assert found.tolist() == matching(rows, wanted[:length]).tolist()
        rows = [*rows, wanted.lower()] if number % 2 else rows
        rows.append(wanted.lower())


@given(st.lists(st.text(max_size=8)), st.booleans())
def test_rows_are_arranged_as_python_sorts_them(keys: list[str], downwards: bool) -> None:
    order = arranged(np.arange(len(keys)), keys, downwards=downwards)
    rows = range(len(keys))
    assert order.tolist() == sorted(rows, key=keys.__getitem__, reverse=downwards)


@given(st.lists(st.integers(-5, 5)), st.booleans())
def test_rows_of_equal_keys_stay_as_they_were(keys: list[int], downwards: bool) -> None:
    order = arranged(np.arange(len(keys)), [float(key) for key in keys], downwards=downwards)
    assert order.tolist() == sorted(range(len(keys)), key=keys.__getitem__, reverse=downwards)


def test_what_was_gone_back_from_is_forgotten_on_another_way() -> None:
    history = History(Place("phones"))
    history.enter(Place("ladder", phone="A"))
    history.enter(Place("findings"))
    assert history.step(-2) == Place("phones")
    history.enter(Place("flows"))
    assert history.step(1) is None
    assert history.step(-1) == Place("phones")
    assert history.step(-1) is None


def test_history_is_bounded() -> None:
    history = History(Place("phones"))
    for number in range(500):
        history.enter(Place("ladder", frame=number))
    steps = 0
    while history.step(-1):
        steps += 1
    assert steps == 99


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ("80", ("phone", 80)),
        (" publisher:7 ", ("publisher", 7)),
        ("router:1", None),
        ("phone:", None),
        ("0", None),
        ("-1", None),
        ("²", None),
        ("", None),
    ],
)
def test_frames_are_named_by_capture_and_number(text: str, frame: tuple[str, int] | None) -> None:
    assert frame_in(text, ["phone", "publisher"]) == frame
    assert frame_in(text, []) is None


def test_times_are_told_to_the_nanosecond() -> None:
    time = nanoseconds("2026-11-23T12:30:22.000123456Z")
    assert time == 1_795_437_022_000_123_456
    assert Clock().full(time) == "2026-11-23 12:30:22.000123456 UTC"
    assert Clock().text(time) == "12:30:22.000"
    local = Clock(TimeMode.LOCAL, ZoneInfo("Asia/Kolkata"), time)
    assert local.full(time) == "2026-11-23 18:00:22.000123456 IST"
    assert local.title("Time") == "Time IST"
    assert nanoseconds(None) is nanoseconds("") is None


def test_times_are_counted_from_the_first_packet_or_the_row_before() -> None:
    relative = Clock(TimeMode.RELATIVE, UTC, 1_000_000_000)
    assert relative.text(3_500_000_000) == "+2.500000"
    assert relative.text(500_000_000) == "-0.500000"
    delta = Clock(TimeMode.DELTA, UTC, 1_000_000_000)
    assert delta.text(3_500_000_000, 3_000_000_000) == "+0.500000"
    assert delta.title("Time", deltas=True) == "Delta, s"


def test_the_key_goes_through_all_ways_and_begins_again() -> None:
    clock, seen = Clock(zone=UTC, first=7), []
    for _ in TimeMode:
        seen.append(clock.mode)
        clock = clock.next()
    assert seen == list(TimeMode)
    assert clock == Clock(zone=UTC, first=7)


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (0, "0 ns"),
        (999, "999 ns"),
        (2_666_000, "2.67 ms"),
        (-39_000, "-39 µs"),
        (41_200_000_000, "41.2 s"),
        (86_400_000_000_000, "86,400 s"),
        (None, ""),
    ],
)
def test_durations_are_told_in_three_digits(duration: int | None, text: str) -> None:
    assert short_duration(duration) == text


@given(
    st.lists(
        st.builds(
            Column,
            st.just("x"),
            st.integers(1, 30),
            st.booleans(),
            st.integers(0, 150),
        ),
        min_size=1,
        max_size=9,
    ),
    st.integers(1, 250),
)
def test_columns_stand_beside_each_other_and_fill_the_screen(
    columns: list[Column], width: int
) -> None:
    placed = place(columns, width)
    for before, after in pairwise(placed):
        assert after.start == before.start + before.width + 2
    assert all(one.width >= columns[one.number].width for one in placed)
    if any(columns[one.number].stretches for one in placed):
        assert total(placed) >= width


@given(st.integers(1, 12), st.integers(1, 200))
def test_lanes_stand_apart_from_left_to_right(count: int, width: int) -> None:
    cells = positions(count, width)
    assert cells == sorted(cells)
    assert len(cells) == count
    if width > 10 + count:
        assert len(set(cells)) == count
        assert all(0 <= one < width for one in cells)


@given(st.text(), st.integers(0, 40))
def test_clipped_text_has_room_in_its_cells(text: str, width: int) -> None:
    assert cell_len(clipped(text, width)) <= width
    if text.isascii() and text.isprintable():
        assert len(clipped_left(text, width)) <= max(width, 0)
