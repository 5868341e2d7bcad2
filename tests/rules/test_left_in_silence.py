"""Servers and phones that go away where others send an alert about a certificate."""

from __future__ import annotations

from pathlib import Path

import pytest

from capfpcap.report import Certainty, Outcome, Severity
from tests.vantage.records import CAPTURES, TCP, Packet, joined, read

CAPF, SIP_TLS = 3804, 5061
ALERT, HANDSHAKE, APPLICATION_DATA = 21, 22, 23
FLAGS = 47
"""Where the TCP flags lie in an Ethernet frame."""
RST_ACK, FIN_ACK = 0x14, 0x11


def ended(
    scenario: str, port: int, content_type: int, flags: int, *, by_server: bool
) -> list[Packet]:
    """One side ends each connection where it sent its first record of a type."""
    kept: list[Packet] = []
    closed: set[int] = set()
    for one in read(CAPTURES / scenario / "phone.pcap"):
        if one.protocol == TCP and port in one.ports:
            from_server = one.ports[0] == port
            phones = one.ports[from_server]
            if phones in closed:
                continue
            if from_server == by_server and one.payload[:1] == bytes([content_type]):
                closed.add(phones)
                kept.append(one.with_payload(b"").patched(FLAGS, bytes([flags])))
                continue
        kept.append(one)
    return kept


@pytest.mark.parametrize("flags", [RST_ACK, FIN_ACK])
def test_a_server_that_leaves_behind_the_phones_certificate_refuses_it(
    tmp_path: Path, flags: int
) -> None:
    packets = ended("phone-uses-mic", SIP_TLS, ALERT, flags, by_server=True)
    report = joined(tmp_path, packets).report
    by_code = {item.code: item for item in report.findings}
    refused = by_code["tls-client-certificate-rejected"]
    assert report.phones[0].root_cause == refused.caused_by == "phone-uses-mic"
    assert by_code["phone-uses-mic"].severity is Severity.CRITICAL
    assert refused.certainty is Certainty.LIKELY
    assert "tls-handshake-incomplete" not in by_code


def test_a_server_that_leaves_before_the_phones_certificate_does_not_refuse_it(
    tmp_path: Path,
) -> None:
    packets = ended("phone-uses-mic", SIP_TLS, HANDSHAKE, FIN_ACK, by_server=True)
    report = joined(tmp_path, packets).report
    assert [item.code for item in report.findings] == ["tls-handshake-incomplete"]


def test_a_phone_that_leaves_a_certificate_of_its_list_does_not_refuse_it(tmp_path: Path) -> None:
    packets = ended("success-by-name", CAPF, APPLICATION_DATA, FIN_ACK, by_server=False)
    report = joined(tmp_path, packets).report
    assert [item.code for item in report.findings] == ["capf-session-aborted"]
    assert report.findings[0].certainty is Certainty.POSSIBLE


def test_a_phone_that_leaves_without_even_an_encrypted_alert_refuses_too(tmp_path: Path) -> None:
    packets = ended("refused-behind-handshake", CAPF, ALERT, FIN_ACK, by_server=False)
    report = joined(tmp_path, packets).report
    mismatch = next(item for item in report.findings if item.code == "itl-capf-mismatch")
    assert mismatch.severity is Severity.CRITICAL
    assert mismatch.certainty is Certainty.PROVEN


def test_a_capf_that_leaves_before_its_first_message_aborts_the_session(tmp_path: Path) -> None:
    packets = ended("success-by-name", CAPF, APPLICATION_DATA, FIN_ACK, by_server=True)
    report = joined(tmp_path, packets).report
    assert [item.code for item in report.findings] == ["capf-session-aborted"]
    assert report.phones[0].outcome is Outcome.FAILED
