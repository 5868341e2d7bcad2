"""The bar that names the screens."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.style import Style
from textual.widget import Widget

from capf_tui.screens import SCREENS, Entry

_WIDEST_GAP = 2
"""Cells between two titles, where there is room."""


class ScreenBar(Widget):
    """All screens with their keys, the present one lit; a click goes there."""

    def __init__(self, present: str) -> None:
        super().__init__()
        self._present = present

    def render(self) -> Content:
        """One line."""
        entries = [self._entry(number, entry) for number, entry in enumerate(SCREENS, 1)]
        spare = self.size.width - sum(entry.cell_length for entry in entries)
        gap = " " * max(min(spare // len(entries), _WIDEST_GAP), 0)
        return Content(gap).join(entries)

    def _entry(self, number: int, entry: Entry) -> Content:
        lit = "bold $block-cursor-foreground on $block-cursor-background"
        if entry.name == self._present:
            content = Content.styled(f" {number} {entry.title} ", lit)
        else:
            content = Content.assemble((f" {number}", "bold $key"), f" {entry.title} ")
        return content.stylize(Style.from_meta({"screen": entry.name}))

    async def on_click(self, event: events.Click) -> None:
        """To the screen under the mouse."""
        screen = event.style.meta.get("screen")
        if isinstance(screen, str):
            await self.app.run_action(f"go('{screen}')", self.app)
