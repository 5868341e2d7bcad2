"""Packets of a phone and its servers, made one by one, and the report on them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from capfpcap.analysis import CaptureInput, check
from capfpcap.report import Finding, Report, Severity
from capfpcap.vantage.role import Role
from tests.capture.builder import SERVER, pcap
from tests.timeline.tftp_packets import download, error, from_server, request
from tests.timeline.wire import Datagram, connection

SECOND = 1000
"""Steps of the packets' clock."""
NAME = "SEP001122334455"
LISTS = (f"CTL{NAME}.tlv", f"ITL{NAME}.tlv", "ITLFile.tlv")
CONFIGURATION = f"{NAME}.cnf.xml"

Timed = tuple[int, Datagram]
"""When, in steps of a millisecond, and what."""


def from_port(packets: Iterable[Datagram], port: int) -> list[Datagram]:
    """The same packets of a phone that uses another port."""
    return [
        replace(packet, destination_port=port)
        if packet.source == SERVER
        else replace(packet, source_port=port)
        for packet in packets
    ]


def at(step: int, packets: Iterable[Datagram]) -> list[Timed]:
    """Packets one step apart."""
    return [(step + number, packet) for number, packet in enumerate(packets)]


def by_tftp(step: int, name: str, content: bytes | None = None) -> list[Timed]:
    """A question for a file, and the file, or that it is not found."""
    refused = [request(name), from_server(error(1, "File not found"))]
    packets = refused if content is None else download(name, content)
    return at(step, from_port(packets, 10000 + step % 50000))


def by_http(step: int, name: str, status: int) -> list[Timed]:
    """A question for a file that is answered with a status alone."""
    turns = [
        (True, f"GET /{name} HTTP/1.1\r\nHost: pub\r\n\r\n".encode()),
        (False, f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n".encode()),
    ]
    packets = connection(6970, turns, closed_by_server=True)
    return at(step, from_port(packets, 10000 + step % 50000))


def report_on(folder: Path, packets: Iterable[Timed], role: Role | None = None) -> Report:
    """The report on packets in order of time; where they were recorded is inferred or given."""
    path = folder / "made.pcap"
    ordered = sorted(packets, key=lambda timed: timed[0])
    path.write_bytes(pcap([packet.recorded(step) for step, packet in ordered]))
    return check([CaptureInput((str(path),), role)])


def faults(report: Report) -> list[Finding]:
    """All findings that are more than information."""
    return [item for item in report.findings if item.severity is not Severity.INFO]
