"""A capture that begins too late or ends too early is no evidence of a fault."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from capfpcap.analysis import CaptureInput, check
from capfpcap.report import Severity
from tests.rules.records import CAPTURES, RECORD_HEADER, faults_in, records_of

HEALTHY = ("success-by-address", "success-tls13", "success-by-http", "fetch-succeeds",
           "delete-succeeds", "success-by-name", "aaaa-empty", "phone-behind-nat")  # fmt: skip


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


@pytest.mark.parametrize("scenario", ["asymmetric-capture", "success-by-name", "phone-behind-nat"])
@pytest.mark.parametrize("stem", ["phone", "publisher"])
def test_of_two_captures_one_may_end_or_begin_anywhere(
    scenario: str, stem: str, tmp_path: Path
) -> None:
    other = "publisher" if stem == "phone" else "phone"
    whole = CaptureInput((str(CAPTURES / scenario / f"{other}.pcap"),))
    header, records = records_of(CAPTURES / scenario / f"{stem}.pcap")
    cut = tmp_path / f"{stem}.pcap"
    for count in range(1, len(records)):
        for left in (records[:count], records[count:]):
            cut.write_bytes(header + b"".join(left))
            findings = check([CaptureInput((str(cut),)), whole]).findings
            found = [item.code for item in findings if item.severity is not Severity.INFO]
            assert found == [], f"cut at packet {count}"


@pytest.mark.parametrize("scenario", HEALTHY[:-1])
@pytest.mark.parametrize("stem", ["phone", "publisher"])
@pytest.mark.parametrize("length", [96, 128, 200, 300, 600])
def test_packets_of_which_only_the_beginning_is_held_show_no_fault(
    scenario: str, stem: str, length: int, tmp_path: Path
) -> None:
    header, records = records_of(CAPTURES / scenario / f"{stem}.pcap")
    assert (
        faults_in(tmp_path / f"{stem}.pcap", header, [snapped(one, length) for one in records])
        == []
    )


def snapped(record: bytes, length: int) -> bytes:
    """A packet's record, as a snap length leaves it."""
    data = record[RECORD_HEADER : RECORD_HEADER + length]
    return record[:8] + struct.pack("<I", len(data)) + record[12:RECORD_HEADER] + data
