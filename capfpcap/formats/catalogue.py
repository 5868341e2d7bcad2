"""The fault catalogue as text: one code in full, or all of them by family."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from capfpcap.formats.layout import Style, Writer
from capfpcap.formats.page import Page

if TYPE_CHECKING:
    from capfpcap.rules.code import Code, Family


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


def one(code: Code, page: Page) -> bytes:
    """All that the catalogue holds on ``code``."""
    writer = Writer(page)
    writer.marked(f"{code.code}  ", Style.STRONG, code.severity.value)
    sections = (
        ("What it means", code.meaning),
        ("How it is told", code.told_by),
        ("What it is not", code.not_this),
        ("What to do", code.remedy),
        ("What can cause it", ", ".join(cause.code for cause in code.explained_by)),
        ("Services", ", ".join(code.services)),
    )
    for heading, text in sections:
        if text:
            writer.gap()
            writer.line(heading, Style.STRONG)
            writer.paragraph(text, indent="  ")
    return writer.encoded()
