"""A capture that begins too late or ends too early is no evidence of a fault."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from capfpcap.analysis import CaptureInput, check
from capfpcap.report import Severity

CAPTURES = Path(__file__).resolve().parents[2] / "captures"
HEALTHY = ("success-by-address", "success-tls13", "success-by-http", "fetch-succeeds",
           "delete-succeeds", "success-by-name")  # fmt: skip
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


def faults_in(path: Path, header: bytes, records: list[bytes]) -> list[str]:
    path.write_bytes(header + b"".join(records))
    report = check([CaptureInput((str(path),))])
    return [item.code for item in report.findings if item.severity is not Severity.INFO]


@pytest.mark.parametrize("scenario", HEALTHY)
@pytest.mark.parametrize("stem", ["phone", "publisher"])
def test_a_healthy_enrolment_cut_anywhere_stays_silent(
    scenario: str, stem: str, tmp_path: Path
) -> None:
    header, records = records_of(CAPTURES / scenario / f"{stem}.pcap")
    cut = tmp_path / f"{stem}.pcap"
    for count in range(1, len(records)):
        assert faults_in(cut, header, records[:count]) == [], f"only the first {count} packets"
        assert faults_in(cut, header, records[count:]) == [], f"without the first {count} packets"
