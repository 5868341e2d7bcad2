"""Draws a row of a ladder into so many cells: lanes, an arrow between two of them, its label."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise

from rich.cells import cell_len

from capf_tui.widgets.lanes import at, clipped, overlay
from capf_tui.widgets.tone import Cell, Span, Tone, cell
from capfpcap.ladder.model import Delivery, Gap, Message
from capfpcap.report import Certainty

_LANE, _WAITING_LANE = "│", "┊"
_SEEN, _LIKELY = "─", "╌"
"""Lines of arrows: of what was seen, and of what is inferred."""
_ENDS = {
    Delivery.LOST: "✗",
    Delivery.UNWATCHED: "?",
}
"""How arrows end that do not reach their lane."""
_POINT = "●"
"""Where a vantage point saw it pass."""
_INJECTED = "◇"
"""How arrows begin that nobody was seen to send."""
_CERTAINTY_MARKS = {Certainty.LIKELY: "≈", Certainty.POSSIBLE: "?"}
_ROOM = 2
"""Blank cells about a label, one at each side."""
_TIPS = 4
"""Cells of an arrow that its label leaves free at its ends."""


def label_of(message: Message) -> str:
    """The label, with marks for what is inferred and what is sent again."""
    certain = _CERTAINTY_MARKS.get(message.certainty) if message.certainty else None
    again = f"↻{message.repetition} " if message.repetition else ""
    return f"{again}{certain or ''}{message.label}"


def draw_message(
    message: Message, cells: Sequence[int], watched: Collection[int], width: int, tone: Tone
) -> Cell:
    """A message as an arrow with its label on it, or beside it where it is too short.

    ``watched`` are the numbers of the lanes of vantage points at which it was seen.
    """
    line = _lanes(cells, width, _LANE)
    room = len(line)
    tail, head = at(message.tail, cells), at(message.head, cells)
    rightwards = at(message.receiver, cells) > at(message.sender, cells)
    inferred = message.certainty not in {None, Certainty.PROVEN}
    left, right = _shaft(line, tail, head, _LIKELY if inferred else _SEEN)
    for one in watched:
        if left < cells[one] < right:
            line[cells[one]] = _POINT
    _finish(line, message, tail, head, rightwards=rightwards)
    bounds = [left, *(cells[one] for one in sorted(watched) if left < cells[one] < right), right]
    start, shown = _place_label(label_of(message), bounds, room)
    overlay(line, start, shown)
    end = max(right, start + cell_len(shown) - 1)
    return _toned(_cropped(line, width), min(left, start), end, tone)


def draw_gap(gap: Gap, cells: Sequence[int], width: int) -> Cell:
    """A time in which nothing happens."""
    line = _lanes(cells, width, _WAITING_LANE)
    certain = _CERTAINTY_MARKS.get(gap.certainty) if gap.certainty else None
    shown = clipped(f" {certain or ''}{gap.text} ", width)
    start = max((width - cell_len(shown)) // 2, 0)
    overlay(line, start, shown)
    tone = Tone.LIKELY if certain else Tone.PLAIN
    return _toned(_cropped(line, width), start, start + cell_len(shown) - 1, tone)


def draw_group(text: str, width: int) -> Cell:
    """The line above the rows of a flow."""
    about, comma, attempt = text.partition(", ")  # which attempt it is may not be cut
    room = width - cell_len(f"──  {comma}{attempt}")
    shown = clipped(f"── {clipped(about, room)}{comma}{attempt} ", width)
    return cell(shown + "─" * (width - cell_len(shown)), Tone.FAINT)


def _lanes(cells: Sequence[int], width: int, lane: str) -> list[str]:
    """The lanes on as many cells as they need, which may be more than there are."""
    line = [" "] * max([width, *(one + 1 for one in cells)])
    for one in cells:
        line[one] = lane
    return line


def _cropped(line: list[str], width: int) -> list[str]:
    """The cells that there are; half a wide character is none."""
    if width < len(line) and line[width] == "":
        line[width - 1] = " "
    return line[:width]


def _shaft(line: list[str], tail: int, head: int, dash: str) -> tuple[int, int]:
    """The line between both ends; returns its outermost cells."""
    left, right = sorted((tail, head))
    for column in range(left + 1, right):
        line[column] = "┼" if line[column] == _LANE else dash
    return left, right


def _finish(line: list[str], message: Message, tail: int, head: int, *, rightwards: bool) -> None:
    """The tip, and whatever is special about the ends."""
    if message.delivery is Delivery.INJECTED:
        line[tail] = _INJECTED
    if message.delivery in _ENDS:
        line[head] = _ENDS[message.delivery]
        return
    tip = head - 1 if rightwards else head + 1
    if 0 <= tip < len(line) and tip != tail:
        line[tip] = "▶" if rightwards else "◀"


def _place_label(label: str, bounds: Sequence[int], width: int) -> tuple[int, str]:
    """Where the label goes: between two points, on the arrow, right of it, or left of it.

    ``bounds`` are the cells of the arrow's ends and of the points between them.
    """
    left, right = bounds[0], bounds[-1]
    middle, size = (left + right) / 2, cell_len(label) + _ROOM
    spans = [(low, high) for low, high in pairwise(bounds) if high - low - _TIPS > size]
    if spans:
        low, high = min(spans, key=lambda span: abs(sum(span) / 2 - middle))
        start = min(max(round(middle - size / 2), low + 2), high - 1 - size)
        return start, f" {label} "
    inside, beyond, before = right - left - _TIPS, width - right - 2, left - 1
    if inside >= size or inside >= max(beyond, before):
        shown = f" {clipped(label, inside - _ROOM)} "
        return (left + right + 1 - cell_len(shown)) // 2, shown
    if beyond >= before:
        return right + 2, clipped(label, beyond)
    shown = clipped(label, before)
    return max(left - 1 - cell_len(shown), 0), shown


def _toned(line: Sequence[str], left: int, right: int, tone: Tone) -> Cell:
    """The line with what lies between two cells in a tone, lanes in a faint one."""
    return (
        Span("".join(line[:left]), Tone.FAINT),
        Span("".join(line[left : right + 1]), tone),
        Span("".join(line[right + 1 :]), Tone.FAINT),
    )
