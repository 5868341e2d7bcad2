"""The text report: what a person reads first.

The verdict leads; with more than a few phones a table follows. Then come the phones that failed,
each with its cause, what to do, how far it came and the frames that prove it; then what is about to
fail, what belongs to no phone, the healthy phones, the mere facts and the captures. Many phones in
trouble are told by their causes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from capfpcap.formats.grouping import Overview, PhoneFindings, overview
from capfpcap.formats.harmless import harmless
from capfpcap.formats.layout import Style, Writer, cells, clip
from capfpcap.formats.page import Page
from capfpcap.formats.steps import ENROLLED
from capfpcap.formats.text_phone import (
    MAX_LINE,
    MAX_SENTENCES,
    SEVERITY_STYLES,
    operations_words,
    write_cause,
    write_finding,
    write_frames,
    write_phone,
)
from capfpcap.formats.text_table import NAME_WIDTH, write_table
from capfpcap.report import (
    Capture,
    Certainty,
    EvidenceKind,
    Finding,
    Outcome,
    Phone,
    Report,
    Role,
    Stage,
    Verdict,
    VerdictSeverity,
)

MAX_CAUSES = 12
"""Causes that are told; there are not many more codes that can be one."""

MAX_DETAILED = 2
"""Causes up to which the figures of the first phone are told with each: two screens hold them."""

MAX_FACTS_PER_CODE = 3
"""Facts of one code with a line each; more are counted."""

MAX_FINDINGS = 12
"""Findings of no phone that are shown in full."""

MIN_CLOCK_OFFSET = 0.001
"""Seconds by which clocks that are set by NTP differ, and of which nothing is said."""

MAX_LISTED = 20
"""Captures, and remarks of the tool, with a line each."""

_OUTCOME_WORDS = {
    Outcome.NOT_ATTEMPTED: "no connection to CAPF seen",
    Outcome.IN_PROGRESS: "still enrolling when the captures end",
    Outcome.UNKNOWN: "outcome not seen",
}

_VERDICT_STYLES = {
    VerdictSeverity.OK: Style.GOOD,
    VerdictSeverity.WARNING: Style.WARN,
    VerdictSeverity.CRITICAL: Style.BAD,
    VerdictSeverity.UNKNOWN: Style.WARN,
}

_KIND_WORDS = {
    EvidenceKind.TRUST_LIST: "a trust list",
    EvidenceKind.SHOW_OUTPUT: "saved output of 'show itl' or 'show ctl'",
    EvidenceKind.PHONE_LOG: "a phone's log",
}

_ROLE_WORDS = {
    Role.PHONE: "at the phone",
    Role.PUBLISHER: "at the publisher",
    Role.SUBSCRIBER: "at a subscriber",
    Role.DNS: "at the DNS server",
    Role.OTHER: "recorded elsewhere",
}


def render(report: Report, page: Page) -> Iterator[bytes]:
    """``report`` as text; longer strings are cut, the JSON rendering has them whole."""
    writer = Writer(page)
    verdict = report.verdict
    _write_verdict(writer, verdict)
    if verdict.severity is VerdictSeverity.UNKNOWN:
        _write_notes(writer, report.notes)
    phones = overview(report)
    if phones.many:
        write_table(writer, phones, one_capture=len(report.captures) == 1)
        _write_hint(writer, phones)
    _write_trouble(writer, phones)
    _write_beyond_phones(writer, phones.beyond_phones)
    if not phones.many:
        _write_healthy(writer, phones.healthy)
    _write_facts(writer, _untold_facts(report, phones))
    _write_captures(writer, report.captures)
    _write_evidence_files(writer, report)
    if verdict.severity is not VerdictSeverity.UNKNOWN:
        _write_notes(writer, report.notes)
    yield writer.encoded()


def verdict_line(verdict: Verdict, page: Page) -> bytes:
    """The verdict alone, on one line however long it is."""
    writer = Writer(page._replace(width=4 * MAX_LINE))
    _write_verdict(writer, verdict)
    return writer.encoded()


def _write_verdict(writer: Writer, verdict: Verdict) -> None:
    writer.marked(
        f"{verdict.severity.value.upper()}  ",
        _VERDICT_STYLES[verdict.severity],
        harmless(verdict.summary, 2 * MAX_LINE),
    )


def _untold_facts(report: Report, phones: Overview) -> list[Finding]:
    """Facts but those on CAPF's own part of an enrolment that its phone's line calls a success.

    Of a few phones what was read of it is told: which certificate it is.
    """
    enrolled = {phone.name for phone in report.phones if phone.outcome in ENROLLED}
    return [
        fact
        for fact in phones.facts
        if not (fact.stage is Stage.CAPF and fact.phone in enrolled)
        or (_is_read(fact) and not phones.many)
    ]


def _is_read(fact: Finding) -> bool:
    """Whether a fact on CAPF's part was read in decrypted messages."""
    return fact.stage is Stage.CAPF and fact.certainty is Certainty.PROVEN


def _heading(writer: Writer, text: str) -> None:
    writer.gap()
    writer.line(text, Style.STRONG)


def _write_hint(writer: Writer, phones: Overview) -> None:
    """How to see any of the phones that are not told in full."""
    troubled = [entry for group in phones.groups for entry in group.entries]
    if len(troubled) > len(phones.in_full):
        example = clip(troubled[0].phone.name, NAME_WIDTH)
        hint = f"A phone with its steps and all its frames: --only {example}"
        writer.paragraph(hint, indent="  ")


def _write_trouble(writer: Writer, phones: Overview) -> None:
    """A few phones in full, or what there is to say of each cause."""
    in_full, groups = phones.in_full, phones.groups
    for entry in in_full:
        write_phone(writer, entry)
    if in_full or not groups:
        return
    for group in groups[:MAX_CAUSES]:
        write_cause(writer, group, in_detail=len(groups) <= MAX_DETAILED)
    _write_rest(writer, len(groups) - MAX_CAUSES, "causes")


def _write_beyond_phones(writer: Writer, findings: Sequence[Finding]) -> None:
    if not findings:
        return
    _heading(writer, "Of no single phone")
    for finding in findings[:MAX_FINDINGS]:
        write_finding(writer, finding)
        write_frames(writer, finding)
    _write_rest(writer, len(findings) - MAX_FINDINGS, "findings")


def _write_healthy(writer: Writer, entries: Sequence[PhoneFindings]) -> None:
    if not entries:
        return
    _heading(writer, "No fault found")
    names = _column([entry.phone.name for entry in entries])
    for name, entry in zip(names, entries, strict=True):
        writer.marked(name, Style.GOOD, _healthy_words(entry.phone), indent="  ")


def _healthy_words(phone: Phone) -> str:
    outcome = f"{phone.operation_words} {_OUTCOME_WORDS.get(phone.outcome, phone.outcome.value)}"
    words = ", ".join([outcome.removeprefix("unknown "), *operations_words(phone)])
    if phone.lsc is not None and phone.lsc.not_after is not None:
        words += f", certificate {phone.lsc.title} valid until {phone.lsc.not_after[:10]}"
    return harmless(words, MAX_LINE)


def _column(names: Sequence[str]) -> list[str]:
    """``names`` in one width, with two spaces behind the longest."""
    clipped = [clip(name, NAME_WIDTH) for name in names]
    width = max(map(cells, clipped)) + 2
    return [name + " " * (width - cells(name)) for name in clipped]


def _write_facts(writer: Writer, findings: Sequence[Finding]) -> None:
    if not findings:
        return
    _heading(writer, "Worth knowing")
    by_code: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_code[finding.code].append(finding)
    for code, alike in by_code.items():
        for finding in alike[:MAX_FACTS_PER_CODE]:
            _write_fact(writer, finding)
        hidden = len(alike) - MAX_FACTS_PER_CODE
        if hidden > 0:
            writer.line(f"  • and {hidden} more of {code}")


def _write_fact(writer: Writer, finding: Finding) -> None:
    phone = f"{clip(finding.phone, NAME_WIDTH)}: " if finding.phone else ""
    text = f"{phone}{harmless(finding.title, MAX_LINE)} [{finding.code}]"
    writer.marked("• ", SEVERITY_STYLES[finding.severity], text, indent="  ")
    if _is_read(finding):
        writer.paragraph(harmless(finding.detail, MAX_SENTENCES), indent="    ")


def _write_captures(writer: Writer, captures: Sequence[Capture]) -> None:
    if not captures:
        return
    _heading(writer, "Captures")
    shown = captures[:MAX_LISTED]
    for name, capture in zip(_column([each.id for each in shown]), shown, strict=True):
        writer.marked(name, Style.PLAIN, _capture_words(capture, writer.page), indent="  ")
    _write_rest(writer, len(captures) - MAX_LISTED, "captures")


def _write_evidence_files(writer: Writer, report: Report) -> None:
    files = report.evidence_files
    if not files:
        return
    _heading(writer, "Given beside them" if report.captures else "Given")
    shown = files[:MAX_LISTED]
    for name, file in zip(_column([each.id for each in shown]), shown, strict=True):
        words = f"{harmless(file.path, MAX_LINE)}; {_KIND_WORDS[file.kind]}"
        writer.marked(name, Style.PLAIN, words, indent="  ")
    _write_rest(writer, len(files) - MAX_LISTED, "files")


def _capture_words(capture: Capture, page: Page) -> str:
    """Which file, taken where and how that is known, how much, from when to when."""
    words = [
        harmless(capture.path, MAX_LINE),
        _place_words(capture),
        f"{capture.packets:,} packets, {capture.relevant_packets:,} of them relevant",
    ]
    if capture.first is not None and capture.last is not None:
        words.append(_span(capture.first, capture.last, page))
    words += _clock(capture)
    return "; ".join(words)


def _clock(capture: Capture) -> list[str]:
    """How far the capture's clock is off, where that is more than can be measured."""
    offset, error = capture.clock_offset_s, capture.clock_offset_error_s
    if not offset or abs(offset) <= max(error or 0.0, MIN_CLOCK_OFFSET):
        return []
    sure = f" ±{error:.6f}" if error is not None else ""
    return [f"clock {'ahead' if offset > 0 else 'behind'} by {abs(offset):.6f}{sure} s"]


def _place_words(capture: Capture) -> str:
    if capture.role_given:
        return f"{_ROLE_WORDS[capture.role]} (given)"
    if capture.role is Role.OTHER:
        return "where recorded is not known"
    return f"{_ROLE_WORDS[capture.role]} (inferred)"


def _span(first: str, last: str, page: Page) -> str:
    first_day, last_day = page.date(first), page.date(last)
    until = "" if first_day == last_day else f"{last_day} "
    start, end = page.clock_seconds(first), page.clock_seconds(last)
    return f"{first_day} {start} to {until}{end} {page.zone_name(last)}"


def _write_notes(writer: Writer, notes: Sequence[str]) -> None:
    if not notes:
        return
    _heading(writer, "Remarks of the program")
    for note in notes[:MAX_LISTED]:
        writer.marked("• ", Style.PLAIN, harmless(note, 2 * MAX_LINE), indent="  ")
    _write_rest(writer, len(notes) - MAX_LISTED, "remarks")


def _write_rest(writer: Writer, hidden: int, of_what: str) -> None:
    if hidden > 0:
        writer.line(f"  and {hidden} more {of_what}")
