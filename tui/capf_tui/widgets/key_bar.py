"""The bar at the bottom: every key that does something now."""

from __future__ import annotations

from typing import NamedTuple

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.screen import Screen
from textual.style import Style
from textual.widget import Widget

from capf_tui.keys import keys_of

MAX_LINES = 3
"""Lines that keys may take; on a narrow screen the last ones are found in the help alone."""
_GAP = 2


class _Entry(NamedTuple):
    """One key in the bar."""

    key: str
    does: str
    action: str

    @property
    def width(self) -> int:
        return cell_len(self.key) + 1 + cell_len(self.does)


class KeyBar(Widget):
    """Keys with what they do, in as many lines as they need; a click does the same."""

    def __init__(self) -> None:
        super().__init__()
        self._entries: list[_Entry] = []

    def on_mount(self) -> None:
        """Hear of every change of what keys do."""
        self.screen.bindings_updated_signal.subscribe(self, self._changed)
        self._changed(self.screen)

    def _changed(self, screen: Screen[object]) -> None:
        if screen is not self.screen or not self.is_attached:
            return
        found = [
            _Entry(key.keys.split(" ")[0], key.does, key.action)
            for key in keys_of(self.app, screen)
            if key.shown
        ]
        if found != self._entries:
            self._entries = found
            self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """As many lines as the keys need."""
        return len(self._laid_out(width))

    def render(self) -> Content:
        """The keys, line by line."""
        lines = [self._line(entries) for entries in self._laid_out(self.size.width)]
        return Content("\n").join(lines)

    def _laid_out(self, width: int) -> list[list[_Entry]]:
        lines: list[list[_Entry]] = [[]]
        used = 0
        for entry in self._entries:
            if lines[-1] and used + _GAP + entry.width > width:
                lines.append([])
                used = 0
            used += entry.width + _GAP * bool(lines[-1])
            lines[-1].append(entry)
        return lines[:MAX_LINES]

    def _line(self, entries: list[_Entry]) -> Content:
        pieces = []
        for entry in entries:
            content = Content.assemble((entry.key, "bold $key"), f" {entry.does}")
            pieces.append(content.stylize(Style.from_meta({"action": entry.action})))
        return Content(" " * _GAP).join(pieces)

    async def on_click(self, event: events.Click) -> None:
        """Do what the key under the mouse does."""
        action = event.style.meta.get("action")
        if isinstance(action, str):
            for key in keys_of(self.app, self.screen):
                if key.action == action:
                    await self.app.run_action(action, key.node)
                    return
