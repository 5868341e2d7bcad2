"""The fault catalogue as text: one code in full, or all of them by family."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from capfpcap.formats.harmless import harmless
from capfpcap.formats.layout import Style, Writer
from capfpcap.formats.page import Page
from capfpcap.formats.text_phone import MAX_SENTENCES, hedged, write_evidence

if TYPE_CHECKING:
    from capfpcap.explanations import Example, Explanation
    from capfpcap.rules.model.code import Code, Family


def all_codes(codes: Iterable[Code], page: Page) -> bytes:
    """Every code with its severity and meaning; families in the order of their first codes."""
    by_family: defaultdict[Family, list[Code]] = defaultdict(list)
    for code in codes:
        by_family[code.family].append(code)
    writer = Writer(page)
    for family, members in by_family.items():
        writer.gap()
        writer.line(family.value, Style.STRONG)
        for code in members:
            writer.paragraph(f"{code.code} ({code.severity.value})", indent="  ")
            writer.paragraph(code.meaning, indent="      ")
    return writer.encoded()


def one(code: Code, explanation: Explanation | None, page: Page) -> bytes:
    """All that there is on ``code``."""
    writer = Writer(page)
    services = f" · services: {', '.join(code.services)}" if code.services else ""
    writer.marked(f"{code.code}  ", Style.STRONG, f"{code.severity.value}{services}")
    _write(writer, "What it means", code.meaning)
    _write(writer, "What to do", code.remedy)
    _write(writer, "How it is found", code.told_by)
    if explanation is not None:
        _write_example(writer, explanation.example)
    _write(writer, "What it is not", code.not_this)
    if explanation is not None:
        _write_look_alike(writer, explanation)
    _write(writer, "What can cause it", ", ".join(cause.code for cause in code.explained_by))
    if explanation is not None:
        _write(writer, "Sources", "; ".join(source.value for source in explanation.row.sources))
    return writer.encoded()


def _write(writer: Writer, heading: str, text: str) -> None:
    if text:
        writer.gap()
        writer.line(heading, Style.STRONG)
        writer.paragraph(text, indent="  ")


def _write_example(writer: Writer, example: Example) -> None:
    """The finding as ``check`` prints it of a shipped capture."""
    _write(writer, "Example", f"{example.story}: {', '.join(example.captures)}")
    writer.paragraph(hedged(example.certainty, example.title), indent="    ")
    writer.paragraph(harmless(example.detail, MAX_SENTENCES), indent="    ")
    write_evidence(writer, example.evidence, example.further)


def _write_look_alike(writer: Writer, explanation: Explanation) -> None:
    place = f"captures/{explanation.row.look_alike}"
    text = f"Looks like it and is not: {explanation.example.look_alike} ({place})."
    writer.paragraph(text, indent="  ")
