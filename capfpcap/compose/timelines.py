"""What happened, event by event: flow by flow, or all that a phone did in order of time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from capfpcap.enrolment.choice import NotShownError
from capfpcap.report import Flow, Report
from capfpcap.rules.model.case import Case, Scene
from capfpcap.vantage import flow as joined
from capfpcap.vantage.timeline_event import TimelineEvent

__all__ = ["FlowTimeline", "PhoneTimeline", "TimelineEvent", "by_flow", "by_phone"]

_Described = tuple[Flow, joined.Flow]
"""A flow in the report and in the analysis."""


class FlowTimeline(Struct, frozen=True):
    """A flow and its events in order of time."""

    flow: Flow
    events: tuple[TimelineEvent, ...]


class PhoneTimeline(Struct, frozen=True):
    """What a phone did, over all of its flows; or one flow that is no phone's."""

    name: str | None
    addresses: tuple[str, ...]
    flows: tuple[FlowTimeline, ...]
    logged: tuple[TimelineEvent, ...] = ()
    """What the phone's own log tells."""

    @property
    def events(self) -> list[tuple[Flow | None, TimelineEvent]]:
        """The events of all flows and logs in order of time, each with its flow."""
        told: list[tuple[Flow | None, TimelineEvent]] = [
            (each.flow, event) for each in self.flows for event in each.events
        ]
        told += [(None, event) for event in self.logged]
        return sorted(told, key=lambda item: item[1].time)


def by_flow(scene: Scene, report: Report, flow: str | None) -> Iterator[FlowTimeline]:
    """The flows that are shown, or the one of that id, in order of their first packets.

    Raises:
        NotShownError: there is no flow of that id.
    """
    return _told(scene, _described(scene, report, flow))


def by_phone(scene: Scene, report: Report, flow: str | None) -> Iterator[PhoneTimeline]:
    """The phones in order of their first packets, then the flows that are no phone's.

    Raises:
        NotShownError: there is no flow of that id.
    """
    of_phone: dict[str | None, list[_Described]] = {}
    for item in _described(scene, report, flow):
        of_phone.setdefault(item[0].phone, []).append(item)
    for phone in report.phones:
        logged = () if flow else tuple(_logged(scene, phone.name))
        if phone.name in of_phone or logged:
            flows = tuple(_told(scene, of_phone.pop(phone.name, ())))
            yield PhoneTimeline(phone.name, phone.addresses, flows, logged)
    for left in of_phone.values():
        for told in _told(scene, left):
            yield PhoneTimeline(None, (told.flow.client.address,), (told,))


def _logged(scene: Scene, name: str) -> Iterator[TimelineEvent]:
    """What the logs of a phone tell; without a year they have no place in time."""
    if scene.judgement.evidence is None or not scene.judgement.evidence.logs:
        return
    period = scene.judgement.period
    for placed in Case(scene.phones_by_name[name], scene).logs:
        for time, entry in placed.timed:
            if time and period.meets(time, time):
                yield TimelineEvent(
                    time=time,
                    capture=placed.log.file.id,
                    frame=entry.line,
                    sender="log",
                    text=entry.message.text,
                    kind="log",
                    logged=True,
                )


def _described(scene: Scene, report: Report, flow: str | None) -> list[_Described]:
    shown = zip(report.flows, scene.shown_flows, strict=True)
    chosen = [item for item in shown if flow in (None, item[1].id)]
    if flow and not chosen:
        raise NotShownError(f"the captures show no flow {flow}")
    return chosen


def _told(scene: Scene, flows: Iterable[_Described]) -> Iterator[FlowTimeline]:
    from capfpcap.vantage.events import flow_events  # noqa: PLC0415 - not for check

    period = scene.judgement.period
    for described, found in flows:
        events = flow_events(found, scene.unreachable.get(found.id, ()))
        within = (event for event in events if period.meets(event.time, event.time))
        yield FlowTimeline(described, tuple(within))
