"""The time that counts: what a phone did in it, with what it knew from before."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta

from msgspec import Struct
from msgspec.structs import replace

from capfpcap.enrolment.phone import Phone
from capfpcap.vantage.flow import Flow

Moment = int | time
"""Nanoseconds since 1970 UTC, or a time of day in a zone, of whatever day the captures are."""

_FAR = 1 << 63
_EPOCH = datetime.fromtimestamp(0, UTC)
_MICROSECOND = 1_000
"""Nanoseconds; a time of day is no finer."""


class Period(Struct, frozen=True):
    """From one moment to another, both included, in nanoseconds since 1970 UTC."""

    begins: int = -_FAR
    ends: int = _FAR

    def __bool__(self) -> bool:
        """Whether it leaves anything out."""
        return self.begins > -_FAR or self.ends < _FAR

    def meets(self, first: int, last: int) -> bool:
        """Whether any of the time from ``first`` to ``last`` lies in it."""
        return last >= self.begins and first <= self.ends

    def flows(self, flows: Iterable[Flow]) -> list[Flow]:
        """The flows that were open in it."""
        return [flow for flow in flows if not self or self.meets(flow.started, flow.ended)]

    def phones(self, phones: Iterable[Phone]) -> list[Phone]:
        """The phones that did something in it, each with what it did, and what it knew."""
        return [found for found in map(self._within, phones) if found.flows] if self else [*phones]

    def _within(self, phone: Phone) -> Phone:
        return replace(
            phone,
            flows=self.flows(phone.flows),
            files=[
                item
                for item in phone.files
                if self.meets(item.transfer.started, item.transfer.ended)
            ],
            lookups=[
                item
                for item in phone.lookups
                if self.meets(item.lookup.asked, max(item.lookup.asked, item.lookup.answered or 0))
            ],
            attempts=self.flows(phone.attempts),
            trust_lists=[item for item in phone.trust_lists if item.time <= self.ends],
            unread=[item for item in phone.unread if item.transfer.ended <= self.ends],
            configurations=[item for item in phone.configurations if item.time <= self.ends],
        )

    @property
    def end(self) -> int | None:
        """When it ends, if it does."""
        return self.ends if self.ends < _FAR else None

    @property
    def words(self) -> str:
        """Which period it is: ``from … until …``."""
        since = f"from {_text(self.begins)}" if self.begins > -_FAR else ""
        until = f"until {_text(self.ends)}" if self.ends < _FAR else ""
        return " ".join(filter(None, (since, until)))


class Span(Struct, frozen=True):
    """A period as it is asked for; None leaves an end open."""

    since: Moment | None = None
    until: Moment | None = None

    def of(self, first: int, last: int) -> Period:
        """The period of captures that reach from ``first`` to ``last``.

        A time of day is that which the captures come to first, or that of their first day where
        they come to none.
        """
        begins = -_FAR if self.since is None else _since(self.since, first, last)
        ends = _FAR if self.until is None else _until(self.until, max(begins, first))
        return Period(begins, ends)


def _since(moment: Moment, first: int, last: int) -> int:
    if not isinstance(moment, time):
        return moment
    on_first_day, on_next_day = _on_day_of(first, moment, 0), _on_day_of(first, moment, 1)
    return on_next_day if on_first_day < first and on_next_day <= last else on_first_day


def _until(moment: Moment, after: int) -> int:
    if not isinstance(moment, time):
        return moment
    on_day = _on_day_of(after, moment, 0)
    found = on_day if on_day >= after else _on_day_of(after, moment, 1)
    return found + (_MICROSECOND - 1 if moment.microsecond else 0)


def _on_day_of(moment: int, of_day: time, days: int) -> int:
    """A time of day on the day, in its zone, of another moment, or so many days later."""
    try:
        day = (_EPOCH + timedelta(microseconds=moment // _MICROSECOND)).astimezone(of_day.tzinfo)
        found = datetime.combine(day.date() + timedelta(days=days), of_day)
        return (found - _EPOCH) // timedelta(microseconds=1) * _MICROSECOND
    except (OverflowError, ValueError):  # a time that is beyond the calendar
        return moment


def _text(moment: int) -> str:
    try:
        return f"{_EPOCH + timedelta(microseconds=moment // _MICROSECOND):%Y-%m-%d %H:%M:%S.%f} UTC"
    except OverflowError:
        return f"{moment} ns since 1970"
