"""What ``explain`` shows of a code besides its text: an example, a look-alike, its sources.

Captures are not installed, so the examples are: ``examples.json`` holds the findings of shipped
captures as ``check`` makes them. ``make examples`` writes it; a test holds it to the captures.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

import msgspec

from capfpcap.explanations.table import TABLE, Row
from capfpcap.report import Certainty, Evidence

__all__ = ["Example", "Explanation", "explanation_of"]

FILE = "examples.json"
MAX_FRAMES = 4
"""Frames of an example: enough to find the place in Wireshark."""


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """A finding of a shipped capture, and how it and its look-alike came to be."""

    captures: tuple[str, ...]
    """Paths in the project's sources."""
    story: str
    """What happened in it, in a line."""
    look_alike: str
    """What happened in the look-alike."""
    certainty: Certainty
    title: str
    detail: str
    evidence: tuple[Evidence, ...]
    """The first frames that prove it."""
    further: int
    """How many more there are."""


class Explanation(msgspec.Struct, frozen=True):
    """All of a code but its own text."""

    row: Row
    example: Example


def explanation_of(code: str) -> Explanation | None:
    """What there is on ``code``; None where it has no row, which a test forbids."""
    row, example = TABLE.get(code), _examples().get(code)
    return None if row is None or example is None else Explanation(row, example)


@cache
def _examples() -> dict[str, Example]:
    content = resources.files(__name__).joinpath(FILE).read_bytes()
    return msgspec.json.decode(content, type=dict[str, Example])
