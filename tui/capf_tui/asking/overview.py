"""What the report says of everything together."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from capf_tui.clock import nanoseconds
from capf_tui.engine.question import Question
from capfpcap.report import Capture, Verdict
from capfpcap.study import Study


class OverviewAnswer(msgspec.Struct, frozen=True):
    """The verdict, the captures, and how much there is of everything else."""

    verdict: Verdict
    captures: tuple[Capture, ...]
    notes: tuple[str, ...]
    """Captures that cannot be read, each with its reason, and other remarks of the tool."""
    first: int | None
    """Time of the first packet of all captures, nanoseconds since 1970 UTC."""
    phones: int
    flows: int
    findings: int


class Overview(Question[OverviewAnswer], frozen=True):
    """Asked once the captures are analysed."""

    replies: ClassVar[type[msgspec.Struct]] = OverviewAnswer

    def answer(self, study: Study) -> OverviewAnswer:
        """From the report."""
        report = study.report
        return OverviewAnswer(
            verdict=report.verdict,
            captures=report.captures,
            notes=report.notes,
            first=min(
                filter(None, (nanoseconds(one.first) for one in report.captures)), default=None
            ),
            phones=len(report.phones),
            flows=len(report.flows),
            findings=len(report.findings),
        )
