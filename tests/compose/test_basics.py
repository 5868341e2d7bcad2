"""Times as the report writes them: the same on every system, however far away they are."""

from __future__ import annotations

import pytest

from capfpcap.compose.basics import timestamp

SECOND = 1_000_000_000


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (0, "1970-01-01T00:00:00.000000000Z"),
        (1_795_437_022_123_456_789, "2026-11-23T12:30:22.123456789Z"),
        (-1, "1969-12-31T23:59:59.999999999Z"),
        (32_536_850_400 * SECOND, "3001-01-19T22:00:00.000000000Z"),
        (-62_135_596_800 * SECOND, "0001-01-01T00:00:00.000000000Z"),
        (-62_135_596_801 * SECOND, "0001-01-01T00:00:00.000000000Z"),
        (253_402_300_799 * SECOND, "9999-12-31T23:59:59.000000000Z"),
        (253_402_300_800 * SECOND, "9999-12-31T23:59:59.000000000Z"),
    ],
)
def test_a_time_is_written_with_nine_decimals_within_the_calendar(
    nanoseconds: int, text: str
) -> None:
    assert timestamp(nanoseconds) == text
