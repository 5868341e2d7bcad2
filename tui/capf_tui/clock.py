"""How times are shown: in UTC, in the user's zone, or as seconds since something."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from enum import Enum

from msgspec import Struct

from capfpcap.formats.page import moment

_NANOSECONDS = 1_000_000_000
_EPOCH = datetime.fromtimestamp(0, UTC)


class TimeMode(Enum):
    """The ways of showing a time, in the order in which a key goes through them."""

    UTC = "UTC"
    LOCAL = "local"
    RELATIVE = "relative"
    DELTA = "delta"


class Clock(Struct, frozen=True):
    """Shows times, given in nanoseconds since 1970 UTC."""

    mode: TimeMode = TimeMode.UTC
    zone: tzinfo | None = None
    """The user's; None: that of the system."""
    first: int | None = None
    """The first packet of all captures."""

    def next(self) -> Clock:
        """The same times in the next way."""
        modes = list(TimeMode)
        return Clock(modes[(modes.index(self.mode) + 1) % len(modes)], self.zone, self.first)

    @property
    def counts(self) -> bool:
        """Whether times are shown as seconds since something."""
        return self.mode in {TimeMode.RELATIVE, TimeMode.DELTA}

    @property
    def shown_zone(self) -> tzinfo:
        """The zone in which times are shown."""
        if self.mode is not TimeMode.LOCAL:
            return UTC
        return _moment(self.first or 0, self.zone).tzinfo or UTC

    def title(self, noun: str, *, deltas: bool = False) -> str:
        """The title of a column of times, with the zone or what they are counted from.

        ``deltas``: the column can show times since the row before.
        """
        match self.mode:
            case TimeMode.DELTA if deltas:
                return "Delta, s"
            case TimeMode.RELATIVE | TimeMode.DELTA:
                return f"{noun}, s"
            case _:
                return f"{noun} {self.zone_name}"

    @property
    def width(self) -> int:
        """Cells of a time."""
        return 14 if self.counts else 12

    @property
    def zone_name(self) -> str:
        """The zone's abbreviation when the captures were taken."""
        if self.mode is not TimeMode.LOCAL:
            return "UTC"
        return _moment(self.first or 0, self.zone).strftime("%Z")

    def text(self, time: int | None, before: int | None = None) -> str:
        """A time; ``before`` is that of the row before, where deltas are shown."""
        if time is None:
            return ""
        match self.mode:
            case TimeMode.UTC:
                return _clock(time, UTC)
            case TimeMode.LOCAL:
                return _clock(time, self.zone)
            case TimeMode.DELTA if before is not None:
                return seconds(time - before)
            case _:
                return seconds(time - (self.first if self.first is not None else time))

    def full(self, time: int | None) -> str:
        """A time with its date and zone, to the nanosecond."""
        if time is None:
            return ""
        told = moment(time, self.shown_zone)
        return f"{told:%Y-%m-%d %H:%M:%S}.{time % _NANOSECONDS:09d} {told:%Z}"


def seconds(nanoseconds: int) -> str:
    """A duration in seconds, to the microsecond."""
    return f"{nanoseconds / _NANOSECONDS:+.6f}"


def short_duration(nanoseconds: int | None) -> str:
    """A duration as people say it: ``41.2 s``, ``3.4 ms``, ``120 µs``."""
    if nanoseconds is None:
        return ""
    size = abs(nanoseconds)
    for unit, length in (("s", _NANOSECONDS), ("ms", 1_000_000), ("µs", 1_000)):
        if size >= length:
            return (
                f"{nanoseconds / length:.3g} {unit}"
                if size < 1000 * length
                else (f"{nanoseconds / length:,.0f} {unit}")
            )
    return f"{nanoseconds} ns"


def nanoseconds(stamp: str | None) -> int | None:
    """A time of the report as nanoseconds since 1970 UTC; None for one that is not there."""
    if not stamp:
        return None
    whole, _, fraction = stamp.rstrip("Z").partition(".")
    passed = datetime.fromisoformat(whole).replace(tzinfo=UTC) - _EPOCH
    return (passed.days * 86_400 + passed.seconds) * _NANOSECONDS + int(f"{fraction:0<9}"[:9])


def _moment(time: int, zone: tzinfo | None) -> datetime:
    told = moment(time, zone or UTC)
    return told if zone else told.astimezone()


def _clock(time: int, zone: tzinfo | None) -> str:
    return f"{_moment(time, zone):%H:%M:%S}.{time % _NANOSECONDS // 1_000_000:03d}"
