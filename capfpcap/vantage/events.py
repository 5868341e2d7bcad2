"""The events of a flow as all captures show them, each once, with where its packet was seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from capfpcap.timeline.event import Event, EventKind, What
from capfpcap.timeline.events import conversation_events, packet_event
from capfpcap.vantage.fate import Fate, Leg, Passage
from capfpcap.vantage.flow import Flow, Sighting
from capfpcap.vantage.icmp_events import SeenError, icmp_events
from capfpcap.vantage.timeline_event import Arrival, TimelineEvent
from capfpcap.vantage.verdicts import read_legs

_WORDS = {
    Fate.LOST: "lost between {origin} and {goal}",
    Fate.UNWATCHED: "not seen at {goal}, whose capture may have ended",
    Fate.MISSED: "missed by the capture {goal}, for it was acknowledged",
    Fate.UNSEEN: "missed by the capture {origin}",
    Fate.INJECTED: "never sent by {origin}",
}

Place = tuple[str, int]
"""Name of a vantage point, and a row of its flow table."""


class Passed(NamedTuple):
    """A packet at a vantage point behind the first one that saw it."""

    sighting: Sighting
    row: int
    delay: int
    """Nanoseconds after it was seen first."""


class SeenEvent(NamedTuple):
    """An event as the capture nearest its sender tells it, and what became of its packet."""

    sighting: Sighting
    event: Event
    time: int
    """Nanoseconds since 1970 UTC, by the common clock."""
    onward: Sequence[Passed] = ()
    """Where else the packet was seen, in the order in which it came by."""
    fate: tuple[Fate, Leg] | None = None
    """What befell it, and where, if it did not simply pass."""
    in_part: bool = False
    """Whether that befell other packets of the message, not the one that brought its end."""

    @property
    def fate_text(self) -> str | None:
        """The fate in a few words, with the captures between which it happened."""
        if self.fate is None:
            return None
        fate, leg = self.fate
        words = _WORDS[fate].format(origin=leg.origin.name, goal=leg.goal.name)
        return f"in part {words}" if self.in_part else words


def flow_events(flow: Flow, errors: Iterable[SeenError] = ()) -> list[TimelineEvent]:
    """What happened in a flow, with the ICMP errors about it, in order of time.

    A packet that several captures hold is one event, told by the capture nearest its sender.
    """
    events = [*map(_told, seen_events(flow)), *icmp_events(flow, errors)]
    return sorted(events, key=lambda event: (event.time, event.capture, event.frame))


def seen_events(flow: Flow, also: Collection[Place] = ()) -> list[SeenEvent]:
    """What happened in a flow, each packet once, not in order.

    Packets that stand at places in ``also`` are told even where they made no event.
    """
    if len(flow.sightings) > 1 or flow.unseen_at:
        return _joined(flow, also)
    sighting = flow.first
    times = sighting.at.table.columns.time
    return [
        SeenEvent(sighting, event, int(times[event.row]))
        for event in _all(sighting, _rows_at(sighting, also))
    ]


def _joined(flow: Flow, also: Collection[Place]) -> list[SeenEvent]:
    way, guesses = _Way(read_legs(flow)), _Guesses(flow)
    wanted = {*way.fateful, *also, *map(way.origin, also)}
    events: list[SeenEvent] = []
    told: set[tuple[Place, EventKind, int]] = set()
    for from_client in (True, False):
        ordered = flow.sightings if from_client else flow.sightings[::-1]
        for sighting in ordered:
            numbers: Counter[tuple[int, EventKind]] = Counter()
            shown = guesses.applied(sighting, _all(sighting, _rows_at(sighting, wanted)))
            for event in shown:
                if event.from_client != from_client:
                    continue
                numbers[event.row, event.kind] += 1
                origin = way.origin((sighting.at.name, event.row))
                key = origin, event.kind, numbers[event.row, event.kind]
                if key not in told:
                    told.add(key)
                    events.append(way.seen(sighting, event))
    return events


class _Guesses:
    """What encrypted records likely carry, by the sighting in which the least is missing."""

    def __init__(self, flow: Flow) -> None:
        self._best = flow.best
        self._guessed = _encrypted(conversation_events(flow.best.conversation))

    def applied(self, sighting: Sighting, events: list[Event]) -> list[Event]:
        """The events of a sighting, with those guesses where it has as many records."""
        own = _encrypted(events)
        if sighting is self._best or list(map(_sender, own)) != list(map(_sender, self._guessed)):
            return events
        better = iter(self._guessed)
        return [
            _as_guessed(event, next(better)) if event.what is What.APPLICATION_DATA else event
            for event in events
        ]


def _encrypted(events: Iterable[Event]) -> list[Event]:
    return [event for event in events if event.what is What.APPLICATION_DATA]


def _sender(event: Event) -> bool:
    return event.from_client


def _as_guessed(event: Event, better: Event) -> Event:
    return event._replace(label=better.label, text=better.text, certainty=better.certainty)


def _rows_at(sighting: Sighting, places: Iterable[Place]) -> set[int]:
    """The rows of a sighting among some places."""
    view, name = sighting.conversation.view, sighting.at.name
    return {row for at, row in places if at == name and view.start <= row < view.stop}


def _all(sighting: Sighting, wanted: set[int]) -> list[Event]:
    """The events of a sighting, with one for each wanted packet that made none."""
    events = conversation_events(sighting.conversation)
    silent = wanted - {event.row for event in events}
    events += [packet_event(sighting.conversation, row) for row in silent]
    return sorted(events, key=lambda event: event.row)


class _Way:
    """How the packets of a flow went from one vantage point to the next."""

    def __init__(self, legs: Sequence[Leg]) -> None:
        self._onward: dict[Place, tuple[Sighting, int]] = {}
        self._origin: dict[Place, Place] = {}
        self._fates: dict[Place, tuple[Fate, Leg]] = {}
        self._torn: list[tuple[range, Fate, Leg]] = []
        for leg in sorted(legs, key=lambda leg: leg.origin.number * (1 if leg.to_server else -1)):
            for passage in leg.passages:
                self._follow(leg, passage)
            self._torn += _torn(leg)

    def _follow(self, leg: Leg, passage: Passage) -> None:
        sent = None if passage.sent_row is None else (leg.origin.name, passage.sent_row)
        if sent is not None and passage.arrived_row is not None and leg.arrived is not None:
            self._onward[sent] = leg.arrived, passage.arrived_row
            arrived = leg.goal.name, passage.arrived_row
            self._origin[arrived] = self._origin.get(sent, sent)
        elif passage.fate in _WORDS:
            row = passage.arrived_row
            at = sent if sent is not None or row is None else (leg.goal.name, row)
            if at is not None:
                self._fates[at] = passage.fate, leg

    def origin(self, place: Place) -> Place:
        """Where a packet was seen first."""
        return self._origin.get(place, place)

    def seen(self, sighting: Sighting, event: Event) -> SeenEvent:
        """An event with where its packet went, and what befell it at the last of those places."""
        time = int(sighting.at.table.columns.time[event.row])
        place, onward = (sighting.at.name, event.row), []
        while (following := self._onward.get(place)) is not None:
            other, row = following
            onward.append(Passed(other, row, int(other.at.table.columns.time[row]) - time))
            place = other.at.name, row
        fate = self._fates.get(place) or self._fates.get((sighting.at.name, event.row))
        torn = None if fate else self._torn_from(sighting, event)
        return SeenEvent(sighting, event, time, onward, fate or torn, in_part=torn is not None)

    def _torn_from(self, sighting: Sighting, event: Event) -> tuple[Fate, Leg] | None:
        """What befell another packet of a message that several carry, for good."""
        if event.span is None:
            return None
        first, behind = event.span
        for lost, fate, leg in self._torn:
            alike = leg.sent is sighting and leg.to_server == event.from_client
            if alike and lost.start < behind and first < lost.stop:
                return fate, leg
        return None

    @property
    def fateful(self) -> Collection[Place]:
        """Places of packets that went no further, or came from nowhere."""
        return self._fates


def _torn(leg: Leg) -> Iterator[tuple[range, Fate, Leg]]:
    """The stream offsets that left the origin of a leg and in no packet came to its goal."""
    connection = leg.sent.conversation.connection if leg.sent is not None else None
    dead = {one.sent_row: one.fate for one in leg.dead} if connection is not None else {}
    if connection is None or not dead:
        return
    for segment in connection.side(leg.to_server).segments:
        if segment.row in dead:
            covered = range(segment.offset, segment.offset + segment.length)
            yield covered, dead[segment.row], leg


def _told(seen: SeenEvent) -> TimelineEvent:
    event, fate = seen.event, seen.fate
    capture, frame = _frame(seen.sighting, event.row)
    return TimelineEvent(
        time=seen.time,
        capture=capture,
        frame=frame,
        sender="client" if event.from_client else "server",
        text=event.text,
        kind=event.kind.value,
        arrivals=tuple(
            Arrival(*_frame(passed.sighting, passed.row), passed.delay) for passed in seen.onward
        ),
        fate=None if fate is None else fate[0].value,
        fate_text=seen.fate_text,
    )


def _frame(sighting: Sighting, row: int) -> tuple[str, int]:
    columns = sighting.at.table.columns
    return sighting.at.ids[int(columns.file[row])], int(columns.frame[row])
