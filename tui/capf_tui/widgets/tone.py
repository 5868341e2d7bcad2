"""How a piece of text stands out; each theme decides how that looks."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Tone(Enum):
    """Named by what is meant; the value is the suffix of a component class."""

    PLAIN = "plain"
    STRONG = "strong"
    FAINT = "faint"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    MARK = "mark"
    """Something to find again: what a filter matched, what differs."""
    LIKELY = "likely"
    """Inferred, not seen."""


class Span(NamedTuple):
    """A piece of harmless text in one tone."""

    text: str
    tone: Tone = Tone.PLAIN


Cell = tuple[Span, ...]
"""One field of a row."""


def cell(text: str, tone: Tone = Tone.PLAIN) -> Cell:
    """A field in one tone."""
    return (Span(text, tone),)
