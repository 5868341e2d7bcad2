"""Pairs of captures as networks, hosts and people spoil them: the verdict holds, or weakens."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from capfpcap.report import Certainty, Reach
from tests.vantage.records import (
    CAPTURES,
    IP,
    SECOND,
    TCP,
    Packet,
    codes,
    joined,
    pair,
    read,
    renumbered,
    snapped,
    translated,
)

OUTSIDE_ADDRESS = bytes([198, 51, 100, 7])
OF_THE_WAY = {
    "path-dropped-to-server",
    "path-dropped-to-phone",
    "path-drops-data",
    "path-mtu-blackhole",
    "packet-loss",
    "rst-injected",
    "one-way-traffic",
}
HARMLESS = (
    "success-by-address",
    "certificate-expiring",
    "certificate-expired",
    "closed-mid-session",
    "reset-mid-session",
    "frozen-server",
    "service-stopped",
    "clock-ahead",
)
"""Scenarios in which the way between the captures does nothing to any packet."""

Pair = tuple[list[Packet], list[Packet]]


def address(packets: Iterable[Packet]) -> bytes:
    return next(packet.source for packet in packets if packet.is_ip)


def other_port(port: int) -> int:
    return (port + 7777) % 50_000 + 10_000 if port > 30_000 else port


def behind_a_nat(recorded: Pair) -> Pair:
    phone, publisher = recorded
    return phone, translated(publisher, address(phone), OUTSIDE_ADDRESS, other_port)


def behind_a_firewall(recorded: Pair) -> Pair:
    """Addresses, ports and initial sequence numbers are rewritten."""
    phone, publisher = recorded
    changed = renumbered(publisher, address(phone), 0x12345678, 0x9ABCDEF0)
    return phone, translated(changed, address(phone), OUTSIDE_ADDRESS, other_port)


def some(packets: list[Packet], share: float, seed: int) -> list[Packet]:
    """A capture that misses packets at random."""
    chance = random.Random(seed)
    return [packet for packet in packets if chance.random() >= share]


def merged(packets: list[Packet]) -> list[Packet]:
    """A network card that joins segments that follow each other."""
    found: list[Packet] = []
    for packet in packets:
        last = found[-1] if found else None
        follows = (
            last is not None
            and last.protocol == packet.protocol == TCP
            and (last.source, last.ports) == (packet.source, packet.ports)
            and bool(last.payload and packet.payload)
            and last.sequence + len(last.payload) == packet.sequence
        )
        if last is not None and follows:
            joint = last.with_payload(last.payload + packet.payload)
            found[-1] = joint.patched(IP + 28, packet.data[IP + 28 : IP + 32])
        else:
            found.append(packet)
    return found


def twice(packets: list[Packet]) -> list[Packet]:
    """A mirror port that sends every packet two times."""
    return [copy for packet in packets for copy in (packet, packet.later(20_000))]


def beginning(packets: list[Packet], share: float) -> list[Packet]:
    return packets[: int(len(packets) * share)]


def ending(packets: list[Packet], share: float) -> list[Packet]:
    return packets[int(len(packets) * share) :]


SPOILT: dict[str, Callable[[Pair], Pair]] = {
    "the other way round": lambda both: (both[1], both[0]),
    "behind a NAT": behind_a_nat,
    "behind a firewall": behind_a_firewall,
    "snapped at the phone": lambda both: (snapped(both[0], 96), both[1]),
    "snapped at the publisher": lambda both: (both[0], snapped(both[1], 96)),
    "offload at the phone": lambda both: (merged(both[0]), both[1]),
    "offload at the publisher": lambda both: (both[0], merged(both[1])),
    "doubled at the phone": lambda both: (twice(both[0]), both[1]),
    "doubled at the publisher": lambda both: (both[0], twice(both[1])),
}
CUT: dict[str, Callable[[Pair], Pair]] = {
    f"{name} {share}": change
    for share in (0.3, 0.6, 0.8, 0.95)
    for name, change in {
        "phone ends at": lambda both, share=share: (beginning(both[0], share), both[1]),
        "publisher ends at": lambda both, share=share: (both[0], beginning(both[1], share)),
        "phone begins at": lambda both, share=share: (ending(both[0], share), both[1]),
        "publisher begins at": lambda both, share=share: (both[0], ending(both[1], share)),
    }.items()
}
MISSED: dict[str, Callable[[Pair], Pair]] = {
    f"{name} misses {share} ({seed})": change
    for share in (0.03, 0.2, 0.5)
    for seed in range(2)
    for name, change in {
        "phone": lambda both, share=share, seed=seed: (some(both[0], share, seed), both[1]),
        "publisher": lambda both, share=share, seed=seed: (both[0], some(both[1], share, seed)),
    }.items()
}


@pytest.mark.parametrize("scenario", HARMLESS)
@pytest.mark.parametrize("change", [*SPOILT, *CUT, *MISSED])
def test_a_way_that_does_nothing_is_never_blamed(
    change: str, scenario: str, tmp_path: Path
) -> None:
    spoil = {**SPOILT, **CUT, **MISSED}[change]
    assert not codes(joined(tmp_path, *spoil(pair(scenario)))) & OF_THE_WAY


@pytest.mark.parametrize("clock", [-37 * SECOND, 7200 * SECOND], ids=["behind", "ahead"])
@pytest.mark.parametrize("change", CUT)
def test_nor_is_it_behind_a_nat_with_clocks_apart(change: str, clock: int, tmp_path: Path) -> None:
    phone, publisher = CUT[change](behind_a_nat(pair("certificate-expired")))
    spoilt = phone, [packet.later(clock) for packet in publisher]
    assert not codes(joined(tmp_path, *spoilt)) & OF_THE_WAY


@pytest.mark.parametrize("change", SPOILT)
@pytest.mark.parametrize(
    ("scenario", "code"),
    [
        ("return-path-filtered", "path-dropped-to-phone"),
        ("syn-filtered", "path-dropped-to-server"),
        ("large-packets-vanish", "path-mtu-blackhole"),
        ("rst-injected", "rst-injected"),
    ],
)
def test_a_way_that_drops_or_injects_is_blamed_whatever_else_it_does(
    scenario: str, code: str, change: str, tmp_path: Path
) -> None:
    (phone,) = joined(tmp_path, *SPOILT[change](pair(scenario))).report.phones
    assert phone.root_cause == code


def test_a_publisher_s_capture_that_surely_had_ended_proves_nothing(tmp_path: Path) -> None:
    phone, publisher = pair("return-path-filtered")
    analysis = joined(tmp_path, phone, beginning(publisher, 0.5))
    assert [point.stopped for point in analysis.scene.points] == [False, True]
    assert codes(analysis) == {"connection-no-answer"}


def test_a_capture_that_misses_packets_makes_a_loss_likely_only(tmp_path: Path) -> None:
    phone, publisher = pair("large-packets-vanish")
    report = joined(tmp_path, some(phone, 0.2, 2), publisher).report
    found = [one for one in report.findings if one.code.startswith("path-")]
    assert {one.code for one in found} == {"path-mtu-blackhole"}
    assert {one.certainty for one in found} == {Certainty.LIKELY}
    assert "misses packets that did arrive" in found[0].detail


def test_a_capture_of_one_direction_is_no_evidence_on_the_other(tmp_path: Path) -> None:
    phone, publisher = pair("large-packets-vanish")
    own = [packet for packet in phone if packet.source == address(phone)]
    assert not codes(joined(tmp_path, own, publisher)) & OF_THE_WAY


def test_a_reset_that_a_capture_may_have_missed_needs_another_ttl(tmp_path: Path) -> None:
    phone, publisher = pair("rst-injected")
    analysis = joined(tmp_path, phone, some(publisher, 0.2, 2))
    (finding,) = [one for one in analysis.report.findings if one.code == "rst-injected"]
    assert finding.certainty is Certainty.LIKELY


def test_what_a_firewall_rewrites_in_every_syn_is_still_one_connection(tmp_path: Path) -> None:
    report = joined(tmp_path, *behind_a_firewall(pair("return-path-filtered"))).report
    flows = [flow for flow in report.flows if flow.service == "capf"]
    assert all(set(flow.seen_at) == {"phone", "publisher"} for flow in flows)
    assert {flow.reachability.to_server for flow in flows} == {Reach.PASSES}


def test_three_captures_in_any_order_and_without_roles_are_one_way(tmp_path: Path) -> None:
    folder = CAPTURES / "three-points"
    stems = ["router", "publisher", "phone"]
    for turn in range(3):
        captures = [read(folder / f"{stem}.pcap") for stem in stems[turn:] + stems[:turn]]
        report = joined(tmp_path, *captures).report
        (finding,) = [one for one in report.findings if one.code == "path-dropped-to-phone"]
        assert "lost between these two" in finding.detail
        assert "left publisher and none of them came to middle-1" in finding.detail
