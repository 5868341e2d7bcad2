"""The captures themselves, and which services each phone reaches in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import msgspec

from capf_tui.engine.question import Question
from capfpcap.compose.reach import describe_reach
from capfpcap.inspection.captures import CaptureDetails, capture_details
from capfpcap.report import Finding, Reach, Stage
from capfpcap.report.reach import PhoneReach, ServiceReach
from capfpcap.services import UNTIL_ENROLMENT
from capfpcap.study import Study

NAMES_AT_ONCE = 5000
REACHED_AT_ONCE = 20
"""Phones of one answer, whose packets are read again: some tenths of a second."""
SERVICE_NAMES = tuple(service.value for service in UNTIL_ENROLMENT)
"""The columns of the matrix, in the order in which a phone uses the services."""


class CapturesAnswer(msgspec.Struct, frozen=True):
    """All captures, and what is said of them."""

    captures: tuple[CaptureDetails, ...]
    findings: list[Finding]
    """Of the captures as a whole."""
    notes: tuple[str, ...]
    """Captures that cannot be read, and other remarks of the tool."""


class Captures(Question[CapturesAnswer], frozen=True):
    """Asked once."""

    replies: ClassVar[type[msgspec.Struct]] = CapturesAnswer

    def answer(self, study: Study) -> CapturesAnswer:
        """From the files as they were read."""
        about = [one for one in study.findings_of(None) if one.stage is Stage.CAPTURES]
        return CapturesAnswer(capture_details(study.points), about, study.report.notes)


class NamesAnswer(msgspec.Struct, frozen=True):
    """Some phones, in the report's order."""

    names: list[str]


class Names(Question[NamesAnswer], frozen=True):
    """Asked for the rows of the matrix, so many at once."""

    start: int
    replies: ClassVar[type[msgspec.Struct]] = NamesAnswer

    def answer(self, study: Study) -> NamesAnswer:
        """From the report."""
        stop = self.start + NAMES_AT_ONCE
        return NamesAnswer([phone.name for phone in study.report.phones[self.start : stop]])


class ReachCell(msgspec.Struct, frozen=True):
    """One service of one phone, at whichever server it is reached best."""

    to_server: Reach
    to_client: Reach
    used: bool
    other_servers: bool
    """Whether another server of the service is reached less well."""


class ReachRow(msgspec.Struct, frozen=True):
    """What a phone reaches: a cell for each service."""

    state: Reach
    """Of all that it needs."""
    cells: list[ReachCell]


class ReachRowsAnswer(msgspec.Struct, frozen=True):
    """The rows of some phones."""

    rows: list[ReachRow]


class ReachRows(Question[ReachRowsAnswer], frozen=True):
    """Asked for phones in sight, then for others."""

    names: tuple[str, ...]
    replies: ClassVar[type[msgspec.Struct]] = ReachRowsAnswer

    def answer(self, study: Study) -> ReachRowsAnswer:
        """From the phones' packets."""
        return ReachRowsAnswer([_row(_reach(study, name)) for name in self.names])


class ReachOf(Question[PhoneReach], frozen=True):
    """Asked for the phone under the cursor."""

    name: str
    replies: ClassVar[type[msgspec.Struct]] = PhoneReach

    def answer(self, study: Study) -> PhoneReach:
        """From the phone's packets."""
        return _reach(study, self.name)


def _reach(study: Study, name: str) -> PhoneReach:
    scene = study.analysis_of(phone=name).scene
    for phone in scene.phones:
        if phone.name == name:
            return describe_reach(phone, scene)
    raise LookupError(f"the captures show no packets of {name}")


def _row(phone: PhoneReach) -> ReachRow:
    return ReachRow(
        phone.state,
        [
            _cell([row for row in phone.services if row.service == service])
            for service in SERVICE_NAMES
        ],
    )


_BEST_FIRST = (Reach.PASSES, Reach.UNKNOWN, Reach.DROPPED)


def _cell(rows: Sequence[ServiceReach]) -> ReachCell:
    best, *others = sorted(rows, key=_badness)
    return ReachCell(
        best.to_server.state,
        best.to_client.state,
        used=best.server is not None,
        other_servers=any(_badness(row) > _badness(best) for row in others),
    )


def _badness(row: ServiceReach) -> int:
    return _BEST_FIRST.index(row.to_server.state) + _BEST_FIRST.index(row.to_client.state)
