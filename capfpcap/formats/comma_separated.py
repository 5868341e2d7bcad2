"""The phones as comma-separated values (RFC 4180, but for the ends of lines), for spreadsheets."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterator

from capfpcap.formats.grouping import PhoneFindings
from capfpcap.formats.harmless import MAX_FIELD, harmless
from capfpcap.formats.page import Page
from capfpcap.report import Finding, Report

COLUMNS = (
    "phone",
    "mac",
    "addresses",
    "operation",
    "outcome",
    "attempts",
    "status_message",
    "code",
    "severity",
    "certainty",
    "cause",
    "remedy",
    "capture",
    "frame",
    "time",
    "codes",
    "lsc_subject",
    "lsc_not_after",
)
"""Of the columns from ``code`` to ``time`` each is the leading finding's; ``codes`` has all."""

_FORMULA = re.compile(r"(^\s*|;\s*)([=+\-@\uff1d\uff0b\uff0d\uff20])")
"""Where a spreadsheet would begin to compute: what stands first in a cell, or behind a semicolon,
which ends a cell where the comma is the decimal sign."""


def render(report: Report, page: Page) -> Iterator[bytes]:  # noqa: ARG001 - as all formats
    """A header and a line for each phone, in UTF-8; ``page`` changes nothing."""
    findings: defaultdict[str | None, list[Finding]] = defaultdict(list)
    for finding in report.findings:
        findings[finding.phone].append(finding)
    yield line(COLUMNS)
    for phone in report.phones:
        yield line(_cells(PhoneFindings(phone, findings.get(phone.name, []))))


def _cells(entry: PhoneFindings) -> tuple[str, ...]:
    phone, cause = entry.phone, entry.cause
    first = cause.evidence[0] if cause is not None and cause.evidence else None
    return (
        phone.name,
        phone.mac or "",
        " ".join(phone.addresses),
        phone.operation.value,
        phone.outcome.value,
        str(phone.attempts),
        phone.status_message or "",
        cause.code if cause else "",
        cause.severity.value if cause else "",
        cause.certainty.value if cause else "",
        cause.title if cause else "",
        cause.remedy if cause else "",
        first.source if first else "",
        first.spot if first else "",
        (first and first.time) or "",
        " ".join(dict.fromkeys(finding.code for finding in entry.findings)),
        (phone.lsc and phone.lsc.subject) or "",
        (phone.lsc and phone.lsc.not_after) or "",
    )


def line(cells: tuple[str | int, ...]) -> bytes:
    """One line of a table, none of whose texts a spreadsheet takes for a formula."""
    text = io.StringIO()
    shown = (cell if isinstance(cell, int) else _inert(cell) for cell in cells)
    csv.writer(text, lineterminator="\n").writerow(shown)
    return text.getvalue().encode()


def _inert(cell: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe stands before what would be."""
    return _FORMULA.sub(r"\1'\2", harmless(cell))[:MAX_FIELD]
