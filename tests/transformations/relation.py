"""What a transformation is: how captures are changed, and what must hold of what they show then."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from random import Random
from typing import NamedTuple

from tests.transformations.subjects import Files, Recording, Recordings, Subject, written
from tests.vantage.records import Packet

ETHERNET = 1
"""Link type."""


class Law(Enum):
    """What the facts of changed captures are, as compared with those of the shipped ones."""

    SAME = auto()
    """All of them, and no others."""
    UNION = auto()
    """Those of all subjects together, but for the exit status, which is that of the worst."""
    NO_OTHER = auto()
    """No other codes, whoever they are told of: evidence is missing now, a phone's name perhaps.

    What one of several captures shows alone may be what is left. A failure needs a code, so
    outcomes are held by that.
    """


class Changed(NamedTuple):
    """Captures as a transformation leaves them."""

    files: Files
    beside: Subject | None = None
    """Whose captures are among them too: its facts are expected as well."""


class Relation(NamedTuple):
    """One transformation."""

    change: Callable[[Random, Subject], Changed | None]
    """None: it cannot be applied to a subject."""
    law: Law = Law.SAME


def to_recordings(change: Callable[[Random, Recordings], Recordings | None]) -> Relation:
    """A transformation of captures that are written as plain files."""

    def changed(rng: Random, subject: Subject) -> Changed | None:
        recordings = change(rng, subject.recordings)
        return None if recordings is None else Changed(written(recordings))

    return Relation(changed)


def to_packets(change: Callable[[Random], Callable[[Packet], Packet]]) -> Relation:
    """A transformation that does the same to every packet of all captures."""

    def changed(rng: Random, recordings: Recordings) -> Recordings | None:
        if not all_ethernet(recordings):
            return None
        one = change(rng)
        return tuple(each.of(map(one, each.packets)) for each in recordings)

    return to_recordings(changed)


def to_each(change: Callable[[Random, Recording], Recording]) -> Relation:
    """A transformation of every capture on its own."""
    return to_recordings(lambda rng, recordings: tuple(change(rng, one) for one in recordings))


def all_ethernet(recordings: Recordings) -> bool:
    """Whether all packets are Ethernet frames."""
    return all(one.link_type == ETHERNET for one in recordings)


def between(rng: Random, least: float, most: float) -> float:
    """A number of any order of magnitude between two."""
    return float(least * (most / least) ** rng.random())


def either_way(rng: Random, number: float) -> float:
    """The number or its negative."""
    return rng.choice((-1, 1)) * number
