"""Asks the user for one line."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static


class Prompt(ModalScreen[str | None]):
    """A question and a line to answer on; ``check`` says why an answer will not do."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel")]

    def __init__(
        self, question: str, hint: str, *, value: str = "", check: Callable[[str], str | None]
    ) -> None:
        super().__init__()
        self._question = question
        self._hint = hint
        self._value = value
        self._check = check

    def compose(self) -> ComposeResult:
        """The question above the line, what it takes below."""
        with Vertical():
            yield Static(self._question, id="question", markup=False)
            yield Input(self._value, compact=True)
            yield Static(self._hint, id="hint", markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Answer, unless it will not do."""
        wrong = self._check(event.value)
        if wrong is None:
            self.dismiss(event.value)
        else:
            self.query_one("#hint", Static).update(wrong)

    def action_cancel(self) -> None:
        """No answer."""
        self.dismiss(None)
