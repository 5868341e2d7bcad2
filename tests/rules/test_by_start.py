"""A phone that starts more than once is judged start by start."""

from __future__ import annotations

from pathlib import Path

import pytest

from capfpcap.report import Outcome, Report, Severity, VerdictSeverity
from tests.rules.records import RECORD_HEADER, moved, records_as, report_on, seconds

HEALTHY = "success-by-name"
HOUR = 3600
REPAIRED = {
    "dns-nxdomain": "dns-nxdomain",
    "dns-no-address": "dns-no-address",
    "dns-silent": "dns-no-answer",
    "dns-refused": "dns-server-failure",
    "itl-not-found": "itl-not-found",
    "itl-empty": "itl-empty",
    "itl-corrupt": "itl-corrupt",
    "itl-signature-invalid": "itl-signature-invalid",
    "itl-no-capf-record": "itl-no-capf-record",
    "tftp-filtered": "tftp-no-answer",
    "tftp-stopped": "icmp-unreachable",
    "transfer-failed": "transfer-failed",
    "transfer-stalled": "transfer-stalled",
    "certificate-expired": "capf-certificate-expired",
    "certificate-not-yet-valid": "capf-certificate-not-yet-valid",
}
"""What fails in a scenario's only start, by the scenario."""


def one_after_another(path: Path, phone: str, scenarios: list[str], pause: int = HOUR) -> Report:
    """The report on one phone to which the scenarios happened in turn."""
    joined: list[bytes] = []
    header = b""
    for scenario in scenarios:
        header, records = records_as(scenario, phone)
        late = seconds(joined[-1]) + pause - seconds(records[0]) if joined else 0
        joined += [moved(record, late) for record in records]
    assert all(len(record) >= RECORD_HEADER for record in joined)
    return report_on(path / "phone.pcap", header, joined)


def told(report: Report) -> list[tuple[str, bool]]:
    """Each fault with whether it was overcome."""
    return [
        (finding.code, finding.resolved)
        for finding in report.findings
        if finding.severity is not Severity.INFO
    ]


@pytest.mark.parametrize(("scenario", "code"), REPAIRED.items())
def test_what_failed_in_an_earlier_start_is_told_as_overcome(
    scenario: str, code: str, tmp_path: Path
) -> None:
    report = one_after_another(tmp_path, scenario, [scenario, HEALTHY])
    (phone,) = report.phones
    assert (phone.outcome, phone.root_cause) == (Outcome.RECOVERED, code)
    assert (code, True) in told(report)
    assert report.verdict.severity is VerdictSeverity.WARNING


@pytest.mark.parametrize(
    ("scenario", "code"),
    [item for item in REPAIRED.items() if item[0] not in ("itl-not-found", "certificate-expired")],
)
def test_a_start_that_fails_behind_an_enrolment_is_judged_by_itself(
    scenario: str, code: str, tmp_path: Path
) -> None:
    report = one_after_another(tmp_path, scenario, [HEALTHY, scenario])
    (phone,) = report.phones
    assert (phone.outcome, phone.root_cause) == (Outcome.FAILED, code)
    assert (code, False) in told(report)
    assert report.verdict.severity is VerdictSeverity.CRITICAL


def test_a_phone_keeps_the_list_it_has_where_the_server_has_none_any_more(tmp_path: Path) -> None:
    report = one_after_another(tmp_path, "itl-not-found", [HEALTHY, "itl-not-found"])
    assert told(report) == []


@pytest.mark.parametrize("pause", [60, HOUR])
def test_a_configuration_that_is_not_there_any_more_is_told(tmp_path: Path, pause: int) -> None:
    gone = "config-not-found"
    report = one_after_another(tmp_path, gone, [HEALTHY, gone], pause)
    assert told(report) == [(gone, False)]
    assert report.phones[0].outcome is Outcome.SUCCEEDED


def test_a_configuration_that_was_found_at_last_is_not_told_as_missing(tmp_path: Path) -> None:
    gone = "config-not-found"
    assert told(one_after_another(tmp_path, gone, [gone, HEALTHY])) == []


def test_starts_that_all_end_well_stay_silent(tmp_path: Path) -> None:
    report = one_after_another(tmp_path, HEALTHY, [HEALTHY, HEALTHY, HEALTHY])
    assert (told(report), report.phones[0].outcome) == ([], Outcome.SUCCEEDED)


def test_the_same_fault_in_every_start_is_told_once(tmp_path: Path) -> None:
    report = one_after_another(tmp_path, "dns-nxdomain", ["dns-nxdomain"] * 3)
    assert told(report) == [("dns-nxdomain", False)]


def test_what_fails_now_is_the_cause_and_not_what_was_overcome(tmp_path: Path) -> None:
    report = one_after_another(tmp_path, "dns-nxdomain", ["dns-nxdomain", "service-stopped"])
    assert report.phones[0].root_cause == "connection-refused"
    assert told(report) == [("connection-refused", False), ("dns-nxdomain", True)]


def test_a_file_asked_for_once_more_at_once_is_no_new_start(tmp_path: Path) -> None:
    report = one_after_another(tmp_path, "dns-nxdomain", ["dns-nxdomain", HEALTHY], pause=5)
    assert told(report) == []
