"""What one capture beside a host proves about packets that never came to it."""

from __future__ import annotations

from pathlib import Path

from capfpcap.compose.reach import build_reach
from capfpcap.report import Reach
from tests.vantage.records import TCP, Packet, codes, joined, pair

LARGE = 1000
CAPF = 3804


def capf_state(folder: Path, packets: list[Packet], *, to_server: bool) -> Reach:
    """What one capture tells of a direction of the phone's connections to CAPF."""
    (phone,) = build_reach(joined(folder, packets).scene, []).phones
    (capf,) = [row for row in phone.services if row.service == "capf"]
    return (capf.to_server if to_server else capf.to_client).state


def without_answers_of_tls(packets: list[Packet]) -> list[Packet]:
    """All but the segments with payload that CAPF's server sends."""
    return [one for one in packets if one.ports[0] != CAPF or not one.payload]


def test_a_hole_that_the_phone_never_acknowledges_is_no_way_that_passes(tmp_path: Path) -> None:
    phone, _ = pair("large-packets-vanish")
    assert capf_state(tmp_path, phone, to_server=False) is Reach.DROPPED
    assert capf_state(tmp_path, phone, to_server=True) is Reach.PASSES


def test_a_hole_that_the_phone_acknowledges_was_missed_by_the_capture(tmp_path: Path) -> None:
    phone, _ = pair("success-by-name")
    large = [one for one in phone if one.protocol == TCP and len(one.payload) >= LARGE]
    left = [one for one in phone if one is not large[0]]
    assert capf_state(tmp_path, left, to_server=False) is Reach.PASSES
    assert "path-mtu-blackhole" not in codes(joined(tmp_path, left))


def test_an_empty_packet_that_counts_octets_that_never_came_shows_a_hole(tmp_path: Path) -> None:
    phone, _ = pair("large-packets-vanish")
    left = without_answers_of_tls(phone)
    assert capf_state(tmp_path, left, to_server=False) is Reach.DROPPED
    assert "path-mtu-blackhole" in codes(joined(tmp_path, left))
