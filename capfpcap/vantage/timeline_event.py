"""One line of a timeline, whatever told it."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct


class Arrival(NamedTuple):
    """A packet at another vantage point that it passed later."""

    capture: str
    frame: int
    delay: int
    """Nanoseconds after it was seen first; no better than the clocks compare."""


class TimelineEvent(Struct, frozen=True):
    """One line of a timeline."""

    time: int
    """Nanoseconds since 1970 UTC, by the common clock."""
    capture: str
    """The report's name of the capture file, or of a log that was given."""
    frame: int
    """From 1, in that file; of a log the line."""
    sender: str
    """``client``, ``server``, ``network`` for a host on the way between them, or ``log``."""
    text: str
    """May hold text of packets, not yet made harmless."""
    kind: str
    arrivals: tuple[Arrival, ...] = ()
    """Where else the packet was seen, in the order in which it came by."""
    fate: str | None = None
    """What became of it, where it did not pass: words of :class:`Fate`."""
    logged: bool = False
    """Whether a phone's log tells it, not a packet."""
    fate_text: str | None = None
    """The same in a few words, with the captures between which it happened."""
