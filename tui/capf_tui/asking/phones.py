"""The phones: a row for each, the steps of some, the story of one."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import ClassVar

import msgspec

from capf_tui.clock import nanoseconds
from capf_tui.engine.question import Question
from capfpcap.formats.grouping import PhoneFindings
from capfpcap.formats.steps import STEP_LABELS, State, StepResult, enrolment_steps
from capfpcap.report import Finding, Operation, Outcome, Phone
from capfpcap.study import Study

ROWS_AT_ONCE = 1000
"""Rows of one answer: read within a few milliseconds, so that keys come between."""


class Trouble(Enum):
    """How much is wrong with a phone."""

    FAILED = "failed"
    WARNED = "warned"
    NONE = "none"


class PhoneRow(msgspec.Struct, frozen=True, gc=False):
    """A phone in the list."""

    name: str
    address: str
    """The first one; empty where the name is an address."""
    trouble: Trouble
    outcome: Outcome
    operation: Operation
    code: str
    """Of the finding that leads; empty where there is none."""
    cause: str
    """What that finding says, in words."""
    attempts: int
    began: int | None
    """Time of its first packet, nanoseconds since 1970 UTC."""


class PhoneRowsAnswer(msgspec.Struct, frozen=True):
    """Some rows, in the report's order."""

    rows: list[PhoneRow]


class PhoneRows(Question[PhoneRowsAnswer], frozen=True):
    """Asked for all phones, so many at once."""

    start: int
    replies: ClassVar[type[msgspec.Struct]] = PhoneRowsAnswer

    def answer(self, study: Study) -> PhoneRowsAnswer:
        """From the report."""
        phones = study.report.phones[self.start : self.start + ROWS_AT_ONCE]
        return PhoneRowsAnswer([_row(study, phone) for phone in phones])


class ChainsAnswer(msgspec.Struct, frozen=True):
    """Of each phone how far it came: a state for each step, None where it took no part."""

    chains: list[list[State | None]]


class Chains(Question[ChainsAnswer], frozen=True):
    """Asked for phones that are in sight, then for the others."""

    numbers: tuple[int, ...]
    """Positions in the report."""
    replies: ClassVar[type[msgspec.Struct]] = ChainsAnswer

    def answer(self, study: Study) -> ChainsAnswer:
        """From the phones' flows and findings."""
        return ChainsAnswer(
            [_chain(_steps(study, study.report.phones[number])) for number in self.numbers]
        )


class PhoneStoryAnswer(msgspec.Struct, frozen=True):
    """All that is said of one phone."""

    phone: Phone
    steps: list[StepResult]
    cause: Finding | None
    findings: list[Finding]


class PhoneStory(Question[PhoneStoryAnswer], frozen=True):
    """Asked for the phone under the cursor."""

    name: str
    replies: ClassVar[type[msgspec.Struct]] = PhoneStoryAnswer

    def answer(self, study: Study) -> PhoneStoryAnswer:
        """From the report."""
        phone = study.phone(self.name)
        entry = _entry(study, phone)
        return PhoneStoryAnswer(phone, _steps(study, phone), entry.cause, entry.findings)


def _entry(study: Study, phone: Phone) -> PhoneFindings:
    return PhoneFindings(phone, list(study.findings_of(phone.name)))


def _steps(study: Study, phone: Phone) -> list[StepResult]:
    return enrolment_steps(phone, study.flows_of(phone.name), study.findings_of(phone.name))


def _chain(results: list[StepResult]) -> list[State | None]:
    states = {result.stage: result.state for result in results}
    return [states.get(stage) for stage in STEP_LABELS]


def _row(study: Study, phone: Phone) -> PhoneRow:
    return phone_row(phone, study.findings_of(phone.name), study.began(phone.name))


def phone_row(phone: Phone, findings: Iterable[Finding], began: str) -> PhoneRow:
    """A phone in the list, with its findings and the time of its first packet."""
    entry = PhoneFindings(phone, list(findings))
    cause = entry.cause
    address = next(iter(phone.addresses), "")
    return PhoneRow(
        name=phone.name,
        address="" if address == phone.name else address,
        trouble=_trouble(entry),
        outcome=phone.outcome,
        operation=phone.operation,
        code=cause.code if cause else "",
        cause=cause.title if cause else "",
        attempts=phone.attempts,
        began=nanoseconds(began),
    )


def _trouble(entry: PhoneFindings) -> Trouble:
    if entry.failed:
        return Trouble.FAILED
    return Trouble.WARNED if entry.faults else Trouble.NONE
