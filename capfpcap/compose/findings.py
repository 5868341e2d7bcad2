"""Findings for the report, with their evidence as frames."""

from __future__ import annotations

from capfpcap import report
from capfpcap.compose.basics import timestamp
from capfpcap.rules.model.draft import Draft, Entry, Proof


def describe_finding(draft: Draft) -> report.Finding:
    """One finding."""
    return report.Finding(
        code=draft.code.code,
        stage=draft.stage,
        severity=draft.weight,
        resolved=draft.resolved,
        title=draft.title,
        detail=draft.detail,
        remedy=draft.remedy or draft.code.remedy,
        phone=draft.phone,
        service=draft.service.value if draft.service is not None else None,
        flow=draft.flow.id if draft.flow is not None else None,
        caused_by=None if draft.caused_by is None else draft.caused_by.code,
        certainty=draft.certainty,
        evidence=tuple(_evidence(item) for item in draft.proofs),
    )


def _evidence(item: Proof | Entry) -> report.Evidence:
    if isinstance(item, Entry):
        return report.Evidence(
            capture=None,
            frame=None,
            time=timestamp(item.time) if item.time else None,
            note=item.note,
            file=item.file,
            line=item.line,
            record=item.record,
        )
    table = item.at.table
    columns = table.others if item.among_others else table.columns
    return report.Evidence(
        capture=item.at.ids[int(columns.file[item.row])],
        frame=int(columns.frame[item.row]),
        time=timestamp(item.at.recorded_time(item.row, among_others=item.among_others)),
        note=item.note,
        file=None,
        line=None,
        record=None,
    )
