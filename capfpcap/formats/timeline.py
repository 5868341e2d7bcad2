"""Timelines: what happened on each flow, event by event, as text or JSON.

Both are written flow by flow, so that a long capture needs no more memory here than its longest
flow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC
from typing import TYPE_CHECKING

import msgspec

from capfpcap.formats.harmless import harmless
from capfpcap.formats.layout import Style, Writer, cells, clip
from capfpcap.formats.page import Page, moment
from capfpcap.formats.path_segments import path_segment_words
from capfpcap.formats.steps import host_and_port
from capfpcap.report import SCHEMA_VERSION

if TYPE_CHECKING:
    from capfpcap.analysis import FlowTimeline, TimelineEvent
    from capfpcap.report import Flow

_NANOSECONDS = 1_000_000_000

MAX_CAPTURE_NAME = 20
"""Characters of a capture's name before a frame number."""

_ARROWS = {"client": "→ ", "server": "← ", "network": "· "}
"""The client stands on the left."""


def text_lines(timelines: Iterable[FlowTimeline], page: Page) -> Iterator[bytes]:
    """Each flow: a line that names it, then its events and an empty line."""
    for timeline in timelines:
        writer = Writer(page)
        flow = timeline.flow
        ends = " → ".join(
            host_and_port(end.address, end.port) for end in (flow.client, flow.server)
        )
        phone = f", {flow.phone}" if flow.phone else ""
        day = f"{page.date(flow.start)} {page.zone_name(flow.start)}"
        writer.paragraph(
            f"{flow.id} {flow.service} {ends}{phone}, {day}", hanging="  ", style=Style.STRONG
        )
        for to_server, arrow in ((True, "→ "), (False, "← ")):
            words = "; ".join(path_segment_words(flow.path_segments, to_server=to_server))
            if words:
                writer.marked(arrow, Style.PLAIN, words, indent="  ")
        _write_events(writer, timeline)
        writer.gap()
        yield writer.encoded()


def _write_events(writer: Writer, timeline: FlowTimeline) -> None:
    """A line each: time of day, seconds since the event before, frame, from whom, what."""
    events = timeline.events
    places = column([place_of(event) for event in events])
    for place, wait, event in zip(places, waits(events), events, strict=True):
        writer.marked(
            f"{moment(event.time, writer.page.zone):%H:%M:%S.%f}  ",
            Style.FAINT,
            told(event),
            label=f"{wait}  {place}  ",
        )


def place_of(event: TimelineEvent) -> str:
    """Capture and frame."""
    return f"{clip(event.capture, MAX_CAPTURE_NAME)}:{event.frame}"


def column(texts: Sequence[str]) -> list[str]:
    """The texts in one width."""
    width = max(map(cells, texts), default=0)
    return [text + " " * (width - cells(text)) for text in texts]


def waits(events: Sequence[TimelineEvent]) -> list[str]:
    """Of each event the seconds since the one before, in one width."""
    times = [event.time for event in events]
    passed = [_delta(time - before) for before, time in zip(times[:1] + times, times, strict=False)]
    width = max(map(len, passed), default=0)
    return [f"{each:>{width}}" for each in passed]


def told(event: TimelineEvent) -> str:
    """From whom, what, where else it was seen and what became of it."""
    arrow = _ARROWS.get(event.sender, "· ")
    return arrow + event.text + _elsewhere(event.arrivals, event.fate_text)


def _elsewhere(arrivals: Iterable[tuple[str, int, int]], fate: str | None) -> str:
    """Where else the packet was seen and how much later, and where it vanished."""
    seen = ", ".join(
        f"{clip(capture, MAX_CAPTURE_NAME)}:{frame} {delay / 1e6:+.1f} ms"
        for capture, frame, delay in arrivals
    )
    words = f" [{seen}]" if seen else ""
    return f"{words} ✗ {fate}" if fate else words


def _delta(nanoseconds: int) -> str:
    """Seconds with a sign, to the microsecond."""
    seconds, rest = divmod(abs(nanoseconds), _NANOSECONDS)
    return f"{'-' if nanoseconds < 0 else '+'}{seconds}.{rest // 1000:06d}"


def json_pieces(timelines: Iterable[FlowTimeline]) -> Iterator[bytes]:
    """One JSON document, in pieces."""
    yield f'{{"schema_version":{SCHEMA_VERSION},"flows":['.encode()
    for number, timeline in enumerate(timelines):
        yield b"," * (number > 0) + _flow_json(timeline)
    yield b"]}\n"


def _flow_json(timeline: FlowTimeline) -> bytes:
    flow = timeline.flow
    return msgspec.json.encode(
        {
            **flow_keys(flow),
            "phone": None if flow.phone is None else harmless(flow.phone),
            "events": [event_keys(event) for event in timeline.events],
        }
    )


def flow_keys(flow: Flow) -> dict[str, object]:
    """A flow in JSON, without its phone and its events."""
    return {
        "id": flow.id,
        "service": flow.service,
        "transport": flow.transport,
        "client": flow.client,
        "server": flow.server,
        "path_segments": flow.path_segments,
    }


def event_keys(event: TimelineEvent) -> dict[str, object]:
    """An event in JSON."""
    return {
        "time": stamp(event.time),
        "capture": None if event.logged else harmless(event.capture),
        "frame": None if event.logged else event.frame,
        "file": harmless(event.capture) if event.logged else None,
        "line": event.frame if event.logged else None,
        "from": event.sender,
        "kind": event.kind,
        "text": harmless(event.text),
        "seen_at": [
            {
                "capture": harmless(other.capture),
                "frame": other.frame,
                "delay_s": other.delay / _NANOSECONDS,
            }
            for other in event.arrivals
        ],
        "fate": event.fate,
    }


def stamp(nanoseconds: int) -> str:
    """A time since 1970 as the report writes it: UTC, ISO 8601, nine decimals."""
    return f"{moment(nanoseconds, UTC):%Y-%m-%dT%H:%M:%S}.{nanoseconds % _NANOSECONDS:09d}Z"
