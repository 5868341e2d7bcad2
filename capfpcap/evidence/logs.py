"""Console logs of phones that were given, and when what they tell was by the captures' clock.

A log tells neither the year nor its zone. Both are found where log and captures show the same: a
query that the phone's resolver forwards is a packet of the capture. A zone is a multiple of a
quarter of an hour; what is left is what the phone's clock is wrong by.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from enum import Enum

from capf_dissectors.phone_log import Entry, Kind, Stamp, read_entries
from msgspec import Struct

from capfpcap.report import EvidenceFile

MAX_ENTRIES = 100_000
"""Entries of one log that are kept; a phone writes some hundred as it starts."""
MAX_PAIRS = 50_000
"""Pairs of log and capture that are compared."""

_SECOND = 1_000_000_000
_QUARTER = 900 * _SECOND
_FARTHEST_ZONE = 15 * 3600 * _SECOND
_SKEW = 120 * _SECOND
"""By how much a phone's clock is wrong at the most: it is set by its call processing."""
_ALIKE = _SECOND // 2
"""By how much the offsets of a log differ, within the minutes in which a phone starts."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class PhoneLog(Struct, frozen=True, eq=False):
    """A phone's log."""

    file: EvidenceFile
    phone: str | None
    """The phone that it is of, as the user or the log says; None: nothing tells."""
    entries: tuple[Entry, ...]
    year: int | None = None
    """As the user gave it."""
    zone: tzinfo | None = None
    """As the user gave it."""


class Clock(Enum):
    """How a log's times were put on the captures' clock."""

    GIVEN = "given"
    MATCHED = "matched"
    ASSUMED = "assumed"
    """As if it were UTC: nothing tells its zone."""
    UNKNOWN = "unknown"
    """Not even the year is known."""


class Placed(Struct, frozen=True):
    """A log's entries with their times."""

    log: PhoneLog
    times: tuple[int, ...]
    """Of each entry, nanoseconds since 1970 UTC; 0 where unknown."""
    clock: Clock
    offset: int = 0
    """Nanoseconds that the log's clock is ahead of the captures', where it was matched."""

    @property
    def zone_and_skew(self) -> tuple[int, int]:
        """Minutes by which its zone is ahead of UTC, and nanoseconds by which its clock is fast."""
        skew = _skew(self.offset)
        return (self.offset - skew) // (60 * _SECOND), skew

    @property
    def timed(self) -> Iterator[tuple[int, Entry]]:
        """The entries with their times."""
        return zip(self.times, self.log.entries, strict=True)


def read_log(
    lines: Iterable[bytes],
    file: EvidenceFile,
    *,
    phone: str | None = None,
    year: int | None = None,
    zone: tzinfo | None = None,
) -> tuple[PhoneLog, list[str]]:
    """A log and what is odd about it, a sentence each."""
    reading = read_entries(lines, MAX_ENTRIES)
    remarks = []
    if not reading.entries:
        remarks.append(f"{file.path} holds no line of a phone's log that tells of names or of CAPF")
    if reading.limited:
        remarks.append(f"of {file.path} the first {MAX_ENTRIES:,} lines that matter were read")
    if phone is None and len(reading.devices) == 1:
        phone = next(iter(reading.devices))
    elif phone is None and reading.devices:
        most = max(reading.devices, key=lambda name: reading.devices[name])
        remarks.append(f"{file.path} names several phones; it is taken for that of {most}")
        phone = most
    return PhoneLog(file, phone, tuple(reading.entries), year, zone), remarks


def place(log: PhoneLog, seen: Iterable[tuple[str, int]], near: int | None) -> Placed:
    """A log on the captures' clock.

    ``seen`` are the names that captures show the phone to ask for, with their times; ``near`` is
    when the captures were taken, None without any.
    """
    stamps = [entry.stamp for entry in log.entries]
    if (
        log.year is None
        and near is None
        and all(stamp is None or stamp.year is None for stamp in stamps)
    ):
        return Placed(log, (0,) * len(stamps), Clock.UNKNOWN)
    years = [log.year] if log.year is not None or near is None else _years_near(near)
    if log.zone is not None:
        placed = [_times(stamps, year, log.zone) for year in years]
        return Placed(log, _nearest(placed, near), Clock.GIVEN)
    local = [_times(stamps, year, UTC) for year in years]
    asked = defaultdict(list)
    for name, time in seen:
        asked[name.lower()].append(time)
    for times in local:
        offset = _offset(log.entries, times, asked)
        if offset is not None:
            moved = tuple(time and time - offset for time in times)
            return Placed(log, moved, Clock.MATCHED, offset)
    return Placed(log, _nearest(local, near), Clock.ASSUMED)


def _years_near(near: int) -> list[int | None]:
    year = (_EPOCH + timedelta(seconds=near // _SECOND)).year
    return [year, year - 1, year + 1]


def _nearest(candidates: Sequence[tuple[int, ...]], near: int | None) -> tuple[int, ...]:
    def distance(times: tuple[int, ...]) -> int:
        known = [time for time in times if time]
        return min((abs(time - (near or 0)) for time in known), default=0)

    return min(candidates, key=distance)


def _times(stamps: Sequence[Stamp | None], year: int | None, zone: tzinfo) -> tuple[int, ...]:
    """The times of stamps of which the first is of a year; at a new year another one begins."""
    times: list[int] = []
    last_month, added = 0, 0
    for stamp in stamps:
        if stamp is None:
            times.append(times[-1] if times else 0)
            continue
        if stamp.year is None and last_month == 12 and stamp.month == 1:
            added += 1
        last_month = stamp.month
        own = stamp.year if stamp.year is not None else None if year is None else year + added
        times.append(0 if own is None else _moment(stamp, own, zone))
    return tuple(times)


def _moment(stamp: Stamp, year: int, zone: tzinfo) -> int:
    try:
        midnight = datetime(year, stamp.month, stamp.day)
        moment = (midnight + timedelta(microseconds=stamp.nanoseconds // 1000)).replace(tzinfo=zone)
        return (moment - _EPOCH) // timedelta(microseconds=1) * 1000 + stamp.nanoseconds % 1000
    except (ValueError, OverflowError):  # no such day in that year
        return 0


def _offset(
    entries: Sequence[Entry], times: Sequence[int], asked: dict[str, list[int]]
) -> int | None:
    """By how much the log's clock is ahead, where enough of what it tells is in captures."""
    found: list[int] = []
    for entry, time in zip(entries, times, strict=True):
        if entry.message.kind is not Kind.FORWARDED or not time:
            continue
        for other in asked.get(entry.message.name, ()):
            ahead = time - other
            if abs(ahead) <= _FARTHEST_ZONE and abs(_skew(ahead)) <= _SKEW:
                found.append(ahead)
        if len(found) > MAX_PAIRS:
            break
    return _common(sorted(found)) if found else None


def _common(found: Sequence[int]) -> int:
    """The offset that most pairs have in common, given ascending; a phone asks again and again.

    Of offsets that as many speak for, the one on which they agree best, then the least skewed.
    """
    best, chosen, first = (0, 0, 0), found[0], 0
    for last, offset in enumerate(found):
        while offset - found[first] > _ALIKE:
            first += 1
        middle = found[(first + last) // 2]
        score = last - first + 1, found[first] - offset, -abs(_skew(middle))
        if score > best or last == 0:
            best, chosen = score, middle
    return chosen


def _skew(ahead: int) -> int:
    """What an offset is beyond the nearest quarter of an hour."""
    return (ahead + _QUARTER // 2) % _QUARTER - _QUARTER // 2
