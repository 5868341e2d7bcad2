"""What a report says, fact by fact, so that two reports can be compared."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from capfpcap.analysis import CaptureInput, analyze
from capfpcap.cli.exit_status import FailOn, status_of
from capfpcap.report import Report


class Kind(Enum):
    """What a fact is about."""

    CODE = "code"
    CAUSE = "cause"
    OUTCOME = "outcome"
    NOTE = "note"
    STATUS = "exit status"


class Fact(NamedTuple):
    """One thing that a report says."""

    kind: Kind
    value: str
    phone: str = ""
    """Of whom it is said; empty: of the captures."""

    def __str__(self) -> str:
        """As a line of a failure shows it."""
        return f"{self.kind.value} {self.value}" + (f" of {self.phone}" if self.phone else "")


Facts = frozenset[Fact]


def facts_of(paths: Sequence[str]) -> Facts:
    """The facts of captures that are handed in together."""
    return facts_in(analyze([CaptureInput((path,)) for path in paths]).report)


def facts_in(report: Report) -> Facts:
    """Codes, causes, outcomes, remarks of the tool, and the exit status."""
    found = {Fact(Kind.CODE, item.code, item.phone or "") for item in report.findings}
    found |= {Fact(Kind.NOTE, note) for note in report.notes}
    for phone in report.phones:
        found.add(Fact(Kind.OUTCOME, phone.outcome.value, phone.name))
        if phone.root_cause:
            found.add(Fact(Kind.CAUSE, phone.root_cause, phone.name))
    found.add(Fact(Kind.STATUS, str(int(status_of(report.verdict, FailOn.UNKNOWN)))))
    return frozenset(found)
