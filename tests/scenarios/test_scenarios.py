"""Every shipped capture: exactly what its scenario says is found, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from capfpcap.report import Severity
from tests.scenarios.expectations import (
    Expectation,
    expectations,
    expectations_with_keys,
    report_for,
    verdict_of,
)

EVERY = [*expectations(), *expectations_with_keys()]
every_expectation = pytest.mark.parametrize("expected", EVERY, ids=str)

ONE_OF_EACH_STATUS = [
    expected
    for expected in expectations()
    if str(expected)
    in {
        "certificate-expiring-phone",
        "empty-phone",
        "itl-mismatch-phone+publisher",
        "success-by-address-phone",
    }
]
COUNTING_ATTEMPTS = [expected for expected in EVERY if expected.attempts is not None]


def test_the_statuses_that_are_tried_on_the_program_are_all_there_are() -> None:
    assert {expected.verdict.exit_status for expected in ONE_OF_EACH_STATUS} == {0, 1, 2, 3}


@every_expectation
def test_exactly_what_the_scenario_says_is_found(expected: Expectation) -> None:
    phone_by_phone = expected.verdict.outcomes is not None
    assert verdict_of(report_for(expected), phone_by_phone=phone_by_phone) == expected.verdict


@pytest.mark.parametrize("expected", COUNTING_ATTEMPTS, ids=str)
def test_attempts_of_one_phone_are_counted(expected: Expectation) -> None:
    (phone,) = report_for(expected).phones
    assert phone.attempts == expected.attempts


@every_expectation
def test_evidence_names_frames_that_the_captures_have(expected: Expectation) -> None:
    report = report_for(expected)
    captures = {capture.id: capture for capture in report.captures}
    for finding in report.findings:
        assert finding.evidence or finding.severity is not Severity.CRITICAL, finding.code
        for evidence in finding.evidence:
            capture = captures[evidence.capture]
            assert 1 <= evidence.frame <= capture.packets, finding.code
            assert capture.first is not None
            assert capture.last is not None
            assert capture.first <= evidence.time <= capture.last, finding.code


@every_expectation
def test_what_a_finding_refers_to_is_in_the_report(expected: Expectation) -> None:
    report = report_for(expected)
    phones = {phone.name for phone in report.phones}
    flows = {flow.id for flow in report.flows}
    by_phone = {(finding.phone, finding.code) for finding in report.findings}
    for finding in report.findings:
        assert finding.phone in {None, *phones}
        assert finding.flow in {None, *flows}
        assert finding.caused_by is None or (finding.phone, finding.caused_by) in by_phone
    for phone in report.phones:
        assert phone.root_cause is None or (phone.name, phone.root_cause) in by_phone


@pytest.mark.parametrize("expected", ONE_OF_EACH_STATUS, ids=str)
def test_the_program_says_it_and_ends_with_its_status(expected: Expectation) -> None:
    command = [sys.executable, "-m", "capfpcap", "check", "--format", "json"]
    command += map(str, expected.files)
    result = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert result.returncode == expected.verdict.exit_status
    assert result.stderr == ""
    codes = {finding["code"] for finding in json.loads(result.stdout)["findings"]}
    assert codes == set(expected.verdict.codes)
