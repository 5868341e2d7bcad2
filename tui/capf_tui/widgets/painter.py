"""Draws the rows of a list: fields in their columns, in the tones of the theme."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.strip import Strip
from textual.widget import Widget

from capf_tui.widgets.columns import GAP, Column, Placed, place, total
from capf_tui.widgets.tone import Cell, Tone

REMEMBERED_LINES = 1024
"""Lines that are kept as they were drawn: some screens full."""

ELLIPSIS = "…"


class Source(Protocol):
    """Where the rows come from; text is harmless already."""

    @property
    def columns(self) -> Sequence[Column]:
        """The columns of every row."""
        ...

    def __len__(self) -> int: ...

    def heads(self, sorted_by: tuple[int, bool] | None) -> Sequence[Sequence[Cell]]:
        """The lines above the rows, each with a field for each column."""
        ...

    def cells(self, row: int) -> Sequence[Cell]:
        """The fields of a row."""
        ...

    def laid_out(self, widths: Sequence[int]) -> None:
        """Told how many cells each column has; 0 for one that is not shown."""
        ...


class Painter:
    """Knows where columns are, what tones look like, and what rows looked like."""

    def __init__(self, widget: Widget, source: Source) -> None:
        self._widget = widget
        self._source = source
        self._lines: LRUCache[tuple[int, str], Strip] = LRUCache(REMEMBERED_LINES)
        self._styles: dict[tuple[Tone, str], Style] = {}
        self.placed: list[Placed] = []

    def place(self, width: int) -> int:
        """Place the columns on so many cells; returns how many cells a row takes."""
        self.placed = place(self._source.columns, width)
        widths = {placed.number: placed.width for placed in self.placed}
        self._source.laid_out([widths.get(one, 0) for one in range(len(self._source.columns))])
        self._lines.clear()
        return total(self.placed)

    def forget(self, *, styles: bool = False) -> None:
        """Draw everything again; with ``styles`` in the tones of another theme."""
        self._lines.clear()
        if styles:
            self._styles.clear()

    def head(self, line: Sequence[Cell]) -> Strip:
        """A line above the rows."""
        return self._drawn(line, "header")

    def row(self, row: int, kind: str) -> Strip:
        """A row; ``kind`` is a component class for the whole line, or empty."""
        strip = self._lines.get((row, kind))
        if strip is None:
            strip = self._lines[row, kind] = self._drawn(self._source.cells(row), kind)
        return strip

    def base(self, kind: str) -> Style:
        """The style of a line's empty cells."""
        return self._toned(Tone.PLAIN, kind)

    def _drawn(self, fields: Sequence[Cell], kind: str) -> Strip:
        segments: list[Segment] = []
        base = self.base(kind)
        for placed in self.placed:
            if placed.start:
                segments.append(Segment(" " * GAP, base))
            right = self._source.columns[placed.number].right
            segments += self._field(fields[placed.number], placed.width, kind, right)
        return Strip(segments)

    def _field(self, spans: Cell, width: int, kind: str, right: bool) -> list[Segment]:
        segments: list[Segment] = []
        left = width
        for number, (text, tone) in enumerate(spans):
            used = cell_len(text)
            if used > left or (used == left and number + 1 < len(spans)):
                shown, used = set_cell_size(text, left - 1) + ELLIPSIS, left
            else:
                shown = text
            segments.append(Segment(shown, self._toned(tone, kind)))
            left -= used
            if not left:
                break
        pad = Segment(" " * left, self.base(kind))
        return [pad, *segments] if right else [*segments, pad]

    def _toned(self, tone: Tone, kind: str) -> Style:
        """The style of a tone on a line of some kind; the cursor's own colours win."""
        style = self._styles.get((tone, kind))
        if style is None:
            component = self._widget.get_component_rich_style
            line = component(f"row-list--{kind}") if kind else self._widget.rich_style
            toned = component(f"row-list--{tone.value}", partial=True)
            if kind:
                toned = Style(bold=toned.bold, italic=toned.italic, underline=toned.underline)
            style = self._styles[tone, kind] = line + toned
        return style
