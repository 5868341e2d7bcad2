"""What every key does here, and what the marks mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from capf_tui.words import LEGEND, STYLES

_KEY_WIDTH = 14


class Help(ModalScreen[None]):
    """Keys in groups, then the marks."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q", "dismiss", "Close"),
        Binding("j", "scroll(1)", show=False),
        Binding("k", "scroll(-1)", show=False),
    ]

    def __init__(self, groups: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> None:
        super().__init__()
        self._groups = groups

    def compose(self) -> ComposeResult:
        """One text to scroll through."""
        with VerticalScroll():
            yield Static(Content("\n").join(self._lines()), markup=False)

    def on_mount(self) -> None:
        """Keys scroll."""
        self.query_one(VerticalScroll).focus()

    def action_scroll(self, lines: int) -> None:
        """A line up or down."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    def _lines(self) -> Iterator[Content]:
        for heading, keys in self._groups:
            yield Content.styled(heading, "bold $key")
            for key, does in keys:
                yield Content.assemble((f"  {key:<{_KEY_WIDTH}}", "bold"), does)
            yield Content("")
        for heading, marks in LEGEND:
            yield Content.styled(heading, "bold $key")
            for (text, tone), means in marks:
                yield Content.assemble("  ", (f"{text:<{_KEY_WIDTH}}", STYLES[tone]), means)
            yield Content("")
        yield Content.styled("Escape closes this page.", "$faint")
