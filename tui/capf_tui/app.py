"""The application: what is analysed, which screen is shown, and what all screens can do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from msgspec.structs import replace
from textual.app import App
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive

from capf_tui.asking.overview import Overview, OverviewAnswer
from capf_tui.clock import Clock
from capf_tui.engine.link import Link, NoAnswerError
from capf_tui.engine.wire import Cancelled, Failed, News, Progressed, Ready
from capf_tui.navigation import History, Place
from capf_tui.screens import SCREENS
from capf_tui.screens.study_screen import StudyScreen
from capf_tui.standing import standing_of
from capf_tui.themes import FALLBACK, THEMES
from capfpcap.report import VerdictSeverity


class EngineNews(Message):
    """The engine tells how far it is."""

    def __init__(self, news: News) -> None:
        super().__init__()
        self.news = news


class Loaded(Message):
    """What the report says of everything is here."""

    def __init__(self, generation: int, overview: OverviewAnswer) -> None:
        super().__init__()
        self.generation = generation
        self.overview = overview


class CapfApp(App[VerdictSeverity], inherit_bindings=False):
    """Shows one study; returns the verdict's severity."""

    CSS_PATH = sorted(str(path) for path in Path(__file__).parent.rglob("*.tcss"))
    MODES: ClassVar[dict[str, Callable[[], StudyScreen]]] = {  # type: ignore[assignment]
        entry.name: entry.make for entry in SCREENS
    }
    COMMAND_PALETTE_BINDING = "colon"
    COMMAND_PALETTE_DISPLAY = ":"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", "Quit"),
        Binding("question_mark", "help", "Help", key_display="?"),
        Binding("colon", "command_palette", "Commands", key_display=":"),
        *(
            Binding(str(number), f"go('{entry.name}')", entry.title, show=False)
            for number, entry in enumerate(SCREENS, 1)
        ),
        Binding("t", "next_time", "Time"),
        Binding("left_square_bracket", "step(-1)", "Back", key_display="["),
        Binding("right_square_bracket", "step(1)", "Forward", key_display="]"),
        Binding("x", "cancel", "Cancel"),
        Binding("r", "again", "Analyse again"),
        Binding("ctrl+c", "help_quit", show=False, system=True),
    ]

    standing: reactive[Content] = reactive(Content(""))
    """How it stands, in one line."""
    clock: reactive[Clock] = reactive(Clock())
    """How times are shown."""
    news: reactive[News | None] = reactive(None, bindings=True)
    """What the engine said last."""

    def __init__(self, link: Link, clock: Clock | None = None) -> None:
        super().__init__()
        self.set_reactive(CapfApp.clock, clock or Clock())
        self.link = link
        self.overview: OverviewAnswer | None = None
        self.generation = 0
        """How many times the captures were analysed and shown; 0: not yet."""
        self.history = History(Place(SCREENS[0].name))

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Colours of our own, for themes that lack them."""
        return FALLBACK

    def _fatal_error(self) -> None:
        """Leave the screen; who ran the application tells the user what failed."""
        self._close_messages_no_wait()

    @property
    def failure(self) -> Exception | None:
        """What ended the application."""
        return self._exception

    # The engine

    def on_mount(self) -> None:
        """Open at once; what is analysed comes later."""
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = THEMES[0].name
        self.switch_mode(SCREENS[0].name)
        self.link.listen(self._hear)

    def _hear(self, news: News) -> None:
        """Called in the link's thread."""
        self.post_message(EngineNews(news))

    def on_engine_news(self, message: EngineNews) -> None:
        """Show how far the analysis is; fetch what it says when it is done."""
        self.news = message.news
        self.standing = standing_of(message.news, self.overview)
        if isinstance(message.news, Ready):
            generation = message.news.generation
            self.run_worker(lambda: self._fetch(generation), thread=True, exit_on_error=False)

    def _fetch(self, generation: int) -> None:
        try:
            overview = self.link.ask(Overview())
        except NoAnswerError as error:
            self.post_message(EngineNews(Failed(str(error))))
            return
        self.post_message(Loaded(generation, overview))

    def on_loaded(self, message: Loaded) -> None:
        """Let the screen that is shown load; the others do when they are shown."""
        self.overview = message.overview
        self.generation = message.generation
        self.clock = replace(self.clock, first=message.overview.first)
        self.standing = standing_of(Ready(message.generation), message.overview)
        if isinstance(self.screen, StudyScreen):
            self.screen.catch_up()

    def action_cancel(self) -> None:
        """Break the analysis off."""
        self.link.cancel()

    def action_again(self) -> None:
        """Analyse again."""
        self.news = Progressed("reading", 0, None)
        self.link.begin()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Which actions there are now."""
        analysing = isinstance(self.news, Progressed | None)
        match action:
            case "cancel":
                return analysing and self.link.may_cancel
            case "again":
                return isinstance(self.news, Cancelled | Failed) and self.link.may_cancel
            case _:
                return super().check_action(action, parameters)

    def action_next_time(self) -> None:
        """Show times in the next way."""
        self.clock = self.clock.next()

    # Places

    def action_go(self, screen: str) -> None:
        """To a screen, which shows there what this one is about."""
        here = self.screen.place if isinstance(self.screen, StudyScreen) else Place(screen)
        if here.screen != screen:
            self.go(replace(here, screen=screen))

    def go(self, place: Place) -> None:
        """To a place, from which there is a way back."""
        if isinstance(self.screen, StudyScreen):
            self.history.moved(self.screen.place)
        if any(place.screen == entry.name for entry in SCREENS):
            self.history.enter(place)
            self._show(place)

    def action_step(self, places: int) -> None:
        """Back to where the user was, or forward again."""
        if isinstance(self.screen, StudyScreen):
            self.history.moved(self.screen.place)
        place = self.history.step(places)
        if place is not None:
            self._show(place)

    def _show(self, place: Place) -> None:
        if self.current_mode != place.screen:
            self.switch_mode(place.screen)
        if isinstance(self.screen, StudyScreen):
            self.screen.show(place)

    async def action_quit(self) -> None:
        """End with the verdict."""
        self.exit(self.overview.verdict.severity if self.overview else None)
