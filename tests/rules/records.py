"""Shipped captures taken apart into packets, and what is found in some of these."""

from __future__ import annotations

import struct
from pathlib import Path

from capfpcap.analysis import CaptureInput, check
from capfpcap.report import Report, Severity

CAPTURES = Path(__file__).resolve().parents[2] / "captures"
FILE_HEADER, RECORD_HEADER = 24, 16


def records_of(path: Path) -> tuple[bytes, list[bytes]]:
    """The file header and the packet records of a little-endian pcap file."""
    octets = path.read_bytes()
    records, position = [], FILE_HEADER
    while position < len(octets):
        (captured,) = struct.unpack_from("<I", octets, position + 8)
        records.append(octets[position : position + RECORD_HEADER + captured])
        position += len(records[-1])
    return octets[:FILE_HEADER], records


def report_on(path: Path, header: bytes, records: list[bytes]) -> Report:
    """The report on a file of these records, which is written to ``path``."""
    path.write_bytes(header + b"".join(records))
    return check([CaptureInput((str(path),))])


def faults_in(path: Path, header: bytes, records: list[bytes]) -> list[str]:
    """The codes of all findings that are more than information."""
    report = report_on(path, header, records)
    return [item.code for item in report.findings if item.severity is not Severity.INFO]
