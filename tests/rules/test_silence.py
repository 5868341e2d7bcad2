"""Sessions that end without a word, and handshakes of which a part is missing: never silence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from capfpcap.report import Certainty, Outcome, Report, Severity, Unjudged
from capfpcap.vantage.role import Role
from tests.vantage.records import CAPTURES, IP, SECOND, TCP, Packet, joined, read

TTL = IP + 8
CAPF = 3804
FRESH_TTL = b"\x40"
LARGE = 1000


def closed(stem: str = "phone") -> list[Packet]:
    """Three sessions that the client closes once TLS is set up."""
    return read(CAPTURES / "closed-after-handshake" / f"{stem}.pcap")


def client_port(packet: Packet) -> int:
    return max(packet.ports)


def sessions(packets: list[Packet]) -> list[list[Packet]]:
    ports = dict.fromkeys(client_port(one) for one in packets if one.protocol == TCP)
    return [[one for one in packets if client_port(one) == port] for port in ports]


def judged(folder: Path, packets: list[Packet], role: Role | None = None) -> Report:
    return joined(folder, packets, roles=(role,)).report


def codes(report: Report) -> list[str]:
    return [finding.code for finding in report.findings]


def test_a_client_that_closes_every_session_is_told_and_nothing_is_ok(tmp_path: Path) -> None:
    report = judged(tmp_path, closed())
    (finding,) = report.findings
    assert finding.code == "capf-session-aborted"
    assert (finding.certainty, finding.severity) == (Certainty.POSSIBLE, Severity.WARNING)
    assert "refuses the certificate" in finding.detail
    assert "a probe of the port" in finding.detail
    assert len(finding.evidence) == 3
    assert report.verdict.unjudged is Unjudged.OUTCOMES


def test_who_tries_once_may_be_anybody(tmp_path: Path) -> None:
    report = judged(tmp_path, sessions(closed())[0])
    assert codes(report) == []
    assert report.verdict.unjudged is Unjudged.OUTCOMES


def test_sessions_a_minute_apart_are_no_retries(tmp_path: Path) -> None:
    spread = [
        one.later(number * 60 * SECOND)
        for number, session in enumerate(sessions(closed()))
        for one in session
    ]
    assert codes(judged(tmp_path, spread)) == []


def repeated(times: int, wait: int) -> list[Packet]:
    """The first session again and again, from one port after the other."""
    first = sessions(closed())[0]
    packets = []
    for number in range(times):
        for one in first:
            at = IP + 20 if one.ports[1] == CAPF else IP + 22
            port = (client_port(one) + number).to_bytes(2)
            packets.append(one.patched(at, port).later(number * wait))
    return packets


@pytest.mark.parametrize(("times", "told"), [(2, True), (5, True), (6, False), (40, False)])
def test_who_comes_as_a_clock_for_longer_than_a_phone_tries_is_a_probe(
    tmp_path: Path, times: int, told: bool
) -> None:
    found = codes(judged(tmp_path, repeated(times, 30 * SECOND)))
    assert found == (["capf-session-aborted"] if told else [])


@pytest.mark.parametrize(("role", "told"), [(Role.PUBLISHER, False), (Role.PHONE, True)])
def test_a_neighbour_of_the_server_is_no_phone(tmp_path: Path, role: Role, told: bool) -> None:
    packets = [one.patched(TTL, FRESH_TTL) for one in closed("publisher")]
    found = codes(judged(tmp_path, packets, role))
    assert found == (["capf-session-aborted"] if told else [])


def hops_away(packets: list[Packet]) -> list[Packet]:
    """The packets as a mirror port shows them three hops from either end."""
    return [one.patched(TTL, bytes([one.data[TTL] - 3])) if one.is_ip else one for one in packets]


def of_capf(packet: Packet) -> bool:
    return packet.protocol == TCP and CAPF in packet.ports


def test_a_handshake_with_a_gap_that_never_ends_is_possible_and_not_ok(tmp_path: Path) -> None:
    packets = hops_away(read(CAPTURES / "large-packets-vanish" / "phone.pcap"))
    report = judged(tmp_path, packets)
    (finding,) = report.findings
    assert finding.code == "tls-handshake-incomplete"
    assert (finding.certainty, finding.severity) == (Certainty.POSSIBLE, Severity.WARNING)
    assert "the phone never acknowledged it" in finding.detail
    assert report.phones[0].outcome is Outcome.UNKNOWN
    assert report.verdict.unjudged is Unjudged.OUTCOMES


def test_what_is_surer_leaves_no_room_for_what_is_possible(tmp_path: Path) -> None:
    packets = read(CAPTURES / "large-packets-vanish" / "phone.pcap")
    assert codes(judged(tmp_path, packets)) == ["path-mtu-blackhole"]


def test_a_capture_that_ends_amid_the_handshake_shows_no_fault(tmp_path: Path) -> None:
    packets = hops_away(read(CAPTURES / "large-packets-vanish" / "phone.pcap"))
    first = next(one for one in packets if of_capf(one))
    cut = [one for one in packets if one.time < first.time + SECOND]
    assert codes(judged(tmp_path, cut)) == []


def test_a_handshake_of_which_the_capture_missed_a_part_is_no_fault_where_it_went_on(
    tmp_path: Path,
) -> None:
    packets = hops_away(read(CAPTURES / "success-by-name" / "phone.pcap"))
    large = next(one for one in packets if of_capf(one) and len(one.payload) >= LARGE)
    left = [one for one in packets if one is not large]
    assert len(left) == len(packets) - 1
    assert [
        finding.code
        for finding in judged(tmp_path, left).findings
        if finding.severity is not Severity.INFO
    ] == []


def test_a_gap_before_an_enrolment_that_succeeds_is_not_worth_a_word(tmp_path: Path) -> None:
    failing = hops_away(read(CAPTURES / "large-packets-vanish" / "phone.pcap"))
    enrolled = hops_away(read(CAPTURES / "success-by-name" / "phone.pcap"))
    address = next(one.source for one in failing if one.protocol == TCP and one.ports[1] == CAPF)
    own = next(one.source for one in enrolled if one.protocol == TCP and one.ports[1] == CAPF)
    pause = failing[-1].time + SECOND - enrolled[0].time
    later = [
        replace(one, data=one.data.replace(own, address)).later(pause)
        for one in enrolled
        if of_capf(one)
    ]
    report = judged(tmp_path, [*failing, *later])
    assert "tls-handshake-incomplete" not in codes(report)
