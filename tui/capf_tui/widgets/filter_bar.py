"""What is shown of a list: words to filter by, and how many rows that leaves."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static


class FilterBar(Horizontal):
    """A line to type into, and a count beside it."""

    class Changed(Message):
        """Other words to filter by."""

        def __init__(self, words: str) -> None:
            super().__init__()
            self.words = words

    class Left(Message):
        """The user is done with typing."""

    def __init__(self, about: str) -> None:
        super().__init__()
        self._about = about

    def compose(self) -> ComposeResult:
        """The input and the count."""
        yield Static("/", classes="sign", markup=False)
        yield FilterInput(placeholder=f"filter by {self._about}", compact=True)
        yield Static("", classes="count", markup=False)

    @property
    def words(self) -> str:
        """What is typed."""
        return self.query_one(Input).value

    def enter(self) -> None:
        """Let the user type."""
        self.query_one(Input).focus()

    def clear(self) -> None:
        """Filter by nothing."""
        self.query_one(Input).value = ""

    def count(self, text: str) -> None:
        """Show how many rows there are."""
        self.query_one(".count", Static).update(text)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while the user types."""
        event.stop()
        self.post_message(self.Changed(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter goes back to the rows."""
        event.stop()
        self.post_message(self.Left())


class FilterInput(Input):
    """Arrow keys leave it downwards; escape takes the filter away."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,pagedown", "leave", "To the rows", show=False),
        Binding("escape", "give_up", "Clear filter", show=False),
    ]

    def action_leave(self) -> None:
        """To the rows, which stay filtered."""
        self.post_message(FilterBar.Left())

    def action_give_up(self) -> None:
        """To all rows."""
        self.value = ""
        self.post_message(FilterBar.Left())
