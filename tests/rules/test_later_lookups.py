"""A name that resolved once and does not when CAPF is to be found; and what only looks like it."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from capfpcap.report import Outcome, Report, Severity
from tests.rules.records import identity
from tests.vantage.records import CAPTURES, MILLISECOND, SECOND, UDP, Packet, joined, read

THEN_NOT, FOR_A_WHILE = "name-resolved-then-not", "name-fails-for-a-while"
RCODE = 3
"""Where the low bits of a DNS message's fourth octet are the response code (RFC 1035, 4.1.1)."""
SERVFAIL, NOERROR = 2, 0
AAAA = b"\0\x1c\0\1"
INNER_SERVER = socket.inet_aton("10.122.140.54")


def is_dns(packet: Packet) -> bool:
    return packet.protocol == UDP and 53 in packet.ports


def is_answer(packet: Packet) -> bool:
    return packet.ports[0] == 53


def changed(scenario: str, change: Callable[[Packet], Packet | None]) -> list[Packet]:
    """A scenario's packets at the phone, those of its lookups after the first one changed."""
    packets = read(CAPTURES / scenario / "phone.pcap")
    first, _, *later = filter(is_dns, packets)
    kept = ((change(one) if one in later else one) for one in packets)
    assert not is_answer(first)
    return [one for one in kept if one is not None]


def with_rcode(code: int) -> Callable[[Packet], Packet]:
    def change(packet: Packet) -> Packet:
        if not is_answer(packet):
            return packet
        at = packet.payload_at + RCODE
        return packet.patched(at, bytes([packet.data[at] & 0xF0 | code]))

    return change


def unanswered(packet: Packet) -> Packet | None:
    return None if is_answer(packet) else packet


def asking_for_version_6(packet: Packet) -> Packet:
    """The same question for AAAA, and an empty answer."""
    kind = packet.data.index(b"\0\1\0\1", packet.payload_at + 12)
    return with_rcode(NOERROR)(packet.patched(kind, AAAA))


def judged(tmp_path: Path, packets: list[Packet]) -> Report:
    return joined(tmp_path, packets).report


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda packet: packet, "dns-nxdomain"),
        (with_rcode(SERVFAIL), "dns-server-failure"),
        (with_rcode(NOERROR), "dns-no-address"),
        (unanswered, "dns-no-answer"),
    ],
)
def test_an_earlier_answer_excuses_no_later_failure(
    tmp_path: Path, change: Callable[[Packet], Packet | None], code: str
) -> None:
    report = judged(tmp_path, changed(THEN_NOT, change))
    (finding,) = report.findings
    assert (finding.code, finding.severity) == (code, Severity.CRITICAL)
    assert "Before that the same server answered 10.122.138.102." in finding.detail
    assert finding.evidence[-1].note == "cucm-pub.lab.example is here"
    assert report.phones[0].status_message == "No valid CAPF server"


def test_an_empty_answer_for_version_6_beside_a_good_one_is_no_failure(tmp_path: Path) -> None:
    report = judged(tmp_path, changed(THEN_NOT, asking_for_version_6))
    assert [finding.code for finding in report.findings] == ["capf-not-attempted"]


def test_a_question_that_had_no_time_to_be_asked_again_proves_nothing(tmp_path: Path) -> None:
    packets = changed(THEN_NOT, lambda packet: packet)
    later = [one for one in packets if is_dns(one)][2:]
    cut = [one for one in packets if one.time < later[0].time + SECOND]
    assert not any(f.code.startswith("dns-") for f in judged(tmp_path, cut).findings)


def test_a_phone_that_enrolled_needs_the_name_no_more(tmp_path: Path) -> None:
    enrolled = read(CAPTURES / FOR_A_WHILE / "phone.pcap")
    renamed = zip(identity(THEN_NOT), identity(FOR_A_WHILE), strict=True)
    _, _, *failing = filter(is_dns, read(CAPTURES / THEN_NOT / "phone.pcap"))
    for own, other in renamed:
        failing = [replace(one, data=one.data.replace(own, other)) for one in failing]
    pause = enrolled[-1].time + SECOND - failing[0].time
    report = judged(tmp_path, [*enrolled, *(one.later(pause) for one in failing)])
    assert [finding.code for finding in report.findings] == ["capf-session-complete"]
    assert report.phones[0].outcome is Outcome.SUCCEEDED


def with_a_second_server(scenario: str) -> list[Packet]:
    """The second lookup asks another server too, at once; it knows the name and answers later."""
    packets = read(CAPTURES / scenario / "phone.pcap")
    query, answer, asked, denied, *further = filter(is_dns, packets)
    port = asked.data[asked.payload_at - 8 : asked.payload_at - 6]
    also = query.patched(30, INNER_SERVER).patched(34, port)
    knows = answer.patched(26, INNER_SERVER).patched(36, port)
    if scenario == THEN_NOT:
        packets = [of_no_service(one) if one in further else one for one in packets]
    return [
        *packets,
        replace(also, time=asked.time + 1),
        replace(knows, time=denied.time + MILLISECOND),
    ]


def of_no_service(packet: Packet) -> Packet:
    """The same lookup of a name that no enrolment needs."""
    return replace(packet, data=packet.data.replace(b"cucm-pub", b"time-pub"))


def test_the_server_that_says_no_first_and_the_one_that_knows_are_named(tmp_path: Path) -> None:
    (finding,) = judged(tmp_path, with_a_second_server(THEN_NOT)).findings
    assert finding.code == "dns-nxdomain"
    assert "10.122.140.54 answers 10.122.138.102 for it" in finding.detail
    assert "do not say the same" in finding.detail


def test_a_phone_that_goes_by_the_server_that_knows_has_no_fault(tmp_path: Path) -> None:
    report = judged(tmp_path, with_a_second_server(FOR_A_WHILE))
    assert [finding.code for finding in report.findings] == ["capf-session-complete"]
