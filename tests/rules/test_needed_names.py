"""A closed DNS port matters where the phone needs the name, and nowhere else."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from capfpcap.analysis import Analysis
from tests.capture.builder import ethernet, ipv4, udp
from tests.vantage.records import CAPTURES, IP, SECOND, UDP, Packet, joined, read

DNS_PORT = 53
DNS_SERVER = "10.20.50.53"
PORT_UNREACHABLE = (3, 3)
PROXY = b"\4wpad\7example\0"
"""What a phone asks for that looks for a web proxy."""


def rejected(question: Packet, number: int) -> Packet:
    """The ICMP error of a DNS server on which nothing listens."""
    head = struct.pack(">BBHI", *PORT_UNREACHABLE, 0, 0)
    server, phone = (".".join(map(str, question.data[at : at + 4])) for at in (IP + 16, IP + 12))
    frame = ethernet(ipv4(head + question.data[IP : IP + 28], 1, server, phone))
    return Packet(question.time + 1000 + number, frame, len(frame))


def asked_in_vain(phone: bytes, time: int, number: int) -> list[Packet]:
    """A question for the proxy's address, and its rejection."""
    query = struct.pack(">6H", number, 0x0100, 1, 0, 0, 0) + PROXY + struct.pack(">HH", 1, 1)
    address = ".".join(map(str, phone))
    frame = ethernet(ipv4(udp(query, 40000 + number, DNS_PORT), 17, address, DNS_SERVER))
    question = Packet(time, frame, len(frame))
    return [question, rejected(question, number)]


def root_causes(analysis: Analysis) -> list[str | None]:
    return [phone.root_cause for phone in analysis.report.phones]


def test_a_name_that_no_service_uses_is_no_cause(tmp_path: Path) -> None:
    packets = read(CAPTURES / "itl-mismatch" / "phone.pcap")
    phone = next(one.source for one in packets if one.protocol == UDP)
    start = packets[0].time
    vain = [one for number in (1, 2) for one in asked_in_vain(phone, start + number, number)]
    analysis = joined(tmp_path, [*packets, *vain])
    assert root_causes(analysis) == ["itl-capf-mismatch"]
    assert "icmp-unreachable" not in {finding.code for finding in analysis.report.findings}


def test_the_name_of_the_capf_host_is_one(tmp_path: Path) -> None:
    packets = read(CAPTURES / "dns-nxdomain" / "phone.pcap")
    closed = [
        rejected(last, 0) if one.protocol == UDP and one.ports[0] == DNS_PORT else one
        for last, one in zip([packets[0], *packets], packets, strict=False)
    ]
    assert root_causes(joined(tmp_path, closed)) == ["icmp-unreachable"]


def repeated_before(packets: list[Packet], server: bytes | None = None) -> list[Packet]:
    """The first question unanswered thrice in ten seconds, by its server or another one."""
    first = next(one for one in packets if one.protocol == UDP and one.ports[1] == DNS_PORT)
    asked = first if server is None else first.patched(IP + 16, server)
    return [*(asked.later(-seconds * SECOND) for seconds in (10, 7, 3)), *packets]


@pytest.mark.parametrize("server", [None, bytes([10, 20, 50, 54])], ids=["late", "secondary"])
def test_a_name_that_is_resolved_after_all_in_the_same_start_is_no_fault(
    server: bytes | None, tmp_path: Path
) -> None:
    packets = repeated_before(read(CAPTURES / "success-by-name" / "phone.pcap"), server)
    report = joined(tmp_path, packets).report
    assert [finding.code for finding in report.findings] == ["capf-session-complete"]


def test_a_name_that_no_server_resolves_is_one(tmp_path: Path) -> None:
    packets = read(CAPTURES / "dns-silent" / "phone.pcap")
    analysis = joined(tmp_path, repeated_before(packets, bytes([10, 20, 50, 54])))
    assert root_causes(analysis) == ["dns-no-answer"]
