"""A phone whose configuration asks for no operation cannot fail at one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from capfpcap.report import Finding, Outcome, Severity
from tests.rules.records import CAPTURES, records_of, report_on

ASKS = b"<capfAuthMode>2</capfAuthMode>"
ASKS_NOT = b"<capfAuthMode>0</capfAuthMode>"


def edited(scenario: str, tmp_path: Path, pattern: bytes, by: bytes) -> tuple[Outcome, Finding]:
    """The phone's outcome and first finding when the configuration of a scenario reads otherwise.

    The edit keeps every length, and phones that have no trust list check no signature.
    """
    header, records = records_of(CAPTURES / scenario / "phone.pcap")
    changed = [re.sub(pattern, by, record) for record in records]
    assert changed != records
    report = report_on(tmp_path / "edited.pcap", header, changed)
    (phone,) = report.phones
    return phone.outcome, report.findings[0]


@pytest.mark.parametrize(
    ("scenario", "code", "severity"),
    [
        ("itl-not-found", "itl-not-found", Severity.INFO),
        ("itl-empty", "itl-empty", Severity.INFO),
        ("itl-no-capf-record", "itl-no-capf-record", Severity.INFO),
        ("itl-corrupt", "itl-corrupt", Severity.WARNING),
        ("itl-signature-invalid", "itl-signature-invalid", Severity.WARNING),
    ],
)
def test_a_list_that_no_operation_needs_fails_none(
    scenario: str, code: str, severity: Severity, tmp_path: Path
) -> None:
    outcome, finding = edited(scenario, tmp_path, ASKS, ASKS_NOT)
    assert outcome is Outcome.NOT_ATTEMPTED
    assert (finding.code, finding.severity) == (code, severity)


def test_a_configuration_that_asks_and_names_a_server_misses_its_list(tmp_path: Path) -> None:
    outcome, finding = edited("no-list-nothing-pending", tmp_path, ASKS_NOT, ASKS)
    assert outcome is Outcome.FAILED
    assert (finding.code, finding.severity) == ("itl-not-found", Severity.CRITICAL)


def test_a_configuration_that_asks_and_names_no_server_asks_for_nothing(tmp_path: Path) -> None:
    server = rb"(<processNodeName>)[^<]+(</processNodeName>\s+</capf>)"
    blank = rb"\1              \2"
    outcome, finding = edited("itl-not-found", tmp_path, server, blank)
    assert outcome is Outcome.NOT_ATTEMPTED
    assert (finding.code, finding.severity) == ("itl-not-found", Severity.INFO)
    assert "asks for no certificate operation" in finding.detail


def test_a_configuration_that_cannot_be_read_does_not_say_that_it_asks_for_nothing(
    tmp_path: Path,
) -> None:
    header, records = records_of(CAPTURES / "itl-not-found" / "phone.pcap")
    changed = [re.sub(rb"</device>", rb"<!device>", record) for record in records]
    assert changed != records
    report = report_on(tmp_path / "edited.pcap", header, changed)
    (phone,) = report.phones
    assert phone.configuration is not None
    assert phone.configuration.problem is not None
    assert phone.outcome is not Outcome.NOT_ATTEMPTED
