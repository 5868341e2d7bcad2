"""Which phones a text report shows in full, which it names and which it counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from msgspec import Struct, field

from capfpcap.report import Finding, Flow, Outcome, Phone, Report, Severity

FEW = 3
"""Phones, or phones in trouble, up to which each is told in full."""


_FAILED = (Outcome.FAILED, Outcome.REFUSED)


class PhoneFindings(Struct):
    """A phone with its findings and, where it is shown in full, its flows."""

    phone: Phone
    findings: list[Finding]
    flows: list[Flow] = field(default_factory=list)

    @property
    def faults(self) -> list[Finding]:
        """Its findings that are no mere facts."""
        return [finding for finding in self.findings if finding.severity is not Severity.INFO]

    @property
    def failed(self) -> bool:
        """Whether it failed, or something critical stands that no later attempt overcame."""
        return self.phone.outcome in _FAILED or any(
            finding.severity is Severity.CRITICAL and not finding.resolved
            for finding in self.findings
        )

    @property
    def cause(self) -> Finding | None:
        """The finding that the phone's section opens with."""
        faults = self.faults
        named = [finding for finding in faults if finding.code == self.phone.root_cause]
        roots = [finding for finding in faults if finding.caused_by is None]
        ranked = sorted(named or roots or faults, key=_weight)
        return ranked[0] if ranked else None


def _weight(finding: Finding) -> tuple[bool, bool]:
    return finding.resolved, finding.severity is not Severity.CRITICAL


class CauseGroup(Struct, frozen=True):
    """Phones with the same leading finding."""

    code: str
    """Of that finding; empty where a phone failed and no finding says why."""
    entries: list[PhoneFindings]


class Overview(Struct, frozen=True):
    """The phones and findings of a report in the order in which they are told."""

    failed: list[CauseGroup]
    warned: list[CauseGroup]
    healthy: list[PhoneFindings]
    beyond_phones: list[Finding]
    """Faults that belong to no phone of the report."""
    facts: list[Finding]
    """Findings of severity info."""

    @property
    def groups(self) -> list[CauseGroup]:
        """Causes of failures, then of warnings."""
        return [*self.failed, *self.warned]

    @property
    def many(self) -> bool:
        """Whether there are more phones than can be told one by one."""
        return sum(len(group.entries) for group in self.groups) + len(self.healthy) > FEW

    @property
    def in_full(self) -> list[PhoneFindings]:
        """The phones whose whole story is told: a few, or one where all have one cause."""
        entries = [entry for group in self.groups for entry in group.entries]
        return entries[: len(entries) if len(entries) <= FEW else int(len(self.groups) == 1)]


def overview(report: Report) -> Overview:
    """Sort what ``report`` says; linear in its phones, flows and findings."""
    of_phone: defaultdict[str | None, list[Finding]] = defaultdict(list)
    for finding in report.findings:
        of_phone[finding.phone].append(finding)
    phones = [PhoneFindings(phone, of_phone.pop(phone.name, [])) for phone in report.phones]
    failed = [entry for entry in phones if entry.failed]
    warned = [entry for entry in phones if not entry.failed and entry.faults]
    result = Overview(
        failed=_grouped(failed),
        warned=_grouped(warned),
        healthy=[entry for entry in phones if not entry.failed and not entry.faults],
        beyond_phones=[
            finding for left in of_phone.values() for finding in left if _fault(finding)
        ],
        facts=[finding for finding in report.findings if not _fault(finding)],
    )
    _attach_flows(report.flows, result.in_full)
    return result


def _fault(finding: Finding) -> bool:
    return finding.severity is not Severity.INFO


def _grouped(entries: Sequence[PhoneFindings]) -> list[CauseGroup]:
    """``entries`` by cause, the cause of most phones first."""
    by_cause: defaultdict[str, list[PhoneFindings]] = defaultdict(list)
    for entry in entries:
        by_cause[entry.cause.code if entry.cause else ""].append(entry)
    ordered = sorted(by_cause.items(), key=lambda group: -len(group[1]))
    return [CauseGroup(code, alike) for code, alike in ordered]


def _attach_flows(flows: Iterable[Flow], in_full: Iterable[PhoneFindings]) -> None:
    """Give each phone that is shown in full its flows."""
    shown = {entry.phone.name: entry for entry in in_full}
    for flow in flows if shown else ():
        if flow.phone in shown:
            shown[flow.phone].flows.append(flow)
