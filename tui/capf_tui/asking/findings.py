"""The findings: a row for each, and the page on one."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from capf_tui.clock import nanoseconds
from capf_tui.engine.question import Question
from capfpcap.report import Certainty, Evidence, Finding, Severity, Stage
from capfpcap.rules.catalogue import CATALOGUE
from capfpcap.study import Study

ROWS_AT_ONCE = 2000


class FindingRow(msgspec.Struct, frozen=True, gc=False):
    """A finding in the list."""

    number: int
    """Position in the report."""
    severity: Severity
    resolved: bool
    certainty: Certainty
    code: str
    stage: Stage
    phone: str
    """Empty where it is no phone's."""
    flow: str
    title: str
    first: Evidence | None
    """What proves it first."""
    at: int | None
    """Time of that, nanoseconds since 1970 UTC."""


class FindingRowsAnswer(msgspec.Struct, frozen=True):
    """Some rows, in the report's order."""

    rows: list[FindingRow]


class FindingRows(Question[FindingRowsAnswer], frozen=True):
    """Asked for all findings, so many at once."""

    start: int
    replies: ClassVar[type[msgspec.Struct]] = FindingRowsAnswer

    def answer(self, study: Study) -> FindingRowsAnswer:
        """From the report."""
        findings = study.report.findings[self.start : self.start + ROWS_AT_ONCE]
        return FindingRowsAnswer(
            [_row(number, finding) for number, finding in enumerate(findings, self.start)]
        )


class FindingPageAnswer(msgspec.Struct, frozen=True):
    """A finding, and what the catalogue says of its code."""

    finding: Finding
    meaning: str
    told_by: str
    not_this: str


class FindingPage(Question[FindingPageAnswer], frozen=True):
    """Asked for the finding under the cursor."""

    number: int
    replies: ClassVar[type[msgspec.Struct]] = FindingPageAnswer

    def answer(self, study: Study) -> FindingPageAnswer:
        """From the report and the catalogue."""
        if not 0 <= self.number < len(study.report.findings):
            raise LookupError("the report has no such finding")
        finding = study.report.findings[self.number]
        code = CATALOGUE[finding.code]
        return FindingPageAnswer(finding, code.meaning, code.told_by, code.not_this)


def _row(number: int, finding: Finding) -> FindingRow:
    first = finding.evidence[0] if finding.evidence else None
    return FindingRow(
        number=number,
        severity=finding.severity,
        resolved=finding.resolved,
        certainty=finding.certainty,
        code=finding.code,
        stage=finding.stage,
        phone=finding.phone or "",
        flow=finding.flow or "",
        title=finding.title,
        first=first,
        at=nanoseconds(first.time) if first and first.time else None,
    )
