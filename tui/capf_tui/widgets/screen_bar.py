"""The bar that names the screens."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.style import Style
from textual.widget import Widget

from capf_tui.screens import SCREENS, Entry

_NARROW = 100
"""Cells below which titles stand closer together."""


class ScreenBar(Widget):
    """All screens with their keys, the present one lit; a click goes there."""

    def __init__(self, present: str) -> None:
        super().__init__()
        self._present = present

    def render(self) -> Content:
        """One line."""
        gap = " " if self.size.width < _NARROW else "  "
        return Content(gap).join(
            self._entry(number, entry) for number, entry in enumerate(SCREENS, 1)
        )

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
