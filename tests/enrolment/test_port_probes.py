"""Who sent a server a single SYN is no phone; who tried again, has a name or was refused may be."""

from __future__ import annotations

from pathlib import Path

import pytest

from capfpcap.analysis import CaptureInput, check
from capfpcap.report import Report
from tests.capture.builder import PHONE, Packet, ethernet, ipv4, pcap
from tests.flows.packets import ACK, RST, SYN
from tests.flows.tables import CAPF, START, End, datagram, segment

SECOND = 1_000_000_000
CLIENT = End("10.1.20.31", 50000)
DNS, TFTP = End(CAPF.address, 53), End(CAPF.address, 69)
LATER = datagram(End("10.1.20.99", 5000), DNS, b"\0\1\1\0\0\1\0\0\0\0\0\0\1x\0\0\1\0\1")
"""Somebody else's packet, by which the capture went on."""
SYN_ONCE = segment(CLIENT, CAPF, SYN, 7)

Timed = tuple[float, bytes]


def report_on(folder: Path, *frames: Timed) -> Report:
    path = folder / "probes.pcap"
    path.write_bytes(pcap([Packet(frame, START + int(at * SECOND)) for at, frame in frames]))
    return check([CaptureInput((str(path),))])


PROBES: dict[str, list[Timed]] = {
    "nothing answers": [(0, SYN_ONCE)],
    "half open": [
        (0, SYN_ONCE),
        (0.001, segment(CAPF, CLIENT, SYN | ACK)),
        (0.002, segment(CLIENT, CAPF, RST, 8)),
    ],
    "the server waits": [
        (0, SYN_ONCE),
        (0.001, segment(CAPF, CLIENT, SYN | ACK)),
        (1.001, segment(CAPF, CLIENT, SYN | ACK)),
    ],
    "several servers": [
        (0, SYN_ONCE),
        (0, segment(CLIENT, End(CAPF.address, 2445), SYN, 7)),
        (0, segment(CLIENT, End("10.9.8.8", 3804), SYN, 7)),
    ],
}


@pytest.mark.parametrize("kind", PROBES)
def test_a_source_of_a_single_syn_is_no_phone(kind: str, tmp_path: Path) -> None:
    report = report_on(tmp_path, *PROBES[kind], (10, LATER))
    assert report.phones == ()
    assert report.findings == ()


def again(port: int = CLIENT.port) -> bytes:
    return segment(End(CLIENT.address, port), CAPF, SYN, port)


PHONES: dict[str, tuple[list[Timed], str]] = {
    "sends its SYN again": (
        [(at, again()) for at in (0, 1, 3, 7)],
        "connection-no-answer",
    ),
    "connects again": (
        [(at, again(50000 + at)) for at in (0, 4, 8)],
        "connection-no-answer",
    ),
    "has a name": (
        [(0, datagram(CLIENT, TFTP, b"\0\1SEP001122334455.cnf.xml\0octet\0"))]
        + [(at, again()) for at in (5, 6, 8)],
        "connection-no-answer",
    ),
    "was refused": (
        [(0, again()), (0.001, segment(CAPF, CLIENT, RST | ACK))],
        "connection-refused",
    ),
    "is told that a filter stands between": (
        [
            (0, again()),
            (0.001, ethernet(ipv4(b"\3\x0d" + bytes(6) + again()[14:42], 1, "10.9.9.9", PHONE))),
        ],
        "icmp-unreachable",
    ),
}


@pytest.mark.parametrize("kind", PHONES)
def test_what_may_be_a_phone_is_judged(kind: str, tmp_path: Path) -> None:
    frames, code = PHONES[kind]
    report = report_on(tmp_path, *frames, (60, LATER))
    assert len(report.phones) == 1
    assert code in {finding.code for finding in report.findings}


def test_a_syn_that_the_capture_ends_behind_may_be_a_phones(tmp_path: Path) -> None:
    report = report_on(tmp_path, (0, SYN_ONCE), (1, LATER))
    assert [phone.name for phone in report.phones] == [CLIENT.address]
