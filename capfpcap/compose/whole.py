"""The whole report, with its verdict."""

from __future__ import annotations

from capfpcap import __version__, report
from capfpcap.compose.basics import timestamp
from capfpcap.compose.findings import describe_finding
from capfpcap.compose.flows import describe_flows
from capfpcap.compose.phones import describe_phone
from capfpcap.report import Outcome, Severity, VerdictSeverity
from capfpcap.rules.case import Scene
from capfpcap.rules.engine import Account, Judged
from capfpcap.vantage.flow import VantagePoint

_FAILED = (Outcome.FAILED, Outcome.REFUSED)


def build_report(scene: Scene, judged: Judged, notes: list[str]) -> report.Report:
    """Compose the report of one analysis."""
    drafts = [draft for account in judged.accounts for draft in account.drafts]
    return report.Report(
        schema_version=report.SCHEMA_VERSION,
        tool=report.Tool(name="capfpcap", version=__version__),
        verdict=_verdict(scene, judged, notes),
        captures=tuple(capture for point in scene.points for capture in _captures(point)),
        phones=tuple(describe_phone(account) for account in judged.accounts),
        flows=describe_flows(scene),
        findings=tuple(describe_finding(draft) for draft in drafts + judged.scene_drafts),
        notes=tuple(notes),
    )


def _captures(point: VantagePoint) -> list[report.Capture]:
    """The files of one vantage point."""
    return [
        report.Capture(
            id=identity,
            path=file.path,
            role=point.role,
            role_given=point.role_given,
            format=file.format,
            link_types=file.link_types,
            packets=file.packets,
            relevant_packets=file.relevant_packets,
            first=None if file.first is None else timestamp(file.first),
            last=None if file.last is None else timestamp(file.last),
            clock_offset_s=None,
            clock_offset_error_s=None,
        )
        for identity, file in zip(point.ids, point.table.capture.files, strict=True)
    ]


def _verdict(scene: Scene, judged: Judged, notes: list[str]) -> report.Verdict:
    """The worst that any finding says; unknown where there is nothing to judge."""
    weights = {draft.weight for account in judged.accounts for draft in account.drafts} | {
        draft.weight for draft in judged.scene_drafts
    }
    if Severity.CRITICAL in weights:
        severity = VerdictSeverity.CRITICAL
    elif notes or all(account.case.blind for account in judged.accounts):
        severity = VerdictSeverity.UNKNOWN
    elif Severity.WARNING in weights:
        severity = VerdictSeverity.WARNING
    else:
        severity = VerdictSeverity.OK
    return report.Verdict(severity=severity, summary=_summary(scene, judged.accounts))


def _summary(scene: Scene, accounts: list[Account]) -> str:
    if not accounts:
        packets = sum(file.packets for point in scene.points for file in point.table.capture.files)
        if not packets:
            return "nothing to judge: the captures hold no packet"
        return f"nothing to judge: no phone enrols in these {packets} packets"
    failed = [account for account in accounts if account.outcome in _FAILED]
    if failed:
        first = failed[0]
        cause = first.root.title if first.root is not None else "the cause is not visible"
        return f"{len(failed)} of {_phones(len(accounts))} failed: {first.case.phone.name}: {cause}"
    return f"{_phones(len(accounts))}, {_outcomes(accounts)}"


def _phones(count: int) -> str:
    return "1 phone" if count == 1 else f"{count} phones"


def _outcomes(accounts: list[Account]) -> str:
    """How many ended how, in words."""
    counts: dict[str, int] = {}
    for account in accounts:
        value = account.outcome.value.replace("-", " ")
        counts[value] = counts.get(value, 0) + 1
    return ", ".join(f"{number} {value}" for value, number in counts.items())
