"""The application: which screen is shown, and what all screens can do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar

from msgspec.structs import replace
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.events import Event, InputEvent
from textual.screen import Screen

from capf_tui.ahead import SWEEP_EVERY_S, Sweeper, load_screens
from capf_tui.asking.frames import WhereIs
from capf_tui.asking.phones import PhoneRow
from capf_tui.clock import Clock, TimeMode
from capf_tui.engine.link import Link, NoAnswerError
from capf_tui.keys import grouped, keys_of
from capf_tui.navigation import History, Place, frame_in
from capf_tui.screens import SCREENS
from capf_tui.screens.help import Help
from capf_tui.screens.phones import PhonesScreen
from capf_tui.screens.prompt import Prompt
from capf_tui.screens.study_screen import StudyScreen
from capf_tui.state import ViewState
from capf_tui.taking_app import TakingApp
from capf_tui.themes import FALLBACK, THEMES


def key(keys: str, action: str, does: str, explained: str, display: str | None = None) -> Binding:
    """A key of the whole application."""
    return Binding(keys, action, does, key_display=display, tooltip=explained)


_NAMES = frozenset(entry.name for entry in SCREENS)


class CapfApp(TakingApp, inherit_bindings=False):
    """Shows one study; returns its verdict."""

    CSS_PATH = sorted(str(path) for path in Path(__file__).parent.rglob("*.tcss"))
    MODES: ClassVar[dict[str, Callable[[], StudyScreen]]] = {  # type: ignore[assignment]
        entry.name: entry.make for entry in SCREENS
    }
    COMMAND_PALETTE_BINDING = "colon"
    BINDINGS: ClassVar[list[BindingType]] = [
        key("q", "quit", "Quit", "Quit; the exit status is that of check"),
        key("question_mark", "help", "Help", "This help", "?"),
        key("colon", "command_palette", "Menu", "Everything that can be done, by name", ":"),
        *(
            Binding(str(number), f"go('{entry.name}')", entry.title, show=False)
            for number, entry in enumerate(SCREENS, 1)
        ),
        key("left_square_bracket", "step(-1)", "Back", "Back to where you were", "["),
        key("right_square_bracket", "step(1)", "Fwd", "Forward again", "]"),
        key("f", "frame", "Frame", "Go to a frame by its number"),
        key("t", "next_time", "Time", "Times in UTC, local, relative, as deltas"),
        key("y", "copy('text')", "Copy", "Copy what is under the cursor as text"),
        key("Y", "copy('json')", "JSON", "Copy what is under the cursor as JSON"),
        key("w", "copy('filter')", "Dfilter", "Copy a display filter for Wireshark"),
        key("e", "export", "Export", "Export what is shown to a file"),
        key("o", "wireshark", "Wireshark", "Open the frame in Wireshark"),
        key("T", "next_theme", "Theme", "Dark, light, high contrast, monochrome"),
        key("x", "cancel", "Cancel", "Break the analysis off"),
        key("r", "again", "Again", "Analyse again"),
        Binding("ctrl+c", "help_quit", show=False, system=True),
    ]

    def __init__(
        self, link: Link, clock: Clock | None = None, state: ViewState | None = None
    ) -> None:
        liked = state or ViewState()
        super().__init__(link, replace(clock or Clock(), mode=liked.time))
        self._sorted_by = dict(liked.sorted_by)
        self._theme_liked = liked.theme
        self._sweeper = Sweeper()
        self.history = History(Place(SCREENS[0].name))

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Colours of our own, for themes that lack them."""
        return FALLBACK

    def on_mount(self) -> None:
        """Open at once; what is analysed comes later."""
        for theme in THEMES:
            self.register_theme(theme)
        names = [theme.name for theme in THEMES]
        self.theme = self._theme_liked if self._theme_liked in names else names[0]
        self.switch_mode(SCREENS[0].name)
        self.listen()
        self.run_worker(load_screens, thread=True, exit_on_error=False)
        self.set_interval(SWEEP_EVERY_S, self._sweeper.sweep)

    def on_unmount(self) -> None:
        """The application ends, and its threads with it: none may wait for an answer."""
        self.link.leave()

    async def on_event(self, event: Event) -> None:
        """Keys come before what can wait."""
        if isinstance(event, InputEvent):
            self._sweeper.used()
        await super().on_event(event)

    def catch_up(self) -> None:
        """Let the screen that is shown load; the others do when they are shown."""
        if isinstance(self.screen, StudyScreen):
            self.screen.catch_up()

    def show_judged(self, rows: Sequence[PhoneRow]) -> None:
        """Show phones while others are being judged."""
        if isinstance(self.screen, PhonesScreen) and not self.generation:
            self.screen.show_judged(rows)

    # Places

    def action_go(self, screen: str) -> None:
        """To a screen, which shows there what this one is about."""
        here = self.screen.place if isinstance(self.screen, StudyScreen) else Place(screen)
        if here.screen != screen:
            self.go(replace(here, screen=screen))

    def go(self, place: Place) -> None:
        """To a place, from which there is a way back."""
        if place.screen not in _NAMES:
            return
        if isinstance(self.screen, StudyScreen):
            self.history.moved(self.screen.place)
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
            self.screen.come_to(place)

    def action_frame(self) -> None:
        """To a frame in the ladder of the phone whose it is."""
        captures = [capture.id for capture in self.overview.captures] if self.overview else []

        def check(text: str) -> str | None:
            return None if frame_in(text, captures) else f"A frame is {' or '.join(examples)}"

        def follow(text: str | None) -> None:
            frame = frame_in(text or "", captures)
            if frame is not None:
                self.run_worker(partial(self._find, *frame), thread=True, exit_on_error=False)

        examples = [f"{captures[-1]}:80", "80"] if captures else ["80"]
        hint = f"A number, or a capture and a number: {' or '.join(examples)}"
        self.push_screen(Prompt("Go to frame", hint, check=check), follow)

    def _find(self, capture: str, frame: int) -> None:
        try:
            found = self.link.ask(WhereIs(capture, frame))
        except NoAnswerError as error:
            self.call_from_thread(self.say, str(error))
            return
        place = Place(
            "ladder",
            phone=found.phone,
            flow=None if found.phone else found.flow,
            capture=capture,
            frame=frame,
        )
        self.call_from_thread(self.go, place)

    # What the user likes

    def action_next_time(self) -> None:
        """Show times in the next way."""
        self.clock = self.clock.next()

    def show_times(self, mode: TimeMode) -> None:
        """Show times in some way."""
        self.clock = replace(self.clock, mode=mode)

    def action_next_theme(self) -> None:
        """The next look."""
        names = [theme.name for theme in THEMES]
        self.theme = names[(names.index(self.theme) + 1) % len(names)]

    def sorted_by(self, screen: str, at_first: tuple[int, bool] | None) -> tuple[int, bool] | None:
        """How a screen's list was sorted last."""
        return self._sorted_by.get(screen, at_first)

    def keep_sorted(self, screen: str, by: tuple[int, bool] | None) -> None:
        """Remember how a screen's list is sorted."""
        self._sorted_by[screen] = by

    @property
    def state(self) -> ViewState:
        """What the user likes, to be kept."""
        return ViewState(self.theme, self.clock.mode, self._sorted_by)

    # Help

    def action_help(self) -> None:
        """Every key, and what marks mean."""
        self.push_screen(Help(grouped(keys_of(self, self.screen))))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every action, every theme, every way of showing times."""
        for key in keys_of(self, screen):
            if key.action != "command_palette":
                run = partial(self.run_action, key.action, key.node)
                yield SystemCommand(key.explained, key.keys, run)
        for theme in THEMES:
            yield SystemCommand(
                f"Theme {theme.name}", "", partial(setattr, self, "theme", theme.name)
            )
        for mode in TimeMode:
            yield SystemCommand(f"Times: {mode.value}", "", partial(self.show_times, mode))
