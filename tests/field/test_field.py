"""The field cases that the engine gets right; whoever mends another one adds it here."""

from __future__ import annotations

import pytest

from capfpcap.report import Outcome

from .cases import cases_of, objections, report_on

COVERED = ("06-pbx-without-capf",)


@pytest.mark.parametrize("name", COVERED)
def test_a_field_case_is_judged_as_is_right(name: str) -> None:
    assert [text for case in cases_of(name) for text in objections(case)] == []


def test_a_phone_of_a_pbx_has_attempted_nothing_and_needs_no_list() -> None:
    for case in cases_of("06-pbx-without-capf"):
        report = report_on(*case.files)
        assert [phone.outcome for phone in report.phones] == [Outcome.NOT_ATTEMPTED]
        assert {finding.severity.value for finding in report.findings} <= {"info"}
