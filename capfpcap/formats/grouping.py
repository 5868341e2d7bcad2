"""Which phones a text report shows in full, which it names and which it counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from msgspec import Struct, field

from capfpcap.report import Finding, Flow, Phone, Report, Severity

MAX_FULL_PHONES = 10
"""Phones shown in full before phones of a cause already shown are only named."""

MAX_FULL_PER_CAUSE = 3
"""Phones shown in full of each cause, where more than ``MAX_FULL_PHONES`` are troubled."""

MAX_FULL_CAUSES = 12
"""Causes with phones shown in full; there are not many more codes that can be one."""


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
        """Whether something critical stands that no later attempt overcame."""
        return self.phone.root_cause is not None or any(
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


class CauseGroup(Struct):
    """Phones with the same leading finding."""

    code: str
    """Of that finding; empty where a phone failed and no finding says why."""
    full: list[PhoneFindings] = field(default_factory=list)
    named: list[Phone] = field(default_factory=list)


class Overview(Struct, frozen=True):
    """The phones and findings of a report in the order in which they are told."""

    failed: list[CauseGroup]
    warned: list[CauseGroup]
    healthy: list[PhoneFindings]
    beyond_phones: list[Finding]
    """Faults that belong to no phone of the report."""
    facts: list[Finding]
    """Findings of severity info."""


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
    _attach_flows(report.flows, [*result.failed, *result.warned])
    return result


def _fault(finding: Finding) -> bool:
    return finding.severity is not Severity.INFO


def _grouped(entries: Sequence[PhoneFindings]) -> list[CauseGroup]:
    """``entries`` by cause, the cause of most phones first."""
    by_cause: defaultdict[str, list[PhoneFindings]] = defaultdict(list)
    for entry in entries:
        by_cause[entry.cause.code if entry.cause else ""].append(entry)
    per_cause = MAX_FULL_PHONES if len(entries) <= MAX_FULL_PHONES else MAX_FULL_PER_CAUSE
    groups: list[CauseGroup] = []
    for code, alike in sorted(by_cause.items(), key=lambda group: -len(group[1])):
        full = per_cause if len(groups) < MAX_FULL_CAUSES else 0
        named = [entry.phone for entry in alike[full:]]
        groups.append(CauseGroup(code, alike[:full], named))
    return groups


def _attach_flows(flows: Iterable[Flow], groups: Iterable[CauseGroup]) -> None:
    """Give each phone that is shown in full its flows."""
    shown = {entry.phone.name: entry for group in groups for entry in group.full}
    for flow in flows:
        if flow.phone in shown:
            shown[flow.phone].flows.append(flow)
