"""What all screens have: the verdict and the other screens on top, the keys at the bottom."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from capf_tui.navigation import Place
from capf_tui.selection import Selection
from capf_tui.widgets.key_bar import KeyBar
from capf_tui.widgets.screen_bar import ScreenBar
from capf_tui.widgets.verdict_bar import VerdictBar

if TYPE_CHECKING:
    from capf_tui.app import CapfApp


WIDE = 110
"""Cells from which on panes stand beside each other."""


class StudyScreen(Screen[None]):
    """A screen that shows a part of the study.

    A screen that is shown asks for what it needs, in a worker: :meth:`load` is called when the
    captures are analysed, and again when they were analysed again; :meth:`show` when the user goes
    to a place of the screen, which may be before anything is loaded.
    """

    NAME = ""
    """As in :data:`capf_tui.screens.SCREENS`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", "Next part", show=False),
        Binding("shift+tab", "app.focus_previous", "Part before", show=False),
    ]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012 - as Textual has it

    loaded = 0
    """The generation of the analysis that the screen shows; 0: none."""

    _composed = False
    _awaited: Place | None = None
    """Where the user went before there was anything to show it with."""

    @property
    def study_app(self) -> CapfApp:
        """The application."""
        from capf_tui.app import CapfApp  # noqa: PLC0415 - which knows its screens

        assert isinstance(self.app, CapfApp)
        return self.app

    def compose(self) -> ComposeResult:
        """The bars and, between them, what the screen is about."""
        yield VerdictBar()
        yield ScreenBar(self.NAME)
        yield from self.body()
        yield KeyBar()

    def body(self) -> ComposeResult:
        """The widgets between the bars."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Everything is there now, of whatever kind the screen is."""
        self._composed = True
        if self._awaited is not None:
            self.show(self._awaited)

    def come_to(self, place: Place) -> None:
        """Show a place of this screen, as soon as it can be shown."""
        if self._composed:
            self.show(place)
        else:
            self._awaited = place

    def load(self) -> None:
        """Fetch what the screen shows."""

    def show(self, place: Place) -> None:
        """Show a place of this screen."""

    @property
    def selection(self) -> Selection | None:
        """What is under the cursor, to be copied or opened elsewhere."""
        return None

    def exports(self) -> dict[str, Callable[[], str]]:
        """By the end of a file's name, how what is shown is written into it."""
        return {}

    @property
    def place(self) -> Place:
        """What the screen shows now."""
        return Place(self.NAME)

    def on_screen_resume(self) -> None:
        """Catch up with the analysis."""
        self.catch_up()

    def catch_up(self) -> None:
        """Load, unless what is shown is of the present analysis."""
        generation = self.study_app.generation
        if self._composed and generation and generation != self.loaded:
            self.loaded = generation
            self.load()
