"""Timelines in text and JSON."""

from __future__ import annotations

import json

from capfpcap.analysis import FlowTimeline, PhoneTimeline, TimelineEvent
from capfpcap.formats import phone_timeline
from capfpcap.formats.page import Page
from capfpcap.formats.timeline import json_pieces, stamp, text_lines

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
    assert json.loads(b"".join(phone_timeline.json_pieces([]))) == {
        "schema_version": 1,
        "phones": [],
    }


def of_phone(*flows: FlowTimeline, name: str | None = samples.PHONE) -> PhoneTimeline:
    return PhoneTimeline(name, ("10.10.10.50",), flows)


def test_a_phone_s_events_stand_in_order_of_time_and_a_flow_tells_its_ends_once() -> None:
    first = FlowTimeline(samples.flow(id="f1"), (event(NOON, "client", "SYN"),))
    events = (event(NOON - 1000, "client", "SYN"), event(NOON + 1000, "network", "ICMP", 9))
    second = FlowTimeline(samples.flow(id="f2"), events)
    text = b"".join(phone_timeline.text_lines([of_phone(first, second)], Page(width=110)))
    assert text.decode().splitlines() == [
        "SEP2C31F694FAD9, 10.10.10.50, 2026-11-23 UTC",
        "11:59:59.999999  +0.000000  phone:1  f2 capf → SYN (49152 → 10.122.138.102:3804)",
        "12:00:00.000000  +0.000001  phone:1  f1 capf → SYN (49152 → 10.122.138.102:3804)",
        "12:00:00.000001  +0.000001  phone:9  f2 capf · ICMP",
        "",
    ]


def test_a_change_on_the_way_is_told_once_for_all_flows_that_show_it() -> None:
    change = samples.path_segment()
    flows = [
        FlowTimeline(samples.flow(id=f"f{number}", path_segments=(change,)), ())
        for number in range(5)
    ]
    text = b"".join(phone_timeline.text_lines([of_phone(*flows)], Page())).decode()
    assert text.count("TTL 64 is 61 at publisher (f0, f1, f2 and 2 more)") == 1


def test_packet_text_in_a_phone_s_timeline_is_harmless() -> None:
    hostile = event(NOON, "client", "TFTP request \x1b[2J\u202e.tlv")
    told = of_phone(timeline(hostile), name="SEP\x1b[2J")
    assert b"\x1b" not in b"".join(phone_timeline.text_lines([told], Page()))
    (phone,) = json.loads(b"".join(phone_timeline.json_pieces([told])))["phones"]
    assert phone["name"] == r"SEP\x1b[2J"
    assert phone["events"][0]["text"] == r"TFTP request \x1b[2J\u202e.tlv"
    assert phone["events"][0]["flow"] == phone["flows"][0]["id"]


def test_flows_in_json_stand_in_one_document() -> None:
    pieces = json_pieces([timeline(event(NOON, "client", "SYN")), timeline()])
    flows = json.loads(b"".join(pieces))["flows"]
    assert [len(flow["events"]) for flow in flows] == [1, 0]
    assert flows[0]["events"][0] == {
        "time": "2026-11-23T12:00:00.000000000Z",
        "capture": "phone",
        "frame": 1,
        "file": None,
        "line": None,
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
