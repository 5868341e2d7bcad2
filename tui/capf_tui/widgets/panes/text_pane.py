"""A text that may be longer than its pane."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static


class TextPane(VerticalScroll, can_focus=True):
    """Shows lines of text; whoever shows others with every key need not lay out the screen."""

    def compose(self) -> ComposeResult:
        """One text."""
        yield Static("", markup=False)

    def tell(self, lines: Sequence[Content]) -> None:
        """Show other lines from the first one on."""
        text = Content("\n").join(lines)
        static = self.query_one(Static)
        width, height = static.size
        needed = max(text.get_height({}, width), self.least_height) if width else 0
        static.update(text, layout=needed != height)
        if self.scroll_y:
            self.scroll_home(animate=False)

    @property
    def least_height(self) -> int:
        """Lines that the text takes however short it is: those of the pane."""
        return self.scrollable_content_region.height
