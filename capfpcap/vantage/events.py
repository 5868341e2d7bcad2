"""The events of a flow at all vantage points, with capture and frame."""

from __future__ import annotations

from dataclasses import dataclass

from capfpcap.timeline.events import conversation_events
from capfpcap.vantage.flow import Flow, Sighting


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """One line of a timeline."""

    time: int
    """Nanoseconds since 1970 UTC."""
    capture: str
    """The report's name of the capture file."""
    frame: int
    """From 1, in that file."""
    sender: str
    """``client`` or ``server``."""
    text: str
    """May hold text of packets, not yet made harmless."""
    kind: str


def flow_events(flow: Flow) -> list[TimelineEvent]:
    """What happened in a flow as each capture shows it, in order of time."""
    events = [event for sighting in flow.sightings for event in _at(sighting)]
    return sorted(events, key=lambda event: (event.time, event.capture, event.frame))


def _at(sighting: Sighting) -> list[TimelineEvent]:
    columns = sighting.at.table.columns
    return [
        TimelineEvent(
            time=int(columns.time[event.row]),
            capture=sighting.at.ids[int(columns.file[event.row])],
            frame=int(columns.frame[event.row]),
            sender="client" if event.from_client else "server",
            text=event.text,
            kind=event.kind.value,
        )
        for event in conversation_events(sighting.conversation)
    ]
