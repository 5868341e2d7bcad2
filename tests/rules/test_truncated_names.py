"""A DNS answer too long for UDP: a fault where TCP does not bring the rest, and nowhere else."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from capfpcap.report import Certainty, Outcome, Report
from tests.capture.builder import ethernet, ipv4, tcp
from tests.rules.test_later_lookups import is_answer, is_dns
from tests.vantage.records import CAPTURES, IP, SECOND, SYN, Packet, joined, read

TRUNCATED = 0x02
"""TC in the third octet of a DNS message (RFC 1035, section 4.1.1)."""
REFUSED = 0x14
"""RST and ACK."""
RESOLVER_PORT = 40123
FIRST = 1000
"""The sequence number of the SYN."""


def truncated(scenario: str) -> list[Packet]:
    """A scenario's packets at the phone, all its DNS answers truncated."""
    packets = read(CAPTURES / scenario / "phone.pcap")
    return [
        one.patched(one.payload_at + 2, bytes([one.payload[2] | TRUNCATED]))
        if is_dns(one) and is_answer(one)
        else one
        for one in packets
    ]


def over_tcp(packets: list[Packet], *, refused: bool) -> Iterable[Packet]:
    """SYNs to the DNS server behind the first truncated answer, and what its host says to them."""
    answer = next(one for one in packets if is_dns(one) and is_answer(one))
    server, phone = (".".join(map(str, answer.data[at : at + 4])) for at in (IP + 12, IP + 16))
    for again in range(3):
        time = answer.time + SECOND * (again + 1) // 2
        syn = tcp(source=RESOLVER_PORT, destination=53, flags=SYN)
        frame = ethernet(ipv4(syn, 6, phone, server))
        yield Packet(time, frame, len(frame))
        if refused:
            reset = tcp(source=53, destination=RESOLVER_PORT, flags=REFUSED)
            frame = ethernet(ipv4(reset, 6, server, phone, ttl=answer.data[IP + 8]))
            acknowledged = struct.pack(">I", FIRST + 1)
            yield Packet(time + 1000, frame, len(frame)).patched(IP + 28, acknowledged)


def judged(tmp_path: Path, packets: list[Packet]) -> Report:
    return joined(tmp_path, packets).report


def test_a_truncated_answer_and_no_more_is_likely_the_fault(tmp_path: Path) -> None:
    report = judged(tmp_path, truncated("dns-no-address"))
    (finding,) = report.findings
    assert (finding.code, finding.certainty) == ("dns-truncated", Certainty.LIKELY)
    assert "No TCP connection to port 53 followed" in finding.detail


@pytest.mark.parametrize(
    ("refused", "code", "words"),
    [
        (False, "connection-no-answer", "no SYN was answered"),
        (True, "connection-refused", "the server refused"),
    ],
)
def test_what_became_of_the_question_over_tcp_follows_from_it(
    tmp_path: Path, refused: bool, code: str, words: str
) -> None:
    packets = truncated("dns-no-address")
    report = judged(tmp_path, [*packets, *over_tcp(packets, refused=refused)])
    (phone,) = report.phones
    assert (phone.root_cause, phone.outcome) == ("dns-truncated", Outcome.FAILED)
    first, *others = report.findings
    assert (first.code, first.certainty) == ("dns-truncated", Certainty.PROVEN)
    assert words in first.detail
    assert [(item.code, item.caused_by) for item in others] == [(code, "dns-truncated")]


def test_a_phone_that_goes_on_needed_no_more(tmp_path: Path) -> None:
    report = judged(tmp_path, truncated("success-by-name"))
    assert report.phones[0].outcome is Outcome.SUCCEEDED
    assert "dns-truncated" not in {finding.code for finding in report.findings}


def test_an_answer_in_the_last_moment_of_a_capture_decides_nothing(tmp_path: Path) -> None:
    packets = truncated("dns-no-address")
    first = next(one for one in packets if is_dns(one) and is_answer(one))
    report = judged(tmp_path, [one for one in packets if one.time < first.time + SECOND])
    assert report.phones[0].outcome is Outcome.UNKNOWN
    assert not report.findings


def test_a_whole_answer_behind_it_makes_up_for_it(tmp_path: Path) -> None:
    packets = truncated("dns-no-address")
    whole = [
        replace(one, time=one.time + SECOND)
        for one in read(CAPTURES / "dns-no-address" / "phone.pcap")
        if is_dns(one)
    ]
    report = judged(tmp_path, [*packets, *whole])
    assert {finding.code for finding in report.findings} == {"dns-no-address"}
