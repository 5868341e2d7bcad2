"""The bar that names the screens."""

from __future__ import annotations

from typing import ClassVar

from textual.content import Content
from textual.style import Style
from textual.widget import Widget

from capf_tui.screens import SCREENS

_NARROW = 100
"""Cells below which titles stand closer together."""


class ScreenBar(Widget):
    """All screens with their keys, the present one lit; a click goes there."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"screen-bar--present", "screen-bar--key"}

    def __init__(self, present: str) -> None:
        super().__init__()
        self._present = present

    def render(self) -> Content:
        """One line."""
        key_style = self.get_visual_style("screen-bar--key")
        lit = self.get_visual_style("screen-bar--present")
        gap = " " if self.size.width < _NARROW else "  "
        pieces: list[Content | tuple[str, Style]] = []
        for number, entry in enumerate(SCREENS, 1):
            present = entry.name == self._present
            click = Style.from_meta({"@click": f"app.go('{entry.name}')"})
            style = (lit if present else Style()) + click
            pieces.append((f" {number}", style if present else key_style + click))
            pieces.append((f" {entry.title} ", style))
            pieces.append((gap, Style()))
        return Content.assemble(*pieces)
