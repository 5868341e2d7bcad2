"""Times and durations as a command line gives them."""

from __future__ import annotations

import re
import time as clock
from datetime import UTC, datetime, time, timedelta, tzinfo

SECOND = 1_000_000_000
"""Nanoseconds."""

EXAMPLES = "2026-11-23 12:30, 12:30:22, 15m (ago)"

_UNITS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "min": 60, "s": 1}
"""Seconds of each."""
_PART = r"(\d{1,9}(?:\.\d{1,9})?) ?(min|[wdhms])"
_DURATION = re.compile(rf"(?:{_PART} ?)+", re.IGNORECASE)
_SINCE_1970 = re.compile(r"(\d{9,11})(?:\.(\d{1,9}))?")
_TIME_OF_DAY = re.compile(r"\d{1,2}:\d\d(:\d\d)?")
_FRACTION = re.compile(r"(?<=:\d\d)[.,](\d{1,9})")
_ZONE_NAME = re.compile(r" ?([A-Z]{1,5})$", re.IGNORECASE)
_UTC = {"UTC", "GMT", "Z"}
_FULL = 9
"""Digits of a fraction of a second down to nanoseconds."""
_SHOWN = 6
"""Digits that the reports show: a time with as many stands for all that begin so."""

_EPOCH = datetime.fromtimestamp(0, UTC)


def duration(text: str) -> int:
    """Nanoseconds of ``90s``, ``15m``, ``1h30m`` or ``2d``.

    Raises:
        ValueError: it is none; the message is one sentence.
    """
    if not _DURATION.fullmatch(text.strip()):
        raise ValueError(f"{text} is no duration; one is 15m, 1h30m or 2d")
    parts = re.findall(_PART, text, re.IGNORECASE)
    return sum(int(float(number) * _UNITS[unit.lower()] * SECOND) for number, unit in parts)


def moment(text: str, zone: tzinfo, *, to_its_end: bool = False) -> int | time:
    """Nanoseconds since 1970, or a time of day; without a zone of its own it is one in ``zone``.

    A duration counts back from now. ``to_its_end`` takes a fraction of microseconds, as reports
    show times, for the last of the nanoseconds that begin so.

    Raises:
        ValueError: it is none; the message is one sentence.
    """
    text = text.strip()
    if _DURATION.fullmatch(text):
        return clock.time_ns() - duration(text)
    since_1970 = _SINCE_1970.fullmatch(text)
    if since_1970:
        return int(since_1970[1]) * SECOND + _nanoseconds(since_1970[2], to_its_end=to_its_end)
    fraction = _FRACTION.search(text)
    whole, zone = _told_apart(_FRACTION.sub("", text), zone)
    rest = _nanoseconds(fraction[1] if fraction else None, to_its_end=to_its_end)
    try:
        if _TIME_OF_DAY.fullmatch(whole):
            of_day = time.fromisoformat(whole if whole[1] != ":" else f"0{whole}")
            return of_day.replace(microsecond=rest // 1000, tzinfo=zone)
        found = datetime.fromisoformat(whole)
        found = found if found.tzinfo else found.replace(tzinfo=zone)
        return (found - _EPOCH) // timedelta(microseconds=1) * 1000 + rest
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text} is no time; one is {EXAMPLES}") from error


def _told_apart(text: str, zone: tzinfo) -> tuple[str, tzinfo]:
    """A time and its zone, where the zone's name stands behind it as reports show it."""
    named = _ZONE_NAME.search(text)
    if named is None:
        return text, zone
    if named[1].upper() in _UTC:
        return text[: named.start()], UTC
    own = {datetime(2000, month, 1, tzinfo=zone).tzname() for month in (1, 7)}
    return (text[: named.start()], zone) if named[1] in own else (text, zone)


def _nanoseconds(digits: str | None, *, to_its_end: bool) -> int:
    """The fraction of a second that digits behind the point tell."""
    if digits is None:
        return 0
    filler = "9" if to_its_end and len(digits) >= _SHOWN else "0"
    return int(digits.ljust(_FULL, filler))
