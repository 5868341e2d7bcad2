"""What a rendering for people needs to know of the place where it is read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple

SCREEN_WIDTH = 80
"""Columns of text that is not for a terminal."""
WIDEST = 120
"""Columns that text takes of a wider terminal; longer lines are hard to read."""


class Page(NamedTuple):
    """A screen or a file: its encoding, whether it shows colour, the reader's time zone."""

    encoding: str = "utf-8"
    color: bool = False
    zone: tzinfo = UTC
    width: int = SCREEN_WIDTH
    terminal: int | None = None
    """Columns of the terminal, which breaks longer lines anywhere; None for a file or a pipe."""

    @property
    def unicode(self) -> bool:
        """Whether more than ASCII can be written."""
        return self.encoding.lower().replace("_", "-") in {"utf-8", "utf8"}

    def date(self, stamp: str) -> str:
        """The day of a report's time ``stamp`` in the reader's zone, as ``2026-11-23``."""
        return f"{self._local(stamp):%Y-%m-%d}"

    def clock(self, stamp: str) -> str:
        """The time of day with microseconds and zone, as ``12:30:25.123456 UTC``."""
        return f"{self._local(stamp):%H:%M:%S.%f %Z}"

    def clock_seconds(self, stamp: str) -> str:
        """The time of day in whole seconds and without a zone, as ``12:30:25``."""
        return f"{self._local(stamp):%H:%M:%S}"

    def zone_name(self, stamp: str) -> str:
        """The zone's abbreviation at that time, as ``UTC`` or ``CET``."""
        return f"{self._local(stamp):%Z}"

    def _local(self, stamp: str) -> datetime:
        """``stamp`` in the reader's zone; what the nine decimals say beyond six is left out."""
        moment = datetime.fromisoformat(stamp)
        try:
            return moment.astimezone(self.zone)
        except (OverflowError, ValueError):  # a day before year 1 or after year 9999 there
            return moment


def moment(nanoseconds: int, zone: tzinfo) -> datetime:
    """A time since 1970 in ``zone``, to the microsecond; far times stop at the calendar's ends."""
    try:
        return (_EPOCH + timedelta(microseconds=nanoseconds // 1000)).astimezone(zone)
    except (OverflowError, ValueError):
        return (_FIRST if nanoseconds < 0 else _LAST).replace(tzinfo=UTC)


_EPOCH = datetime.fromtimestamp(0, UTC)
_FIRST = datetime.min
_LAST = datetime.max
