"""What looks whether CAPF answers is no phone whose enrolment failed."""

from __future__ import annotations

from pathlib import Path

import pytest

from capfpcap.analysis import CaptureInput, check
from capfpcap.report import Report, VerdictSeverity
from tests.capture.builder import Packet, ethernet, ipv4, pcap, udp
from tests.dissectors.tls_endpoints import Conversation
from tests.flows.packets import ACK, FIN, OPENING, RST, Tcp, from_client, from_server
from tests.timeline.test_session import packets as packets_of

KNOCK = [
    *OPENING,
    from_client(0, flags=FIN | ACK, heard=0),
    from_server(0, flags=FIN | ACK, heard=1),
    from_client(1, flags=ACK, heard=1),
]
RESET = [*OPENING, from_client(0, flags=RST | ACK, heard=0)]
REQUEST = b"\0\1SEP0008301CE5D2.cnf.xml.sgn\0octet\0"


def judged(tmp_path: Path, packets: list[Tcp], before: list[Packet]) -> Report:
    capture = tmp_path / "publisher.pcap"
    recorded = [packet.recorded(number) for number, packet in enumerate(packets, 1)]
    capture.write_bytes(pcap([*before, *recorded]))
    return check([CaptureInput((str(capture),))])


@pytest.mark.parametrize("packets", [KNOCK, RESET], ids=["closes", "resets"])
def test_a_client_without_a_name_that_says_nothing_is_no_fault(
    tmp_path: Path, packets: list[Tcp]
) -> None:
    report = judged(tmp_path, packets, [])
    assert report.findings == ()
    assert report.verdict.severity is not VerdictSeverity.CRITICAL


@pytest.mark.parametrize("packets", [KNOCK, RESET], ids=["closes", "resets"])
def test_a_phone_that_says_nothing_to_capf_failed(tmp_path: Path, packets: list[Tcp]) -> None:
    first = packets[0].recorded(0)
    request = Packet(ethernet(ipv4(udp(REQUEST, 51000, 69), 17)), first.time)
    report = judged(tmp_path, packets, [request])
    assert report.verdict.severity is VerdictSeverity.CRITICAL
    assert [phone.name for phone in report.phones] == ["SEP0008301CE5D2"]


@pytest.mark.parametrize(("line", "failed"), [(1, False), (60, True)])
def test_who_types_a_line_into_a_session_with_capf_tries_the_port(
    tmp_path: Path, line: int, failed: bool
) -> None:
    conversation = Conversation(ciphers="AES128-GCM-SHA256").handshake()
    conversation.say(False, 16)
    conversation.say(True, line)
    sent, heard = (len(conversation.octets(from_client=side)) for side in (True, False))
    closes = from_client(sent, b"", FIN | ACK, heard=heard)
    report = judged(tmp_path, [*packets_of(conversation), closes], [])
    assert (report.verdict.severity is VerdictSeverity.CRITICAL) is failed
