"""A file that did not come is no cause of what failed at CAPF for another reason."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from capfpcap.report import Report, Severity
from tests.rules.records import moved, records_as, report_on, seconds

CAPF = struct.pack(">H", 3804)
PORTS = slice(16 + 34, 16 + 38)
"""Of a record: behind its header, and behind those of Ethernet and IPv4."""


def without_its_list(folder: Path, scenario: str) -> Report:
    """The report on a phone whose list stops in the midst, and which turns to CAPF all the same."""
    header, records = records_as("transfer-stalled", "transfer-stalled")
    _, others = records_as(scenario, "transfer-stalled")
    later = seconds(records[-1]) + 5 - seconds(others[0])
    at_capf = [moved(record, later) for record in others if CAPF in ports(record)]
    return report_on(folder / "phone.pcap", header, records + at_capf)


def ports(record: bytes) -> tuple[bytes, bytes]:
    both = record[PORTS]
    return both[:2], both[2:]


@pytest.mark.parametrize(
    ("scenario", "root"),
    [
        ("server-requires-tls12", "tls-version-mismatch"),
        ("service-stopped", "connection-refused"),
        ("itl-mismatch", "transfer-stalled"),
    ],
)
def test_only_what_a_new_list_would_have_changed_is_its_fault(
    scenario: str, root: str, tmp_path: Path
) -> None:
    report = without_its_list(tmp_path, scenario)
    (phone,) = report.phones
    assert phone.root_cause == root
    (stalled,) = [item for item in report.findings if item.code == "transfer-stalled"]
    assert (stalled.severity is Severity.CRITICAL) == (root == "transfer-stalled")
