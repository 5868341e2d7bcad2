"""The timeline: phone by phone or flow by flow, ICMP errors included."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.capture.builder import pcap
from tests.timeline.test_lookup import ask, question
from tests.timeline.tftp_packets import download

from .conftest import CAPTURES, Program

REJECTED = CAPTURES / "icmp-rejected"
TWO_STARTS = CAPTURES / "started-twice" / "phone.pcap"


def document(capfpcap: Program, *arguments: str | Path) -> Any:
    return json.loads(capfpcap("timeline", "--format", "json", *arguments).stdout)


def test_a_phone_and_its_capture_are_told_apart(capfpcap: Program) -> None:
    capture = CAPTURES / "own-trust-list" / "phone.pcap"
    both = document(capfpcap, "--phone", capture)["phones"]
    names = {phone["name"] for phone in both}
    assert len(names) > 1
    chosen = max(names)
    one = document(capfpcap, "--phone", capture, "--phone", chosen)["phones"]
    assert [phone["name"] for phone in one] == [chosen]
    two = document(capfpcap, capture, *(word for name in names for word in ("--phone", name)))
    assert {phone["name"] for phone in two["phones"]} == names


def test_a_timeline_of_one_flow_begins_with_its_first_packet(
    capfpcap: Program, failing: Path
) -> None:
    flows = json.loads(capfpcap("flows", failing, "--format", "json").stdout)["flows"]
    capf = next(flow for flow in flows if flow["service"] == "capf")
    of_flow = document(capfpcap, failing, "--by", "flow", "--flow", capf["id"])
    assert [flow["id"] for flow in of_flow["flows"]] == [capf["id"]]
    times = [event["time"] for event in of_flow["flows"][0]["events"]]
    assert times == sorted(times)
    assert times[0] == capf["start"]
    (phone,) = document(capfpcap, failing, "--flow", capf["id"])["phones"]
    assert [event["time"] for event in phone["events"]] == times


def test_all_that_a_phone_did_is_told_in_order_of_time(capfpcap: Program) -> None:
    by_flow = document(capfpcap, TWO_STARTS, "--by", "flow")["flows"]
    (phone,) = document(capfpcap, TWO_STARTS)["phones"]
    times = [event["time"] for event in phone["events"]]
    assert times == sorted(times)
    assert [flow["id"] for flow in phone["flows"]] == [flow["id"] for flow in by_flow]
    told = [(flow["id"], event["frame"]) for flow in by_flow for event in flow["events"]]
    assert sorted((event["flow"], event["frame"]) for event in phone["events"]) == sorted(told)


def test_the_text_names_phone_flow_and_server_within_80_columns(
    capfpcap: Program, failing: Path
) -> None:
    lines = capfpcap("timeline", failing).stdout.decode().splitlines()
    assert lines[0].startswith("SEP0008301CE5D2, 10.20.50.60, ")
    assert any(" capf → SYN" in line for line in lines)
    assert any("10.122.138.102:3804)" in line for line in lines)
    assert any("unknown_ca" in line for line in lines)
    assert all(len(line) <= 80 for line in lines)


def test_flows_that_are_no_phone_s_are_told_too(capfpcap: Program, tmp_path: Path) -> None:
    capture = tmp_path / "mixed.pcap"
    packets = [
        replace(ask(question()), source="10.9.9.9"),
        *download("SEP001122334455.cnf.xml", b"<device/>"),
    ]
    capture.write_bytes(pcap([one.recorded(number) for number, one in enumerate(packets)]))
    flows = document(capfpcap, capture, "--by", "flow")["flows"]
    strangers = [flow["id"] for flow in flows if flow["phone"] is None]
    assert len(strangers) == 1
    phones = document(capfpcap, capture)["phones"]
    nameless = [flow["id"] for each in phones if each["name"] is None for flow in each["flows"]]
    assert nameless == strangers
    assert b"10.9.9.9:50000, no phone" in capfpcap("timeline", capture).stdout


@pytest.mark.parametrize("by", ["phone", "flow"])
def test_icmp_errors_that_end_a_flow_are_told_with_the_frames_that_tshark_names(
    capfpcap: Program, by: str
) -> None:
    capture = REJECTED / "phone.pcap"
    command = ["tshark", "-r", str(capture), "-Y", "icmp.type == 3"]
    command += ["-T", "fields", "-e", "frame.number"]
    frames = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split()
    text = " ".join(capfpcap("timeline", "--by", by, capture).stdout.decode().split())
    assert len(frames) == text.count("· ICMP communication administratively")
    (told,) = document(capfpcap, capture)["phones"]
    errors = [event for event in told["events"] if event["kind"] == "icmp"]
    assert [str(event["frame"]) for event in errors] == frames
    assert {event["from"] for event in errors} == {"network"}
    assert all("from 192.168.77.1" in event["text"] for event in errors)


def test_an_icmp_error_that_two_captures_hold_is_told_once(capfpcap: Program) -> None:
    folder = CAPTURES / "tftp-stopped"
    (phone,) = document(capfpcap, folder / "phone.pcap", folder / "publisher.pcap")["phones"]
    errors = [event for event in phone["events"] if event["kind"] == "icmp"]
    requests = [event for event in phone["events"] if "TFTP request" in event["text"]]
    assert len(errors) == len(requests)
    assert {len(event["seen_at"]) for event in errors} == {1}
    assert {event["from"] for event in errors} == {"server"}


@pytest.mark.parametrize("option", ["--flow", "--phone"])
def test_a_flow_or_phone_that_is_not_there_is_named(
    capfpcap: Program, failing: Path, option: str
) -> None:
    result = capfpcap("timeline", failing, option, "nobody")
    assert result.returncode == 3
    assert b"nobody" in result.stderr
    assert b"Traceback" not in result.stderr


def test_a_capture_that_is_not_there_is_no_phone(capfpcap: Program, failing: Path) -> None:
    result = capfpcap("timeline", "--phone", "missing.pcap")
    assert result.returncode == 3
    assert b"missing.pcap cannot be read" in result.stderr
