"""The part of the text report that tells one phone's story, or that of one finding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from capfpcap.formats.grouping import CauseGroup, PhoneFindings
from capfpcap.formats.harmless import harmless
from capfpcap.formats.layout import Style, Writer, clip
from capfpcap.formats.steps import STEP_LABELS, State, enrolment_steps
from capfpcap.formats.text_table import NAME_WIDTH
from capfpcap.report import Certainty, Evidence, Finding, Operation, Phone, Severity

MAX_SENTENCES = 800
"""Characters of a finding's detail or remedy; the JSON rendering has them whole."""

MAX_LINE = 200
"""Characters of a title or a note."""

MAX_EVIDENCE = 6
"""Frames shown under a finding."""

MAX_SYMPTOMS = 6
"""Symptoms shown under a cause; further findings of a phone likewise."""

MAX_OPERATIONS = 5
"""Operations of a phone that are told, the last ones; like ones that follow each other are one."""

_STATE_MARKS = {
    State.PASSED: ("✓ ", Style.GOOD),
    State.WARNED: ("! ", Style.WARN),
    State.FAILED: ("✗ ", Style.BAD),
    State.NOT_SEEN: ("· ", Style.FAINT),
    State.NOT_REACHED: ("· ", Style.FAINT),
}

_STEP_WIDTH = max(map(len, STEP_LABELS.values())) + 2

_HEDGES = {
    Certainty.PROVEN: "",
    Certainty.LIKELY: "Likely: ",
    Certainty.POSSIBLE: "Possibly: ",
}

SEVERITY_STYLES = {
    Severity.CRITICAL: Style.BAD,
    Severity.WARNING: Style.WARN,
    Severity.INFO: Style.PLAIN,
}


def write_cause(writer: Writer, group: CauseGroup, *, in_detail: bool) -> None:
    """What the phones of one cause have met and what to do, as the first of them tells it."""
    first = group.entries[0]
    others = len(group.entries) - 1
    phones = clip(first.phone.name, NAME_WIDTH) + (f" and {others:,} more" if others else "")
    writer.gap()
    cause = first.cause
    if cause is None:
        writer.paragraph(f"{phones}: no finding says why", style=Style.STRONG)
        return
    writer.paragraph(f"{phones}: {_title(cause)}", hanging="  ", style=_style(cause))
    if in_detail:
        writer.paragraph(harmless(cause.detail, MAX_SENTENCES), indent="  ")
    writer.paragraph(f"Do this: {harmless(cause.remedy, MAX_SENTENCES)}", indent="  ")


def _title(finding: Finding) -> str:
    """What happened, behind how sure it is."""
    return hedged(finding.certainty, finding.title)


def hedged(certainty: Certainty, title: str) -> str:
    """A finding's title behind how sure it is."""
    return f"{_HEDGES[certainty]}{harmless(title, MAX_LINE)}"


def _style(finding: Finding) -> Style:
    return Style.WARN if finding.resolved else SEVERITY_STYLES[finding.severity]


def write_phone(writer: Writer, entry: PhoneFindings) -> None:
    """One phone's whole story: its cause, its steps, its frames, what else is wrong with it."""
    writer.gap()
    writer.marked(f"{clip(entry.phone.name, NAME_WIDTH)}  ", Style.STRONG, _summary(entry.phone))
    cause = entry.cause
    if cause is not None:
        write_finding(writer, cause)
    writer.gap()
    for result in enrolment_steps(entry.phone, entry.flows, entry.findings):
        mark, style = _STATE_MARKS[result.state]
        label = f"{STEP_LABELS[result.stage]:<{_STEP_WIDTH}}"
        writer.marked(mark, style, harmless(result.text, MAX_LINE), indent="  ", label=label)
    if cause is not None:
        _write_evidence(writer, cause)
        _write_others(writer, entry, cause)


def _summary(phone: Phone) -> str:
    """The phone in a line: how it ended, where it is, what it was asked to do."""
    addresses = ", ".join(phone.addresses[:2])
    words = [
        phone.outcome.value.replace("-", " "),
        *([addresses] if addresses and addresses != phone.name else []),
        *([phone.operation_words] if phone.operation is not Operation.UNKNOWN else []),
        *([f"{phone.attempts} attempts"] if phone.attempts > 1 else []),
        *operations_words(phone),
        *([f"its screen likely says “{phone.status_message}”"] if phone.status_message else []),
    ]
    return harmless(" · ".join(words), 2 * MAX_LINE)


def operations_words(phone: Phone) -> list[str]:
    """What CAPF did with the phone one after the other, where that was not always the same."""
    ordered = [
        f"{one.operation.value} {one.outcome.value}".removeprefix("unknown ")
        for one in phone.operations
    ]
    runs = [(words, len(list(alike))) for words, alike in groupby(ordered)]
    if len(runs) < 2:
        return []
    told = [f"{words} {times} times" if times > 1 else words for words, times in runs]
    before = f"{len(told) - MAX_OPERATIONS} more, " if len(told) > MAX_OPERATIONS else ""
    proven = all(one.certainty is Certainty.PROVEN for one in phone.operations)
    hedge = "" if proven else " (likely)"
    return [f"operations{hedge}: {before}{', '.join(told[-MAX_OPERATIONS:])}"]


def write_finding(writer: Writer, finding: Finding) -> None:
    """What happened, by what code it goes, and what to do."""
    overcome = " A later attempt overcame it." if finding.resolved else ""
    writer.gap()
    writer.paragraph(_title(finding), indent="  ", style=_style(finding))
    writer.paragraph(
        f"{harmless(finding.detail, MAX_SENTENCES)}{overcome} [{finding.code}]", indent="  "
    )
    writer.gap()
    writer.marked("Do this: ", Style.STRONG, harmless(finding.remedy, MAX_SENTENCES), indent="  ")


def _write_evidence(writer: Writer, finding: Finding) -> None:
    if not finding.evidence:
        return
    writer.gap()
    writer.line("  Evidence", Style.STRONG)
    write_frames(writer, finding)


def write_frames(writer: Writer, finding: Finding) -> None:
    """The frames that prove ``finding``, the first few of them."""
    write_evidence(writer, finding.evidence[:MAX_EVIDENCE], len(finding.evidence) - MAX_EVIDENCE)


def write_evidence(writer: Writer, shown: Iterable[Evidence], hidden: int) -> None:
    """Frames with what each shows, and how many more there are."""
    for evidence in shown:
        note = harmless(evidence.note, MAX_LINE)
        moment = "" if evidence.time is None else f" at {writer.page.clock(evidence.time)}"
        text = f"{_place(evidence)}{moment}: {note}"
        writer.paragraph(text, indent="    ", hanging="      ")
    if hidden > 0:
        writer.line(f"    and {hidden} more")


def _place(evidence: Evidence) -> str:
    source = clip(evidence.source, NAME_WIDTH)
    return f"{source}:{evidence.spot}" if evidence.spot else source


def _write_others(writer: Writer, entry: PhoneFindings, cause: Finding) -> None:
    """Symptoms of the cause in a line each, then what else is wrong, with its remedy."""
    symptoms, others = _split(entry.faults, cause)
    if symptoms:
        writer.gap()
        writer.line("  Follows from it", Style.STRONG)
        _write_lines(writer, symptoms)
    for finding in others[:MAX_SYMPTOMS]:
        write_finding(writer, finding)
        _write_evidence(writer, finding)
    _write_hidden(writer, len(others))


def _split(faults: Sequence[Finding], cause: Finding) -> tuple[list[Finding], list[Finding]]:
    """The other faults: symptoms of ``cause``, also by way of other symptoms, and the rest."""
    following = {cause.code}
    left = [finding for finding in faults if finding is not cause]
    while True:
        reached = {finding.code for finding in left if finding.caused_by in following} - following
        if not reached:
            break
        following |= reached
    symptoms = [finding for finding in left if finding.code in following]
    return symptoms, [finding for finding in left if finding.code not in following]


def _write_lines(writer: Writer, findings: Sequence[Finding]) -> None:
    for finding in findings[:MAX_SYMPTOMS]:
        first = f" at {_place(finding.evidence[0])}" if finding.evidence else ""
        text = f"{harmless(finding.title, MAX_LINE)}{first} [{finding.code}]"
        writer.marked("• ", Style.PLAIN, text, indent="    ")
    _write_hidden(writer, len(findings))


def _write_hidden(writer: Writer, total: int) -> None:
    if total > MAX_SYMPTOMS:
        writer.line(f"    and {total - MAX_SYMPTOMS} more findings")
