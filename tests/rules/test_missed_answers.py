"""What a host does next tells whether it was answered, whatever the capture missed."""

from __future__ import annotations

from pathlib import Path

from capfpcap.report import Certainty
from tests.vantage.records import SYN, TCP, Packet, codes, joined, pair

CAPF, RST = 3804, 0x04


def of_server(packet: Packet) -> bool:
    return packet.protocol == TCP and packet.ports[0] == CAPF


def test_syns_that_are_not_repeated_were_answered(tmp_path: Path) -> None:
    _, publisher = pair("service-stopped")
    left = [one for one in publisher if not of_server(one)]
    findings = joined(tmp_path, left).report.findings
    (found,) = [one for one in findings if one.code == "connection-no-answer"]
    assert found.certainty is Certainty.LIKELY
    assert "may have missed the answers" in found.detail


def test_syns_that_are_repeated_were_not(tmp_path: Path) -> None:
    phone, _ = pair("syn-filtered")
    findings = joined(tmp_path, phone).report.findings
    (found,) = [one for one in findings if one.code == "connection-no-answer"]
    assert found.certainty is Certainty.PROVEN


def test_a_hello_that_is_not_repeated_was_acknowledged(tmp_path: Path) -> None:
    phone, _ = pair("frozen-server")
    left = [one for one in phone if not of_server(one) or one.flags & SYN]
    assert "tls-handshake-incomplete" not in codes(joined(tmp_path, left))


def test_a_reset_that_acknowledges_data_refuses_no_connection(tmp_path: Path) -> None:
    phone, _ = pair("reset-mid-session")
    left = [one for one in phone if one.protocol != TCP or one.flags & (SYN | RST)]
    left = [one for one in left if not (of_server(one) and one.flags & SYN)]
    assert any(of_server(one) for one in left)
    assert "connection-refused" not in codes(joined(tmp_path, left))
