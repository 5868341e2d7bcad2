"""Shipped captures taken apart into packets, and what is found in some of these."""

from __future__ import annotations

import socket
import struct
import tomllib
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


def records_as(scenario: str, phone: str) -> tuple[bytes, list[bytes]]:
    """A scenario's capture at the phone, told as if it had been the phone of another scenario."""
    header, records = records_of(CAPTURES / scenario / "phone.pcap")
    pairs = list(zip(identity(scenario), identity(phone), strict=True))
    for own, other in pairs:
        records = [record.replace(own, other) for record in records]
    return header, records


def identity(scenario: str) -> tuple[bytes, bytes]:
    """Name and address of the only phone of a scenario, as they stand in packets."""
    knobs = tomllib.loads((CAPTURES / scenario / "scenario.toml").read_text(encoding="utf-8"))
    (phone,) = knobs["record"]["phones"]
    return phone["name"].encode(), socket.inet_aton(phone["address"].partition("/")[0])


def seconds(record: bytes) -> int:
    (time,) = struct.unpack_from("<I", record)
    return int(time)


def moved(record: bytes, by: int) -> bytes:
    return struct.pack("<I", seconds(record) + by) + record[4:]
