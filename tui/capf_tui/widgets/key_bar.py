"""The bar at the bottom: every key that does something now."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.geometry import Size
from textual.screen import Screen
from textual.style import Style
from textual.widget import Widget

MAX_LINES = 3
"""Lines that keys may take; on a narrow screen the last ones are found in the help alone."""


class KeyBar(Widget):
    """Keys with what they do, in as many lines as they need; a click does the same."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"key-bar--key"}

    def __init__(self) -> None:
        super().__init__()
        self._keys: list[Content] = []

    def compose(self) -> ComposeResult:
        """Nothing: it is drawn."""
        return []

    def on_mount(self) -> None:
        """Hear of every change of what keys do."""
        self.screen.bindings_updated_signal.subscribe(self, self._changed)
        self._changed(self.screen)

    def _changed(self, screen: Screen[object]) -> None:
        if screen is not self.screen or not self.is_attached:
            return
        keys = self._found()
        if keys != self._keys:
            self._keys = keys
            self.refresh(layout=True)

    def _found(self) -> list[Content]:
        shown: dict[str, Binding] = {}
        for active in self.screen.active_bindings.values():
            if active.binding.show and active.enabled:
                shown.setdefault(active.binding.action, active.binding)
        style = self.get_visual_style("key-bar--key")
        found = []
        for action, binding in shown.items():
            click = Style.from_meta({"@click": action if "." in action else f"screen.{action}"})
            key = self.app.get_key_display(binding)
            found.append(Content.assemble((key, style + click), (f" {binding.description}", click)))
        return found

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """As many lines as the keys need."""
        return len(self._laid_out(width))

    def render(self) -> Content:
        """The keys, line by line."""
        return Content("\n").join(self._laid_out(self.size.width))

    def _laid_out(self, width: int) -> list[Content]:
        lines: list[Content] = []
        line = Content("")
        for key in self._keys:
            if not line.plain:
                line = key
            elif line.cell_length + 2 + key.cell_length <= width:
                line = line + "  " + key
            else:
                lines.append(line)
                line = key
        return [*lines, line][:MAX_LINES]
