"""Packets at other times, in another order, more than once, or only some of them."""

from __future__ import annotations

from random import Random

from tests.transformations.relation import (
    Changed,
    Law,
    Relation,
    between,
    either_way,
    to_each,
    to_recordings,
)
from tests.transformations.subjects import Recording, Recordings, Subject, seconds, written
from tests.vantage.records import MILLISECOND, Packet

HOUR, DAY = 3600.0, 86_400.0
NEIGHBOURS = 5 * MILLISECOND
"""Nanoseconds between packets that several queues of a card may hand over in any order."""
SWAPPED = 0.2
"""The share of packets that change places with the next one."""


def _later(recording: Recording, by: int) -> Recording:
    return recording.of([packet.later(by) for packet in recording.packets])


def _shifted(rng: Random, recordings: Recordings) -> Recordings:
    """All of it earlier or later; certificates are valid for longer than that."""
    by = seconds(either_way(rng, between(rng, 0.001, 12 * HOUR)))
    return tuple(_later(one, by) for one in recordings)


def _clocks(rng: Random, recordings: Recordings) -> Recordings | None:
    """The clock of one vantage point ahead or behind."""
    if len(recordings) < 2:
        return None
    wrong, by = rng.randrange(len(recordings)), either_way(rng, between(rng, 0.0001, DAY))
    return tuple(
        _later(one, seconds(by) if number == wrong else 0) for number, one in enumerate(recordings)
    )


def _doubled(recording: Recording, copies: list[Packet]) -> Recording:
    return recording.of([*recording.packets, *copies]).in_order()


def _doubled_near(rng: Random, recording: Recording) -> Recording:
    """A mirror of both ports: each packet again within microseconds."""
    by = seconds(between(rng, 1e-6, 2e-4))
    return _doubled(recording, [packet.later(by) for packet in recording.packets])


def _doubled_far(rng: Random, recording: Recording) -> Recording:
    """Two captures of one place in one file, of clocks that differ."""
    by = seconds(between(rng, 0.001, 30))
    return _doubled(recording, [packet.later(by) for packet in recording.packets])


def _doubled_interleaved(rng: Random, recording: Recording) -> Recording:
    """A mirror under load: copies come later, each by a time of its own."""
    copies = [packet.later(seconds(rng.uniform(0, 0.004))) for packet in recording.packets]
    return _doubled(recording, copies)


def _swapped(rng: Random, recording: Recording) -> Recording:
    """Neighbours exchanged: their records, or what their records say of the time."""
    packets, at, times_too = list(recording.packets), 0, rng.random() < 0.5
    while at < len(packets) - 1:
        one, other = packets[at : at + 2]
        if abs(other.time - one.time) <= NEIGHBOURS and rng.random() < SWAPPED:
            apart = other.time - one.time if times_too else 0
            packets[at : at + 2] = other.later(-apart), one.later(apart)
            at += 1
        at += 1
    return recording.of(packets)


def _later_half_first(rng: Random, recording: Recording) -> Recording:
    """A file whose end stands at its beginning."""
    cut = rng.randrange(len(recording.packets) + 1)
    return recording.of([*recording.packets[cut:], *recording.packets[:cut]])


def _cut(rng: Random, subject: Subject) -> Changed | None:
    """One of the captures begins late or ends early."""
    recordings = list(subject.recordings)
    number = rng.randrange(len(recordings))
    packets = recordings[number].packets
    if len(packets) < 2:
        return None
    at = rng.randrange(1, len(packets))
    kept = packets[at:] if rng.random() < 0.5 else packets[:at]
    recordings[number] = recordings[number].of(kept)
    return Changed(written(tuple(recordings)))


RELATIONS: dict[str, Relation] = {
    "time": to_recordings(_shifted),
    "clocks": to_recordings(_clocks),
    "doubled-near": to_each(_doubled_near),
    "doubled-far": to_each(_doubled_far),
    "doubled-interleaved": to_each(_doubled_interleaved),
    "neighbours-swapped": to_each(_swapped),
    "halves-swapped": to_each(_later_half_first),
    "cut": Relation(_cut, Law.NO_OTHER),
}
