"""Times and durations as people type them, and as reports show them."""

from __future__ import annotations

import time as clock
from datetime import UTC, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capfpcap.cli.moments import SECOND, duration, moment

PRAGUE = ZoneInfo("Europe/Prague")
NOON = 1_795_435_200 * SECOND
"""2026-11-23 12:00 UTC."""
HOUR = 3600 * SECOND


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-23 12:00", NOON),
        ("2026-11-23T12:00:00", NOON),
        ("2026-11-23T12:00:00Z", NOON),
        ("2026-11-23 12:00 UTC", NOON),
        ("2026-11-23T13:00:00+01:00", NOON),
        ("20261123T120000", NOON),
        ("2026-11-23", NOON - 12 * HOUR),
        ("2026-11-23T12:00:00.000000001Z", NOON + 1),
        ("2026-11-23 12:00:00,5", NOON + SECOND // 2),
        ("1795435200", NOON),
        ("1795435200.000000123", NOON + 123),
    ],
)
def test_a_date_is_one_of_utc_unless_it_says_otherwise(text: str, expected: int) -> None:
    assert moment(text, UTC) == expected


def test_a_date_without_a_zone_is_one_of_the_zone_asked_for_in_summer_as_in_winter() -> None:
    assert moment("2026-11-23 13:00", PRAGUE) == NOON
    assert moment("2026-07-01 14:00", PRAGUE) == moment("2026-07-01 12:00", UTC)
    assert moment("2026-11-23 12:00 UTC", PRAGUE) == NOON


@pytest.mark.parametrize("text", ["12:30", "12:30:00", "12:30:00.0"])
def test_a_time_of_day_is_left_to_the_captures(text: str) -> None:
    assert moment(text, PRAGUE) == time(12, 30, tzinfo=PRAGUE)


def test_a_time_of_day_needs_no_leading_zero() -> None:
    assert moment("9:05", UTC) == time(9, 5, tzinfo=UTC)
    assert moment("9:05:07.25", UTC) == time(9, 5, 7, 250_000, UTC)


def test_a_time_may_name_its_zone_as_reports_do() -> None:
    assert moment("12:30:25.5 UTC", PRAGUE) == time(12, 30, 25, 500_000, UTC)
    assert moment("12:30 CEST", PRAGUE) == time(12, 30, tzinfo=PRAGUE)
    with pytest.raises(ValueError, match="is no time"):
        moment("12:30 PST", PRAGUE)


def test_a_time_as_reports_show_it_ends_with_the_last_nanosecond_that_it_may_mean() -> None:
    shown = "2026-11-23 12:00:00.123456"
    begin, end = moment(shown, UTC), moment(shown, UTC, to_its_end=True)
    assert (begin, end) == (NOON + 123_456_000, NOON + 123_456_999)
    whole = "2026-11-23 12:00:00"
    assert moment(whole, UTC, to_its_end=True) == NOON


def test_a_duration_counts_back_from_now() -> None:
    before = clock.time_ns()
    ago = moment("15m", UTC)
    assert isinstance(ago, int)
    assert before - 15 * 60 * SECOND <= ago <= clock.time_ns() - 15 * 60 * SECOND


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("15m", 900), ("15 min", 900), ("1h30m", 5400), ("2d", 172_800), ("1.5h", 5400)],
)
def test_a_duration_has_units(text: str, seconds: int) -> None:
    assert duration(text) == seconds * SECOND


@pytest.mark.parametrize("text", ["", "15", "m", "-5m", "15x", "1h 30", "soon"])
def test_what_is_no_duration_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="is no duration; one is 15m"):
        duration(text)


@given(st.text(max_size=40))
def test_no_text_makes_it_fail_in_another_way(text: str) -> None:
    try:
        moment(text, PRAGUE)
    except ValueError as error:
        assert str(error).startswith(f"{text.strip()} is no time")
