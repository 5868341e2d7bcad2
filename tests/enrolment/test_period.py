"""The time that counts, and what of a phone lies in it."""

from __future__ import annotations

from datetime import UTC, time
from zoneinfo import ZoneInfo

import pytest

from capfpcap.enrolment.period import Period, Span
from capfpcap.services import Service
from tests.enrolment.scene import load, phone
from tests.timeline.wire import START, STEP, connection

SECOND = 1_000_000_000
DAY = 86_400 * SECOND
NOON = 1_795_435_200 * SECOND
"""2026-11-23 12:00 UTC."""
NAME = "SEP001122334455"


@pytest.mark.parametrize(
    ("first", "last", "of_day", "found"),
    [
        (NOON, NOON + 3600 * SECOND, time(12, 30, tzinfo=UTC), NOON + 1800 * SECOND),
        (NOON + 22 * SECOND, NOON + 60 * SECOND, time(12, tzinfo=UTC), NOON),
        (NOON - 600 * SECOND, NOON + 600 * SECOND, time(12, tzinfo=UTC), NOON),
        (NOON + 600 * SECOND, NOON + 2 * DAY, time(12, tzinfo=UTC), NOON + DAY),
        (NOON, NOON + 60 * SECOND, time(13, tzinfo=ZoneInfo("Europe/Prague")), NOON),
    ],
)
def test_a_time_of_day_is_that_which_the_captures_come_to_first(
    first: int, last: int, of_day: time, found: int
) -> None:
    assert Span(since=of_day).of(first, last).begins == found


def test_an_end_by_time_of_day_lies_behind_the_beginning() -> None:
    midnight = NOON + DAY // 2
    span = Span(time(23, 50, tzinfo=UTC), time(0, 10, tzinfo=UTC))
    period = span.of(NOON, NOON + DAY)
    assert period == Period(midnight - 600 * SECOND, midnight + 600 * SECOND)
    assert Span(until=time(0, 10, tzinfo=UTC)).of(NOON, NOON).ends == midnight + 600 * SECOND


def test_a_time_of_day_beyond_the_calendar_is_no_error() -> None:
    far = 1 << 62
    assert Span(time(12, tzinfo=UTC), time(13, tzinfo=UTC)).of(far, far)


def test_a_span_that_leaves_nothing_out_is_none() -> None:
    assert not Span().of(0, NOON)
    assert Span(since=5).of(0, NOON)
    assert Span(until=5).of(0, NOON)


def test_a_phone_keeps_what_it_did_in_the_time_and_the_files_that_it_had_by_then() -> None:
    packets = [*load(f"{NAME}.cnf.xml", b"<device></device>"), *connection(3804, [(True, b"x")])]
    whole = phone(packets)
    (loaded,) = whole.configurations
    after = Period(begins=START + (len(packets) - 3) * STEP)
    (late,) = after.phones([whole])
    assert [flow.service for flow in late.flows] == [Service.CAPF]
    assert (late.name, late.configurations, late.files) == (NAME, [loaded], [])
    assert late.attempts == whole.attempts
    (early,) = Period(ends=START).phones([whole])
    assert [flow.service for flow in early.flows] == [Service.TFTP]
    assert (early.configurations, early.attempts) == ([], [])
    assert Period(ends=START - 1).phones([whole]) == []
    assert whole.flows[0] in Period().flows(whole.flows)
