"""Which services a phone reaches, where something on the way lets less through than it seems."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from capfpcap.analysis import Analysis
from capfpcap.compose.reach import build_reach
from capfpcap.report import Reach
from tests.vantage.records import TCP, Packet, codes, joined, pair


def address_of(packets: Iterable[Packet]) -> bytes:
    """The phone's address: its capture begins with what it sends."""
    return next(packet.source for packet in packets if packet.is_ip)


def state_of(analysis: Analysis, *, to_server: bool) -> Reach:
    """What is known of one direction of the phone's connections to CAPF."""
    (phone,) = build_reach(analysis.scene, []).phones
    (capf,) = [row for row in phone.services if row.service == "capf"]
    return (capf.to_server if to_server else capf.to_client).state


def test_a_box_that_resets_connections_lets_nothing_pass(tmp_path: Path) -> None:
    analysis = joined(tmp_path, *pair("refused-on-the-way"))
    assert state_of(analysis, to_server=True) is Reach.DROPPED


@pytest.mark.parametrize("scenario", ["lost-clienthello", "path-dies-in-key-generation"])
def test_data_that_is_repeated_in_vain_is_not_known_to_pass(scenario: str, tmp_path: Path) -> None:
    phone, _ = pair(scenario)
    assert state_of(joined(tmp_path, phone), to_server=True) is Reach.UNKNOWN


def test_answers_that_are_lost_one_a_flow_are_dropped_all_the_same(tmp_path: Path) -> None:
    phone, publisher = pair("return-path-filtered")
    own = address_of(phone)
    near = [one for one in phone if one.protocol == TCP]
    seen: set[tuple[int, int]] = set()
    far = []
    for packet in (one for one in publisher if one.protocol == TCP):
        if packet.source != own and packet.ports in seen:
            continue
        if packet.source != own:
            seen.add(packet.ports)
        far.append(packet)
    analysis = joined(tmp_path, near, far)
    assert state_of(analysis, to_server=False) is Reach.DROPPED


def test_a_capture_of_what_comes_to_the_phone_lies_at_the_phone_in_any_order(
    tmp_path: Path,
) -> None:
    phone, publisher = pair("rst-injected")
    own = address_of(phone)
    heard = [one for one in phone if one.is_ip and one.source != own]
    found = [codes(joined(tmp_path, *ends)) for ends in ((heard, publisher), (publisher, heard))]
    assert found[0] == found[1]
    assert "rst-injected" in found[0]
