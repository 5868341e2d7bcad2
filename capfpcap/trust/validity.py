"""Times of certificates as people write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

NANOSECONDS = 1_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def day(time: int) -> str:
    """The UTC date of a time in nanoseconds since 1970."""
    try:
        return (_EPOCH + timedelta(seconds=time // NANOSECONDS)).strftime("%Y-%m-%d")
    except OverflowError:
        return "a date beyond the calendar"


def days_between(earlier: int, later: int) -> int:
    """Whole days from one time to another, both in nanoseconds."""
    return (later - earlier) // (86_400 * NANOSECONDS)
