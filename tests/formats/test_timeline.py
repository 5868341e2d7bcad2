"""Timelines in text and JSON."""

from __future__ import annotations

import json

from capfpcap.analysis import FlowTimeline
from capfpcap.formats.page import Page
from capfpcap.formats.timeline import json_pieces, stamp, text_lines
from capfpcap.vantage.events import TimelineEvent

from . import samples

NOON = 1_795_435_200_000_000_000
"""2026-11-23 12:00 UTC."""


def event(time: int, sender: str, text: str, frame: int = 1) -> TimelineEvent:
    return TimelineEvent(
        time=time, capture="phone", frame=frame, sender=sender, text=text, kind="tcp"
    )


def timeline(*events: TimelineEvent) -> FlowTimeline:
    return FlowTimeline(samples.flow(), events)


def lines(*events: TimelineEvent) -> list[str]:
    return b"".join(text_lines([timeline(*events)], Page())).decode().splitlines()


def test_each_event_has_its_time_the_time_since_the_last_one_and_its_frame() -> None:
    shown = lines(
        event(NOON, "client", "SYN"), event(NOON + 1_500_000_000, "server", "SYN-ACK", 12)
    )
    assert shown[-3:-1] == [
        "12:00:00.000000  +0.000000  phone:1   → SYN",
        "12:00:01.500000  +1.500000  phone:12  ← SYN-ACK",
    ]


def test_a_long_wait_moves_no_column() -> None:
    shown = lines(
        event(NOON, "client", "SYN"),
        event(NOON + 12_500_000_000, "client", "SYN"),
        event(NOON + 3_612_500_000_000, "server", "RST"),
    )
    assert [line.index("phone") for line in shown[-4:-1]] == [31, 31, 31]


def test_a_clock_that_ran_backwards_shows_as_a_negative_delta() -> None:
    shown = lines(event(NOON, "client", "SYN"), event(NOON - 1_000, "network", "unreachable"))
    assert "-0.000001  phone:1  · unreachable" in shown[-2]


def test_packet_text_in_an_event_is_harmless() -> None:
    hostile = event(NOON, "client", "TFTP request \x1b[2J\u202e.tlv")
    assert r"\x1b[2J\u202e.tlv" in "".join(lines(hostile))
    document = json.loads(b"".join(json_pieces([timeline(hostile)])))
    assert document["flows"][0]["events"][0]["text"] == r"TFTP request \x1b[2J\u202e.tlv"


def test_no_flows_make_an_empty_document() -> None:
    assert json.loads(b"".join(json_pieces([]))) == {"schema_version": 1, "flows": []}


def test_flows_in_json_stand_in_one_document() -> None:
    pieces = json_pieces([timeline(event(NOON, "client", "SYN")), timeline()])
    flows = json.loads(b"".join(pieces))["flows"]
    assert [len(flow["events"]) for flow in flows] == [1, 0]
    assert flows[0]["events"][0] == {
        "time": "2026-11-23T12:00:00.000000000Z",
        "capture": "phone",
        "frame": 1,
        "from": "client",
        "kind": "tcp",
        "text": "SYN",
        "seen_at": [],
        "fate": None,
    }


def test_a_stamp_keeps_nanoseconds() -> None:
    assert stamp(NOON + 123_456_789) == "2026-11-23T12:00:00.123456789Z"


def test_a_time_beyond_the_calendar_is_no_error() -> None:
    assert stamp(2**80).startswith("9999-12-31T23:59:59")
