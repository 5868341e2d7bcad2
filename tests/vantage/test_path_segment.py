"""What packets do not keep on their way: addresses, ports, TTL, MSS."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import jsonschema
import pytest

from capfpcap.analysis import Analysis
from capfpcap.report import PathSegment
from tests.vantage.records import CAPTURES, IP, SYN, Packet, joined, pair, translated, write

OUTSIDE_ADDRESS = bytes([198, 51, 100, 7])
MSS_AT = IP + 42
"""Where Linux has the value of the MSS option: the first behind the TCP header."""


def clamped(packets: Iterable[Packet], size: int, *, from_address: bytes) -> list[Packet]:
    """A router that lowers the MSS in the SYNs of one host."""
    return [
        packet.patched(MSS_AT, struct.pack(">H", size))
        if packet.protocol == 6 and packet.flags & SYN and packet.source == from_address
        else packet
        for packet in packets
    ]


def address_of(packets: Iterable[Packet]) -> bytes:
    return next(packet.source for packet in packets if packet.is_ip)


def path_segments(analysis: Analysis, service: str = "capf") -> list[PathSegment]:
    return [
        segment
        for flow in analysis.report.flows
        if flow.service == service
        for segment in flow.path_segments
    ]


def test_a_way_that_changes_nothing_but_the_ttl_says_so(tmp_path: Path) -> None:
    (segment,) = path_segments(joined(tmp_path, *pair("success-by-address")))
    assert (segment.near, segment.far) == ("phone", "publisher")
    assert segment.client is segment.server is None
    assert segment.ttl_to_server == (64, 63)
    assert segment.ttl_to_client == (63, 64)
    assert segment.mss_to_server == segment.mss_to_client == (1460, 1460)


def test_a_clamped_mss_is_seen_where_it_left_and_where_it_came(tmp_path: Path) -> None:
    phone, publisher = pair("success-by-address")
    lowered = clamped(publisher, 1360, from_address=address_of(phone))
    (segment,) = path_segments(joined(tmp_path, phone, lowered))
    assert segment.mss_to_server == (1460, 1360)
    assert segment.mss_to_client == (1460, 1460)


def test_a_translated_client_has_both_of_its_addresses_and_ports(tmp_path: Path) -> None:
    phone, publisher = pair("success-by-address")
    outside = translated(publisher, address_of(phone), OUTSIDE_ADDRESS, lambda port: port ^ 1)
    (segment,) = path_segments(joined(tmp_path, phone, outside))
    assert segment.client is not None
    assert segment.server is None
    assert segment.client.far.address == "198.51.100.7"
    assert segment.client.far.port == segment.client.near.port ^ 1


def test_a_capture_that_lacks_the_answers_leaves_their_numbers_open(tmp_path: Path) -> None:
    found = path_segments(joined(tmp_path, *pair("return-path-filtered")))
    assert {segment.ttl_to_client for segment in found} == {(None, 64)}
    assert {segment.mss_to_client for segment in found} == {(None, 1460)}


def test_one_capture_has_no_path_segment(tmp_path: Path) -> None:
    phone, _ = pair("success-by-address")
    assert path_segments(joined(tmp_path, phone)) == []


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (1460, "1460, comes to publisher as it was: nothing between the two clamps it"),
        (1360, "1460, comes to publisher as 1360: something between the two changes it"),
    ],
)
def test_where_large_packets_vanish_it_is_said_whether_the_mss_is_clamped(
    size: int, words: str, tmp_path: Path
) -> None:
    phone, publisher = pair("large-packets-vanish")
    lowered = clamped(publisher, size, from_address=address_of(phone))
    report = joined(tmp_path, phone, lowered).report
    (finding,) = [one for one in report.findings if one.code == "path-mtu-blackhole"]
    assert words in finding.detail


def program(*arguments: str | Path) -> str:
    command = [sys.executable, "-m", "capfpcap", *map(str, arguments)]
    return subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=60, encoding="utf-8"
    ).stdout


def behind_a_nat(folder: Path) -> list[Path]:
    phone, publisher = pair("success-by-address")
    outside = translated(publisher, address_of(phone), OUTSIDE_ADDRESS)
    lowered = clamped(outside, 1360, from_address=OUTSIDE_ADDRESS)
    return [write(folder / "a.pcap", phone), write(folder / "b.pcap", lowered)]


@pytest.mark.parametrize("command", ["reach", "timeline"])
def test_nat_and_clamping_are_shown_to_the_user(command: str, tmp_path: Path) -> None:
    shown = " ".join(program(command, *behind_a_nat(tmp_path)).split())
    assert "client is 198.51.100.7:" in shown
    assert "MSS 1460 is 1360 at publisher" in shown
    assert "TTL 64 is 63 at phone" in shown


def test_the_table_of_flows_has_the_translated_client_on_the_line_of_its_capture(
    tmp_path: Path,
) -> None:
    lines = program("flows", *behind_a_nat(tmp_path)).splitlines()
    assert "TTL →/←" in lines[0]
    (number,) = [number for number, line in enumerate(lines) if " capf " in line]
    assert "64/63" in lines[number]
    assert "1460/1460" in lines[number]
    assert lines[number + 1].split()[0].startswith("198.51.100.7:")
    assert "63/64" in lines[number + 1]
    assert "1360/1460" in lines[number + 1]


def test_the_table_of_one_capture_has_no_columns_for_several() -> None:
    shown = program("flows", CAPTURES / "success-by-address" / "phone.pcap")
    assert "MSS" not in shown


def test_the_matrix_fits_the_schema_that_the_program_prints(tmp_path: Path) -> None:
    matrix = json.loads(program("reach", "--format", "json", *behind_a_nat(tmp_path)))
    jsonschema.validate(matrix, json.loads(program("schema", "reach")))
    (capf,) = [row for row in matrix["phones"][0]["services"] if row["service"] == "capf"]
    assert capf["path_segments"][0]["mss_to_server"] == [1460, 1360]


def test_requests_whose_answers_a_nat_drops_are_known_to_have_arrived() -> None:
    folder = CAPTURES / "phone-behind-nat"
    captures = [folder / "phone.pcap", folder / "publisher.pcap"]
    matrix = json.loads(program("reach", "--format", "json", *captures))
    (tftp,) = [row for row in matrix["phones"][0]["services"] if row["service"] == "tftp"]
    assert tftp["to_server"]["state"] == "passes"
    assert tftp["to_server"]["lost"] == 0
    assert tftp["to_client"]["state"] == "dropped"
