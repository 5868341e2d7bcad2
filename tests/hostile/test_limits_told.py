"""What lies behind a limit is not read, and the program says where it stopped."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from capfpcap.cli import run
from capfpcap.flows.reassembly import STREAM_LIMIT
from capfpcap.rules.engine import MAX_FINDINGS_OF_A_PHONE
from tests.capture.builder import PHONE, Packet, ethernet, ipv4, tcp
from tests.dissectors import builders

from .child import capfpcap, check_bounded
from .wire import FATAL_UNKNOWN_CA, HTTP, Wire, client_hello, dns_name, server_flight, tls_records

Told = Callable[..., str]
SECOND = 1_000_000_000
SYN_ONLY = 2
FIRMWARE = 60_000_000


@pytest.fixture
def told(tmp_path: Path) -> Told:
    """What a command says of what was recorded, its lines joined."""

    def say(wire: Wire, *command: str) -> str:
        path = tmp_path / "hostile.pcap"
        path.write_bytes(wire.pcap())
        result = capfpcap(tmp_path, *command, path)
        check_bounded(result)
        return " ".join(result.out.split())

    return say


def test_octets_of_one_direction(told: Told) -> None:
    wire = Wire()
    data = tls_records(23, bytes(STREAM_LIMIT))
    wire.connection(client_hello(), server_flight([builders.CAPF.der]) + data)
    timeline = told(wire, "timeline")
    assert timeline.count("← more than 16777216 bytes: what follows is not read") == 1
    assert "→ more than" not in timeline


def test_certificates_of_one_handshake(told: Told) -> None:
    wire = Wire()
    wire.connection(client_hello(), server_flight([builders.CAPF.der] * 33) + FATAL_UNKNOWN_CA)
    assert "Certificate of CAPF-5a7d5c25, 32 in the chain and more that are not read" in told(
        wire, "timeline"
    )


def test_questions_from_one_port(told: Told) -> None:
    wire = Wire()
    for number in range(30_000):
        wire.question(dns_name(b"%d" % number), identifier=number)
    timeline = told(wire, "timeline")
    assert timeline.count("4096 questions from one port: what follows is not read") == 1


def test_records_of_one_trust_list(told: Told) -> None:
    record = builders.record(builders.text(2, "x"), builders.field(4, b"\0\4"))
    wire = Wire()
    wire.file(b"ITLFile.tlv", builders.signed(record * 1025, builders.SIGNER))
    assert "it cannot be read: byte 15628: more than 1024 records" in told(wire, "check")


def test_findings_of_one_phone(told: Told) -> None:
    wire = Wire()
    wire.file(b"SEP001122334455.cnf.xml", b"<device/>", 41001)
    for number in range(MAX_FINDINGS_OF_A_PHONE + 36):
        unanswered = tcp(source=50000 + number, flags=SYN_ONLY)
        for _ in range(4):
            wire.time += SECOND
            frame = ethernet(ipv4(unanswered, 6, PHONE, f"10.9.9.{number}"))
            wire.packets.append(Packet(frame, wire.time))
    wire.time += 100 * SECOND
    wire.question(dns_name(b"x"))
    report = json.loads(told(wire, "check", "--format", "json"))
    assert len(report["findings"]) == MAX_FINDINGS_OF_A_PHONE
    assert report["notes"] == ["SEP001122334455: 36 findings were left out"]


def _firmware_and_list(sent: int) -> Wire:
    """A phone loads firmware, of which so much comes, and behind it a trust list."""
    gets = [b"GET /%s HTTP/1.1\r\nHost: x\r\n\r\n" % name for name in (b"fw.sbn", b"ITLFile.tlv")]
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % FIRMWARE + bytes(sent)
    wire = Wire()
    wire.connection(b"".join(gets), answer, 42000, HTTP)
    return wire


def test_a_file_larger_than_is_kept_has_its_true_length_and_is_no_fault(told: Told) -> None:
    wire = _firmware_and_list(FIRMWARE)
    timeline = told(wire, "timeline")
    assert "fw.sbn: whole, 60000000 bytes (only its beginning was read)" in timeline
    assert "more than 16777216 bytes: what follows is not read" in timeline
    assert json.loads(told(wire, "check", "--format", "json"))["findings"] == []


def test_a_large_file_of_which_the_end_never_came_is_not_called_whole(told: Told) -> None:
    timeline = told(_firmware_and_list(30_000_000), "timeline")
    assert "fw.sbn: 30000000 bytes, then it stops" in timeline


def test_what_cannot_be_read_at_all_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "no.pcap"
    path.write_bytes(b"\x1f\x8b\x08" + bytes(40))
    assert run(["check", str(path)]) == 3
    assert len(capsys.readouterr().err.splitlines()) == 1
