"""What the capture missed is no evidence of a fault, and no cause is taken for another one."""

from __future__ import annotations

from pathlib import Path

import pytest

from capfpcap.report import Severity
from tests.rules.records import CAPTURES, faults_in, records_of, report_on

HEALTHY = (
    "success-by-name", "success-by-http", "success-tls13", "tvs-answers", "delete-succeeds",
    "registers-with-lsc", "two-lists-last-counts", "two-itls-last-is-new", "capf-record-in-ctl",
    "configuration-unsigned", "udp-lost-once", "aaaa-empty", "tftp-server-stands-in",
    "nothing-pending", "capture-ends-in-key-generation", "asymmetric-capture",
)  # fmt: skip
FAILING = (
    "itl-mismatch", "certificate-expired", "no-shared-cipher", "server-alert", "reset-at-connect",
    "closed-in-handshake", "refused-without-alert", "phone-requires-tls12", "lsc-expired",
    "tvs-certificate-rejected", "service-stopped", "frozen-server", "retry-later",
)  # fmt: skip
OVERCOME = ("recovered", "retry-later-then-enrols", "ipv6-falls-back")


@pytest.mark.parametrize("scenario", HEALTHY)
def test_a_healthy_phone_stays_so_whichever_packet_is_missed(scenario: str, tmp_path: Path) -> None:
    header, records = records_of(CAPTURES / scenario / "phone.pcap")
    for at in range(len(records)):
        left = records[:at] + records[at + 1 :]
        assert faults_in(tmp_path / "phone.pcap", header, left) == [], f"without packet {at + 1}"


@pytest.mark.parametrize("scenario", FAILING)
def test_a_missed_packet_makes_no_other_cause(scenario: str, tmp_path: Path) -> None:
    header, records = records_of(CAPTURES / scenario / "publisher.pcap")
    whole = set(faults_in(tmp_path / "publisher.pcap", header, records))
    for at in range(len(records)):
        left = records[:at] + records[at + 1 :]
        found = set(faults_in(tmp_path / "publisher.pcap", header, left))
        assert found <= whole, f"without packet {at + 1}"


@pytest.mark.parametrize("scenario", OVERCOME)
def test_what_was_overcome_stays_overcome_whichever_packet_is_missed(
    scenario: str, tmp_path: Path
) -> None:
    header, records = records_of(CAPTURES / scenario / "phone.pcap")
    for at in range(len(records)):
        report = report_on(tmp_path / "phone.pcap", header, records[:at] + records[at + 1 :])
        grave = [item.code for item in report.findings if item.severity is Severity.CRITICAL]
        assert grave == [], f"without packet {at + 1}"
