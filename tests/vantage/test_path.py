"""What two captures prove holds behind a NAT, with clocks apart, and as far as captures reach."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from capfpcap.report import Certainty, Reach
from capfpcap.vantage.role import Role
from tests.vantage.records import (
    CAPTURES,
    IP,
    SECOND,
    codes,
    joined,
    pair,
    translated,
)

OUTSIDE_ADDRESS = bytes([198, 51, 100, 7])
PROVEN = {
    "syn-filtered": "path-dropped-to-server",
    "return-path-filtered": "path-dropped-to-phone",
    "lost-clienthello": "path-drops-data",
    "large-packets-vanish": "path-mtu-blackhole",
    "rst-injected": "rst-injected",
}


@pytest.mark.parametrize(("scenario", "code"), PROVEN.items(), ids=PROVEN)
@pytest.mark.parametrize("clock", [-37 * SECOND, 7200 * SECOND], ids=["behind", "ahead"])
def test_the_cause_is_the_same_behind_a_nat_and_with_clocks_apart(
    scenario: str, code: str, clock: int, tmp_path: Path
) -> None:
    phone, publisher = pair(scenario)
    address = next(packet.source for packet in phone if packet.is_ip)
    outside = translated(publisher, address, OUTSIDE_ADDRESS)
    report = joined(tmp_path, phone, [packet.later(clock) for packet in outside]).report
    (judged,) = report.phones
    assert judged.root_cause == code
    assert judged.outcome.value == "failed"
    (finding,) = [one for one in report.findings if one.code == code]
    assert finding.certainty is Certainty.PROVEN


def test_a_server_capture_that_had_ended_long_before_proves_nothing(tmp_path: Path) -> None:
    phone, publisher = pair("syn-filtered")
    late = [one.later(60 * SECOND) if one.protocol == 6 else one for one in phone]
    assert codes(joined(tmp_path, late, publisher)) == {"connection-no-answer"}


def test_a_capture_in_the_middle_places_the_loss(tmp_path: Path) -> None:
    folder = CAPTURES / "three-points"
    command = [sys.executable, "-m", "capfpcap", "reach", "--format", "json"]
    command += [str(folder / f"{stem}.pcap") for stem in ("publisher", "phone", "router")]
    result = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert result.returncode == 2
    (phone,) = json.loads(result.stdout)["phones"]
    (capf,) = [row for row in phone["services"] if row["service"] == "capf"]
    assert capf["to_server"]["state"] == "passes"
    assert capf["to_client"]["state"] == "dropped"
    between = capf["to_client"]["dropped_between"]
    assert (between["from"], between["to"]) == ("publisher", "middle-1")


def test_points_on_one_way_are_put_in_order_by_the_hops_between_them(tmp_path: Path) -> None:
    phone, publisher = pair("success-by-name")
    middle = [
        one.later(-1_000_000).patched(IP + 8, bytes([one.data[IP + 8] + 1])) if one.is_ip else one
        for one in publisher
    ]
    analysis = joined(
        tmp_path,
        publisher,
        middle,
        phone,
        roles=(Role.PUBLISHER, Role.OTHER, Role.PHONE),
    )
    names = [point.name for point in sorted(analysis.scene.points, key=lambda one: one.number)]
    assert names == ["phone", "capture", "publisher"]
    assert codes(analysis) == {"capf-session-complete"}


def test_flows_in_the_report_say_which_way_is_dropped(tmp_path: Path) -> None:
    report = joined(tmp_path, *pair("return-path-filtered")).report
    reached = {
        (flow.reachability.to_server, flow.reachability.to_client)
        for flow in report.flows
        if flow.service == "capf"
    }
    assert reached == {(Reach.PASSES, Reach.DROPPED)}


def reach(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "capfpcap", "reach", *map(str, arguments)]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    ("scenario", "stems", "status"),
    [
        ("success-by-address", ("phone", "publisher"), 0),
        ("success-by-address", ("phone",), 0),
        ("return-path-filtered", ("phone", "publisher"), 2),
        ("return-path-filtered", ("phone",), 3),
        ("lost-clienthello", ("phone", "publisher"), 2),
        ("not-attempted", ("phone", "publisher"), 3),
        ("empty", ("phone",), 3),
    ],
)
def test_the_exit_status_tells_monitoring_what_passes(
    scenario: str, stems: tuple[str, ...], status: int
) -> None:
    result = reach(*(CAPTURES / scenario / f"{stem}.pcap" for stem in stems))
    assert result.returncode == status, result.stdout
    assert result.stderr == ""


def test_the_text_names_the_way_the_places_and_the_counts() -> None:
    folder = CAPTURES / "return-path-filtered"
    shown = reach("--phone", folder / "phone.pcap", "--publisher", folder / "publisher.pcap").stdout
    assert "dropped between publisher and phone" in " ".join(shown.split())
    assert "23 of 23 lost" in " ".join(shown.split())


def test_a_direction_that_one_capture_cannot_tell_has_a_hint() -> None:
    shown = reach(CAPTURES / "syn-filtered" / "phone.pcap").stdout
    assert "a capture at the server at the same time would tell" in " ".join(shown.split())


def test_a_timeline_marks_where_packets_vanished() -> None:
    folder = CAPTURES / "return-path-filtered"
    command = [sys.executable, "-m", "capfpcap", "timeline", "--by", "flow", "--format", "json"]
    command += [str(folder / "phone.pcap"), str(folder / "publisher.pcap")]
    output = subprocess.run(command, check=True, capture_output=True, timeout=60).stdout
    events = [
        event
        for flow in json.loads(output)["flows"]
        if flow["service"] == "capf"
        for event in flow["events"]
    ]
    answers = [event for event in events if event["text"].startswith("SYN-ACK")]
    assert {event["fate"] for event in answers} <= {"lost", "unwatched"}
    asked = [event for event in events if event["text"].startswith("SYN ")]
    assert all(event["seen_at"][0]["capture"] == "publisher" for event in asked)
    assert all(0 < event["seen_at"][0]["delay_s"] < 1 for event in asked)


def test_two_captures_of_one_place_agree_with_themselves(tmp_path: Path) -> None:
    phone, _ = pair("success-by-address")
    other = [one.later(1000) for one in phone]
    assert codes(joined(tmp_path, phone, other)) == {"capf-session-complete"}
