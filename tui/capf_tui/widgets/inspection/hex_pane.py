"""Bytes in hexadecimal and as characters, those of one field lit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from capfpcap.inspection.model import ByteView

_WIDE, _NARROW = 16, 8
"""Bytes in a line."""
_GROUP = 8
"""Bytes between which there is a wider gap."""


class Lit(NamedTuple):
    """The bytes that are lit."""

    start: int
    end: int


class HexPane(ScrollView, can_focus=True):
    """One of the views of a packet's bytes."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "hex-pane--title",
        "hex-pane--offset",
        "hex-pane--lit",
        "hex-pane--faint",
    }

    class ByteChosen(Message):
        """A byte was clicked."""

        def __init__(self, view: int, offset: int) -> None:
            super().__init__()
            self.view = view
            self.offset = offset

    def __init__(self) -> None:
        super().__init__()
        self._views: Sequence[ByteView] = ()
        self._view = 0
        self._lit = Lit(0, 0)

    # What is shown

    def show_views(self, views: Sequence[ByteView]) -> None:
        """Show the first of other views, nothing lit."""
        self._views = views
        self.light(0, 0, 0)

    def light(self, view: int, start: int, end: int) -> None:
        """Light some bytes, and bring the first of them into sight; all of them are not lit."""
        self._view = view
        self._lit = Lit(0, 0) if end - start == len(self._data) else Lit(start, end)
        self._measure()
        per_line, height = self._per_line, max(self.size.height - 1, 1)
        first, last = start // per_line, max(end - 1, start) // per_line
        top = round(self.scroll_y)
        if first < top or first >= top + height:
            self.scroll_to(y=max(first - 1, 0), animate=False, immediate=True)
        elif last >= top + height:
            self.scroll_to(y=min(first, last - height + 1), animate=False, immediate=True)
        self.refresh()

    @property
    def _data(self) -> bytes:
        return self._views[self._view].data if self._view < len(self._views) else b""

    @property
    def title(self) -> str:
        """Which bytes these are, and which of them are lit."""
        if self._view >= len(self._views):
            return ""
        view = self._views[self._view]
        kept = len(view.data)
        size = f"{view.length:,} bytes" + (f", the first {kept:,}" if kept < view.length else "")
        start, end = self._lit
        lit = f", {start} to {end - 1} lit" if end - start > 1 else f", {start} lit" * (end > start)
        number = f"{self._view + 1}/{len(self._views)} " if len(self._views) > 1 else ""
        return f"{number}{view.title}: {size}{lit}"

    # Layout

    @property
    def _digits(self) -> int:
        return max(len(f"{max(len(self._data) - 1, 0):x}"), 4)

    @property
    def _per_line(self) -> int:
        needed = self._digits + 2 + 3 * _WIDE + 1 + 1 + _WIDE
        return _WIDE if self.size.width >= needed else _NARROW

    def _measure(self) -> None:
        lines = -(-len(self._data) // self._per_line)
        self.virtual_size = Size(self.size.width, lines + 1)

    def on_resize(self) -> None:
        """As many bytes in a line as fit."""
        self.light(self._view, *self._lit)

    def notify_style_update(self) -> None:
        """The theme has changed."""
        super().notify_style_update()
        self.refresh()

    # Drawing

    def render_line(self, y: int) -> Strip:
        """The title, then lines of bytes."""
        width = self.size.width
        if y == 0:
            style = self.get_component_rich_style("hex-pane--title")
            return Strip([Segment(f" {self.title}", style)]).crop_extend(0, width, style)
        at = (round(self.scroll_y) + y - 1) * self._per_line
        if at >= len(self._data):
            return Strip.blank(width, self.rich_style)
        strip = Strip(list(self._segments(at)))
        return strip.crop_extend(0, width, self.rich_style)

    def _segments(self, at: int) -> list[Segment]:
        style = self.get_component_rich_style
        plain, lit, faint = self.rich_style, style("hex-pane--lit"), style("hex-pane--faint")
        line = self._data[at : at + self._per_line]
        offset = Segment(f"{at:0{self._digits}x}  ", style("hex-pane--offset"))
        octets: list[Segment] = []
        letters: list[Segment] = []
        for number in range(self._per_line):
            place = at + number
            inside = self._lit.start <= place < self._lit.end
            more = inside and place + 1 < self._lit.end and number + 1 < self._per_line
            gap = " " if number + 1 != _GROUP else "  "
            if number >= len(line):
                octets.append(Segment("  " + gap, plain))
                continue
            octet = line[number]
            octets.append(Segment(f"{octet:02x}", lit if inside else plain))
            octets.append(Segment(gap, lit if more else plain))
            shown = chr(octet) if 0x20 <= octet < 0x7F else "."
            base = plain if shown != "." else faint
            letters.append(Segment(shown, lit if inside else base))
        return [offset, *octets, Segment(" ", plain), *letters]

    # Mouse

    def on_click(self, event: events.Click) -> None:
        """Tell which byte was clicked."""
        place = self._byte_at(event.x, event.y)
        if place is not None:
            self.post_message(self.ByteChosen(self._view, place))

    def _byte_at(self, x: int, y: int) -> int | None:
        """The byte under a cell, in either form."""
        if y == 0:
            return None
        column = x - self._digits - 2
        hex_width = 3 * self._per_line + 1
        if 0 <= column < hex_width:
            number = (column - (column >= 3 * _GROUP)) // 3
        else:
            number = column - hex_width - 1
        place = (round(self.scroll_y) + y - 1) * self._per_line + number
        if 0 <= number < self._per_line and place < len(self._data):
            return place
        return None
