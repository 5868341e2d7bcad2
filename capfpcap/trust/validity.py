"""Times of certificates as people write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

NANOSECONDS = 1_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST = 12_418 * 86_400 * NANOSECONDS
"""The first of January 2004: there was no CAPF before CallManager 4.0, of that year."""


def is_dated(time: int) -> bool:
    """Whether a capture's time, nanoseconds since 1970, can be true.

    Routers and servers without a clock of their own begin in 1970 or 1993, and simple packets of
    pcapng have no time at all.
    """
    return time >= _EARLIEST


def day(time: int) -> str:
    """The UTC date of a time in nanoseconds since 1970."""
    try:
        return (_EPOCH + timedelta(seconds=time // NANOSECONDS)).strftime("%Y-%m-%d")
    except OverflowError:
        return "a date beyond the calendar"


def days_between(earlier: int, later: int) -> int:
    """Whole days from one time to another, both in nanoseconds."""
    return (later - earlier) // (86_400 * NANOSECONDS)
