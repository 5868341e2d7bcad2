"""How two trust lists differ, as text or JSON."""

from __future__ import annotations

import msgspec

from capfpcap.formats.harmless import harmless
from capfpcap.formats.harmless_report import cleaned
from capfpcap.formats.layout import Style, Writer
from capfpcap.formats.page import Page
from capfpcap.inspection.held.comparison import DiffRecord, DiffVerdict, ListDiff, ListName
from capfpcap.inspection.list_differences import Standing

MAX_RECORDS = 64
"""Records of one kind that the text tells; JSON has all."""
_LINE = 300
_VERDICTS = {
    DiffVerdict.SAME: ("SAME", Style.GOOD),
    DiffVerdict.EXPECTED: ("SAME BUT FOR THE NODE", Style.GOOD),
    DiffVerdict.DIFFERENT: ("DIFFERENT", Style.BAD),
    DiffVerdict.UNKNOWN: ("CANNOT TELL", Style.WARN),
}


def render_json(diff: ListDiff) -> bytes:
    """One document; keys are always present."""
    return msgspec.json.format(msgspec.json.encode(cleaned(diff)), indent=2) + b"\n"


def render_text(diff: ListDiff, page: Page) -> bytes:
    """The verdict, which lists they are, then each record that differs."""
    writer = Writer(page)
    word, style = _VERDICTS[diff.verdict]
    writer.marked(f"{word}  ", style, harmless(diff.summary, _LINE))
    writer.gap()
    writer.marked("A  ", Style.STRONG, _name_words(diff.first))
    writer.marked("B  ", Style.STRONG, _name_words(diff.second))
    unexpected = [record for record in diff.records if not record.expected]
    expected = [record for record in diff.records if record.expected]
    _write_records(writer, unexpected, "")
    _write_records(writer, expected, "Expected between two nodes")
    if diff.header:
        writer.gap()
        names = ", ".join(diff.header)
        writer.paragraph(f"The headers differ, which no phone minds: {names}.")
    if diff.same:
        writer.gap()
        writer.line(f"{diff.same} records are the same.")
    return writer.encoded()


def _name_words(name: ListName) -> str:
    number = f":{name.number}" if name.number > 1 else ""
    called = f" {name.name}" if name.name and not name.source.endswith(name.name) else ""
    return harmless(f"{name.source}{number}: {name.kind}{called}", _LINE)


def _write_records(writer: Writer, records: list[DiffRecord], heading: str) -> None:
    if not records:
        return
    writer.gap()
    if heading:
        writer.line(heading, Style.STRONG)
    for record in records[:MAX_RECORDS]:
        style = Style.FAINT if record.expected else Style.BAD
        writer.marked("· " if record.expected else "✗ ", style, _record_words(record))
        if record.expected:
            continue
        for change in record.changes:
            if change.first == change.second:
                words = f"differs, {change.first} in both"
                writer.marked(f"{change.field:<14}   ", Style.PLAIN, words, indent="    ")
                continue
            writer.marked(f"{change.field:<14}A  ", Style.PLAIN, change.first, indent="    ")
            writer.marked(f"{'':<14}B  ", Style.PLAIN, change.second, indent="    ")
        if record.consequence:
            writer.paragraph(record.consequence, indent="    ")
    hidden = len(records) - MAX_RECORDS
    if hidden > 0:
        writer.line(f"and {hidden} more")


def _record_words(record: DiffRecord) -> str:
    function = record.function or "a record without a function"
    owners = record.owner
    if record.other_owner != record.owner:
        owners = f"{record.owner} and {record.other_owner}"
    numbers = [
        f"{side}{number}"
        for side, number in (("A:", record.first), ("B:", record.second))
        if number is not None
    ]
    standing = {Standing.ONLY_FIRST: "only in A", Standing.ONLY_SECOND: "only in B"}
    words = standing.get(record.standing, "not the same")
    return harmless(f"{function}, {owners}: {words} (record {', '.join(numbers)})", _LINE)
