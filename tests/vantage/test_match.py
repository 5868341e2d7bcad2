from __future__ import annotations

import struct
from pathlib import Path

import pytest

from capfpcap.vantage.fate import Fate
from tests.vantage.records import (
    IP,
    SECOND,
    UDP,
    Packet,
    codes,
    fates,
    joined,
    pair,
    renumbered,
    snapped,
    translated,
)

OUTSIDE_ADDRESS = bytes([198, 51, 100, 7])
TFTP_PORT = 69
PHONE_NAME = "SEP1C17D337A2F0"
FLOWS_AT_BOTH = 5
"""Four TFTP transfers and the CAPF session; the DNS server's side is not captured."""


def other_port(port: int) -> int:
    return (port + 7777) % 50_000 + 10_000 if port > 40_000 else port


@pytest.fixture(scope="module")
def healthy() -> tuple[list[Packet], list[Packet]]:
    return pair("success-by-name")


@pytest.fixture(scope="module")
def phone_address(healthy: tuple[list[Packet], list[Packet]]) -> bytes:
    return next(packet.source for packet in healthy[0] if packet.is_ip)


def assert_all_is_one(folder: Path, phone: list[Packet], publisher: list[Packet]) -> None:
    analysis = joined(folder, phone, publisher)
    shared = [flow for flow in analysis.scene.flows if len(flow.sightings) == 2]
    assert len(shared) == FLOWS_AT_BOTH
    assert set(fates(analysis).values()) == {Fate.PASSED}
    assert [(one.name, one.outcome.value) for one in analysis.report.phones] == [
        (PHONE_NAME, "succeeded")
    ]
    assert codes(analysis) - {"capture-snapped", "capture-clock-offset"} == {
        "capf-session-complete"
    }


def test_captures_of_one_path_are_one_picture(
    healthy: tuple[list[Packet], list[Packet]], tmp_path: Path
) -> None:
    assert_all_is_one(tmp_path, *healthy)


def test_the_order_in_which_captures_are_given_makes_no_difference(
    healthy: tuple[list[Packet], list[Packet]], tmp_path: Path
) -> None:
    assert_all_is_one(tmp_path, healthy[1], healthy[0])


def test_a_phone_behind_a_nat_is_one_phone(
    healthy: tuple[list[Packet], list[Packet]], phone_address: bytes, tmp_path: Path
) -> None:
    outside = translated(healthy[1], phone_address, OUTSIDE_ADDRESS, other_port)
    assert_all_is_one(tmp_path, healthy[0], outside)


def test_a_server_behind_a_nat_is_found_again(
    healthy: tuple[list[Packet], list[Packet]], tmp_path: Path
) -> None:
    inside = translated(healthy[1], bytes([10, 122, 138, 102]), bytes([192, 168, 9, 9]))
    assert_all_is_one(tmp_path, healthy[0], inside)


@pytest.mark.parametrize("shift", [-37 * SECOND, 7200 * SECOND], ids=["behind", "ahead"])
def test_a_nat_and_clocks_apart_together_hide_nothing(
    healthy: tuple[list[Packet], list[Packet]],
    phone_address: bytes,
    shift: int,
    tmp_path: Path,
) -> None:
    outside = translated(healthy[1], phone_address, OUTSIDE_ADDRESS, other_port)
    assert_all_is_one(tmp_path, healthy[0], [packet.later(shift) for packet in outside])


def test_rewritten_sequence_numbers_hide_nothing(
    healthy: tuple[list[Packet], list[Packet]], phone_address: bytes, tmp_path: Path
) -> None:
    other = renumbered(healthy[1], phone_address, 12_345_678, 3_999_999_999)
    assert_all_is_one(tmp_path, healthy[0], other)


def test_rewritten_sequence_numbers_behind_a_nat_hide_nothing(
    healthy: tuple[list[Packet], list[Packet]], phone_address: bytes, tmp_path: Path
) -> None:
    outside = translated(healthy[1], phone_address, OUTSIDE_ADDRESS, other_port)
    other = renumbered(outside, OUTSIDE_ADDRESS, 12_345_678, 3_999_999_999)
    assert_all_is_one(tmp_path, healthy[0], other)


def test_a_snap_length_at_one_end_hides_no_packet(
    healthy: tuple[list[Packet], list[Packet]], phone_address: bytes, tmp_path: Path
) -> None:
    outside = translated(healthy[1], phone_address, OUTSIDE_ADDRESS, other_port)
    assert_all_is_one(tmp_path, healthy[0], snapped(outside, 96))


def test_a_connection_that_was_open_when_one_capture_began_is_known_by_its_data(
    healthy: tuple[list[Packet], list[Packet]], phone_address: bytes, tmp_path: Path
) -> None:
    late = [packet for packet in healthy[1] if packet.is_ip][-12:]
    analysis = joined(tmp_path, healthy[0], translated(late, phone_address, OUTSIDE_ADDRESS))
    (session,) = [flow for flow in analysis.scene.flows if flow.service.value == "capf"]
    assert [sighting.at.name for sighting in session.sightings] == ["phone", "publisher"]


def test_phones_that_ask_for_the_same_file_behind_one_address_are_kept_apart(
    tmp_path: Path,
) -> None:
    phone, publisher = pair("success-by-address")
    address = next(packet.source for packet in phone if packet.is_ip)
    neighbour = bytes([*address[:3], address[3] ^ 1])
    second = [one.later(2 * SECOND) for one in translated(phone, address, neighbour)]
    second = renumbered(second, neighbour, 77_777_777, 55_555_555)
    far = [one.later(2 * SECOND) for one in translated(publisher, address, OUTSIDE_ADDRESS)]
    far = translated(far, OUTSIDE_ADDRESS, OUTSIDE_ADDRESS, other_port)
    far = renumbered(far, OUTSIDE_ADDRESS, 77_777_777, 55_555_555)
    near = translated(publisher, address, OUTSIDE_ADDRESS)
    analysis = joined(tmp_path, [*phone, *second], [*near, *far])
    flows = [flow for flow in analysis.scene.flows if len(flow.sightings) == 2]
    assert len(flows) == len(analysis.scene.flows)
    for flow in flows:
        apart = flow.sightings[1].first_time - flow.sightings[0].first_time
        assert abs(apart) < SECOND


def test_what_only_the_servers_side_shows_belongs_to_the_phone_behind_the_nat(
    healthy: tuple[list[Packet], list[Packet]], phone_address: bytes, tmp_path: Path
) -> None:
    outside = translated(healthy[1], phone_address, OUTSIDE_ADDRESS)
    without_session = [one for one in healthy[0] if one.protocol != 6]
    analysis = joined(tmp_path, without_session, outside)
    (phone,) = analysis.report.phones
    assert (phone.name, phone.outcome.value) == (PHONE_NAME, "succeeded")


def restarted(packet: Packet) -> Packet:
    """The same file asked for again a minute later: both sides have chosen other ports."""
    ports = (port if port == TFTP_PORT else port + 7 for port in packet.ports)
    return packet.patched(IP + 20, struct.pack(">HH", *ports)).identified(0).later(60 * SECOND)


def test_a_phone_that_starts_anew_asks_for_the_same_files_in_other_flows(tmp_path: Path) -> None:
    phone, publisher = (
        [one for one in packets if one.protocol == UDP] for packets in pair("success-by-address")
    )
    analysis = joined(tmp_path, phone, map(restarted, publisher))
    assert {len(flow.sightings) for flow in analysis.scene.flows} == {1}
    assert "capture-clock-offset" not in codes(analysis)


def test_a_new_start_is_another_flow_with_a_server_that_answers_from_one_port(
    tmp_path: Path,
) -> None:
    phone, publisher = (
        [one for one in packets if one.protocol == UDP] for packets in pair("success-by-address")
    )
    own = phone[0].source

    def at_one_port(packet: Packet) -> Packet:
        port, other = packet.ports
        ports = (port, TFTP_PORT) if packet.source == own else (TFTP_PORT, other)
        return packet.patched(IP + 20, struct.pack(">HH", *ports))

    near = list(map(at_one_port, phone))
    far = list(map(at_one_port, publisher))
    shared = joined(tmp_path, near, far).scene.flows
    assert {len(flow.sightings) for flow in shared} == {2}
    apart = joined(tmp_path, near, map(restarted, far)).scene.flows
    assert {len(flow.sightings) for flow in apart} == {1}


def test_the_servers_own_packets_are_enough_to_know_a_phone_behind_a_nat(
    tmp_path: Path, healthy: tuple[list[Packet], list[Packet]], phone_address: bytes
) -> None:
    phone, publisher = healthy
    far = translated(publisher, phone_address, OUTSIDE_ADDRESS, other_port)
    sent = [one for one in far if one.is_ip and one.source != OUTSIDE_ADDRESS]
    analysis = joined(tmp_path, phone, sent)
    assert [one.name for one in analysis.report.phones] == [PHONE_NAME]
    assert "capf-session-complete" in codes(analysis)
