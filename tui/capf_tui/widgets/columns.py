"""Columns of a list, and how wide each is on a screen of a given width."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

GAP = 2
"""Cells between two columns."""


class Column(NamedTuple):
    """One column of a list."""

    title: str
    width: int
    """Cells that it takes; of one that stretches, that it takes at least."""
    stretches: bool = False
    """Shares in what the others leave."""
    from_width: int = 0
    """Shown on a list of that many cells or more: narrow screens show what matters most."""
    right: bool = False
    """Numbers stand at the right."""


class Placed(NamedTuple):
    """A column on the screen."""

    number: int
    """Position among all columns."""
    start: int
    """Cell at which it begins."""
    width: int


def place(columns: Sequence[Column], width: int) -> list[Placed]:
    """The columns that a list of ``width`` cells shows, from left to right."""
    shown = [(number, one) for number, one in enumerate(columns) if one.from_width <= width]
    taken = sum(one.width for _, one in shown) + GAP * (len(shown) - 1)
    stretching = [number for number, one in shown if one.stretches]
    spare = max(width - taken, 0)
    placed: list[Placed] = []
    start = 0
    for number, one in shown:
        extra = 0
        if number in stretching:
            extra = spare // len(stretching)
            if number == stretching[-1]:
                extra = spare - extra * (len(stretching) - 1)
        placed.append(Placed(number, start, one.width + extra))
        start += one.width + extra + GAP
    return placed


def total(placed: Sequence[Placed]) -> int:
    """Cells of a whole row."""
    return placed[-1].start + placed[-1].width if placed else 0
