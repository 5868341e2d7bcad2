"""Captures of one direction at places on the way, as where packets go and come by other routes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from capfpcap.analysis import Analysis
from capfpcap.compose.reach import build_reach
from capfpcap.report import Certainty, Reach
from tests.vantage.records import IP, TCP, UDP, Packet, codes, joined, pair

TTL = IP + 8
HOP = 1_000_000
"""Nanoseconds from one place to the next."""
RST = 0x04


def further(packets: Iterable[Packet], *, later: int) -> list[Packet]:
    """The same packets a router further on."""
    return [one.patched(TTL, bytes([one.data[TTL] - 1])).later(later) for one in packets]


def sides(packets: list[Packet]) -> tuple[list[Packet], list[Packet]]:
    """What goes to the server, and what comes from it."""
    own = packets_of_ip(packets)[0].source
    sent = [one for one in packets_of_ip(packets) if one.source == own]
    return sent, [one for one in packets_of_ip(packets) if one.source != own]


def packets_of_ip(packets: list[Packet]) -> list[Packet]:
    return [one for one in packets if one.is_ip]


def test_a_loss_on_the_way_back_is_found_around_a_place_of_the_way_out(tmp_path: Path) -> None:
    phone, publisher = pair("return-path-filtered")
    out, _ = sides(phone)
    analysis = joined(tmp_path, phone, further(out, later=HOP), publisher)
    assert "path-dropped-to-phone" in codes(analysis)
    (matrix,) = build_reach(analysis.scene, []).phones
    (capf,) = [row for row in matrix.services if row.service == "capf"]
    assert capf.to_client.state is Reach.DROPPED


def test_each_direction_may_have_its_own_place_in_the_middle(tmp_path: Path) -> None:
    phone, publisher = pair("success-by-address")
    out, back = sides(phone)
    middle = further(out, later=HOP), further(back, later=-HOP)
    analysis = joined(tmp_path, phone, *middle, publisher)
    (one,) = analysis.report.phones
    assert one.outcome.value == "succeeded"
    assert build_reach(analysis.scene, []).verdict.severity.value == "ok"


ENROLS, FAILS = "SEP34A84E1A70B6", "SEP34A84E1A70C9"
"""The two phones of own-trust-list."""


def one_way(packets: list[Packet], *, to_server: bool) -> list[Packet]:
    """The packets, but of the phone that enrols those of one direction only."""
    asking = (one for one in packets_of_ip(packets) if ENROLS.encode() in one.data)
    own = next(one.source for one in asking if one.protocol == UDP)
    return [
        one
        for one in packets
        if not one.is_ip
        or own not in (one.source, one.data[IP + 16 : IP + 20])
        or (one.source == own) == to_server
    ]


def outcomes(analysis: Analysis) -> set[tuple[str, str]]:
    return {(phone.name, phone.outcome.value) for phone in analysis.report.phones}


@pytest.mark.parametrize("to_server", [True, False])
@pytest.mark.parametrize("half", [0, 1])
def test_a_capture_that_holds_one_direction_of_one_phone_hides_nothing_of_the_other_one(
    half: int, to_server: bool, tmp_path: Path
) -> None:
    captures = list(pair("own-trust-list"))
    captures[half] = one_way(captures[half], to_server=to_server)
    analysis = joined(tmp_path, *captures)
    assert outcomes(analysis) == {(ENROLS, "succeeded"), (FAILS, "failed")}


@pytest.mark.parametrize("to_server", [True, False])
def test_of_one_direction_nobody_knows_whether_the_session_goes_on(
    to_server: bool, tmp_path: Path
) -> None:
    phone, _ = pair("own-trust-list")
    found = dict(outcomes(joined(tmp_path, one_way(phone, to_server=to_server))))
    assert found.pop(FAILS) == "failed"
    assert list(found.values()) == ["unknown"]


def test_a_reset_of_a_box_stays_one_where_it_is_seen_twice_on_its_way(tmp_path: Path) -> None:
    phone, _ = pair("refused-on-the-way")
    _, back = sides(phone)
    again = [one.patched(TTL, bytes([one.data[TTL] + 1])).later(-HOP) for one in back]
    found = {one.code: one for one in joined(tmp_path, phone, again).report.findings}
    assert "connection-refused" not in found
    assert found["rst-injected"].certainty is Certainty.LIKELY


def test_a_place_that_shows_resets_only_is_not_beside_their_sender(tmp_path: Path) -> None:
    phone, _ = pair("refused-on-the-way")
    resets = [one for one in phone if one.protocol == TCP and one.flags & RST]
    near = [one.patched(TTL, b"\x40").later(-HOP) for one in resets]
    roles = {one.role.value for one in joined(tmp_path, phone, near).report.captures}
    assert roles == {"phone", "other"}


def test_a_mirror_that_shows_what_a_switch_drops_proves_no_arrival(tmp_path: Path) -> None:
    phone, publisher = pair("return-path-filtered")
    _, back = sides(publisher)
    analysis = joined(tmp_path, [*phone, *further(back, later=HOP)])
    (matrix,) = build_reach(analysis.scene, []).phones
    (capf,) = [row for row in matrix.services if row.service == "capf"]
    assert capf.to_client.state is Reach.UNKNOWN
