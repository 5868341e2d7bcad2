"""Where the lanes of a ladder stand on so many cells, and what is written above them."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size

from capf_tui.widgets.tone import Cell, Tone, cell
from capfpcap.formats.steps import host_and_port
from capfpcap.ladder.model import Lane

_MARGIN = 5
"""Cells beside the outer lanes, so that their titles stand above them."""


def positions(count: int, width: int) -> list[int]:
    """The cell of each lane, evenly spread."""
    if count < 2:
        return [width // 2] * count
    room = max(width - 1 - 2 * _MARGIN, count - 1)
    return [_MARGIN + number * room // (count - 1) for number in range(count)]


def at(lane: float, cells: Sequence[int]) -> int:
    """The cell of a lane's number, which may lie between two lanes."""
    below = min(max(int(lane), 0), len(cells) - 1)
    above = min(below + 1, len(cells) - 1)
    return round(cells[below] + (cells[above] - cells[below]) * (lane - below))


def titles(lanes: Sequence[Lane], width: int) -> list[Cell]:
    """Two lines: what the lanes stand for, and their addresses."""
    cells = positions(len(lanes), width)
    return [
        cell(_spread([lane.title for lane in lanes], cells, width)),
        cell(_spread([_address(lane) for lane in lanes], cells, width), Tone.FAINT),
    ]


def _address(lane: Lane) -> str:
    if not lane.addresses:
        return ""
    first = lane.addresses[0]
    return first if lane.port is None else host_and_port(first, lane.port)


def _spread(texts: Sequence[str], cells: Sequence[int], width: int) -> str:
    """Each text about its cell, pushed aside or cut where it would touch another one."""
    line = [" "] * width
    named = [(text, cells[number]) for number, text in enumerate(texts) if text]
    free = 0
    for number, (text, middle) in enumerate(named):
        limit = width
        if number + 1 < len(named):
            following, beside = named[number + 1]
            limit = max(beside - cell_len(following) // 2 - 1, (middle + beside) // 2)
        shown = clipped_left(text, limit - free)
        start = min(max(middle - cell_len(shown) // 2, free), limit - cell_len(shown))
        overlay(line, start, shown)
        free = start + cell_len(shown) + 1
    return "".join(line)


def overlay(line: list[str], start: int, text: str) -> None:
    """Write a text over a line of cells; wide characters take the place of two."""
    column = start
    for character in text:
        size = cell_len(character)
        if column + size > len(line):
            return
        if size == 0:
            if column > start:
                line[column - 1] += character
            continue
        line[column] = character
        if size == 2:
            line[column + 1] = ""
        column += size


def clipped(text: str, width: int) -> str:
    """The beginning of a text, where it is longer than ``width`` cells."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + "…" if width > 0 else ""


def clipped_left(text: str, width: int) -> str:
    """The end of a text, where it is longer: addresses differ there."""
    if cell_len(text) <= width:
        return text
    return "…" + text[len(text) - width + 1 :] if width > 1 else ""
