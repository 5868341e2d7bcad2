"""Timelines phone by phone: all that one did, on whatever flow, in order of time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import msgspec

from capfpcap.formats.harmless import harmless
from capfpcap.formats.layout import Style, Writer, clip
from capfpcap.formats.page import Page, moment
from capfpcap.formats.path_segments import path_segment_words
from capfpcap.formats.steps import host_and_port
from capfpcap.formats.timeline import column, event_keys, flow_keys, place_of, stamp, told, waits
from capfpcap.report import SCHEMA_VERSION

if TYPE_CHECKING:
    from capfpcap.analysis import PhoneTimeline
    from capfpcap.report import Flow

_NAME_WIDTH = 32
_MAX_FLOWS = 3
"""Flows of one change on the way that are named; the others are counted."""


def text_lines(timelines: Iterable[PhoneTimeline], page: Page) -> Iterator[bytes]:
    """Each phone: a line that names it, what changes on its packets' way, its events."""
    for timeline in timelines:
        writer = Writer(page)
        flows = [each.flow for each in timeline.flows]
        start = flows[0].start if flows else stamp(timeline.logged[0].time)
        day = f"{page.date(start)} {page.zone_name(start)}"
        writer.paragraph(f"{_name(timeline)}, {day}", hanging="  ", style=Style.STRONG)
        for arrow, words in _changes(flows):
            writer.marked(arrow, Style.PLAIN, words, indent="  ")
        _write_events(writer, timeline)
        writer.gap()
        yield writer.encoded()


def _name(timeline: PhoneTimeline) -> str:
    if timeline.name is None:
        return f"{host_and_port(*_ends(timeline.flows[0].flow)[0])}, no phone"
    others = [address for address in timeline.addresses if address != timeline.name]
    return ", ".join([clip(timeline.name, _NAME_WIDTH), *others[:2]])


def _ends(flow: Flow) -> tuple[tuple[str, int], tuple[str, int]]:
    return (flow.client.address, flow.client.port), (flow.server.address, flow.server.port)


def _changes(flows: Iterable[Flow]) -> Iterator[tuple[str, str]]:
    """What packets do not keep between captures, each way, with the flows that show it."""
    found: dict[tuple[str, str], list[str]] = {}
    for flow in flows:
        for arrow, to_server in (("→ ", True), ("← ", False)):
            words = "; ".join(path_segment_words(flow.path_segments, to_server=to_server))
            if words:
                found.setdefault((arrow, words), []).append(flow.id)
    for (arrow, words), ids in found.items():
        hidden = len(ids) - _MAX_FLOWS
        more = f" and {hidden} more" if hidden > 0 else ""
        yield arrow, f"{words} ({', '.join(ids[:_MAX_FLOWS])}{more})"


def _write_events(writer: Writer, timeline: PhoneTimeline) -> None:
    """A line each: time of day, seconds since the event before, frame, flow, from whom, what.

    With its first event a flow tells its ends.
    """
    events = [event for _, event in timeline.events]
    places = column([place_of(event) for event in events])
    names = [f"{flow.id} {flow.service}" if flow else "log" for flow, _ in timeline.events]
    flows = column(names)
    begun: set[str] = set()
    lines = zip(places, waits(events), flows, timeline.events, strict=True)
    for place, wait, name, (flow, event) in lines:
        opening = "" if flow is None or flow.id in begun else _opening(flow)
        begun.update([flow.id] if flow else [])
        writer.marked(
            f"{moment(event.time, writer.page.zone):%H:%M:%S.%f}  ",
            Style.FAINT,
            told(event) + opening,
            label=f"{wait}  {place}  {name} ",
        )


def _opening(flow: Flow) -> str:
    """Between which ports the flow is, and where its server is."""
    return f" ({flow.client.port} → {host_and_port(flow.server.address, flow.server.port)})"


def json_pieces(timelines: Iterable[PhoneTimeline]) -> Iterator[bytes]:
    """One JSON document, in pieces."""
    yield f'{{"schema_version":{SCHEMA_VERSION},"phones":['.encode()
    for number, timeline in enumerate(timelines):
        yield b"," * (number > 0) + _phone_json(timeline)
    yield b"]}\n"


def _phone_json(timeline: PhoneTimeline) -> bytes:
    return msgspec.json.encode(
        {
            "name": None if timeline.name is None else harmless(timeline.name),
            "addresses": timeline.addresses,
            "flows": [flow_keys(each.flow) for each in timeline.flows],
            "events": [
                {"flow": flow.id if flow else None, **event_keys(event)}
                for flow, event in timeline.events
            ],
        }
    )
