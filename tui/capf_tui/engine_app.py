"""The part of the application that listens to the engine."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive

from capf_tui.asking.overview import Overview, OverviewAnswer
from capf_tui.asking.phones import PhoneRow
from capf_tui.clock import Clock
from capf_tui.engine.link import Link, NoAnswerError
from capf_tui.engine.wire import Cancelled, Failed, Judged, News, Progressed, Ready
from capf_tui.standing import standing_of, verdict_of
from capf_tui.typing_app import TypingApp
from capfpcap.report import Verdict


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


class EngineApp(TypingApp[Verdict], inherit_bindings=False):
    """Knows how far the analysis is, and what it says of everything together."""

    standing: reactive[Content] = reactive(Content(""))
    """How it stands, in one line."""
    hindered: reactive[bool] = reactive(False)
    """Whether something is in the way of a verdict."""
    clock: reactive[Clock] = reactive(Clock())
    """How times are shown."""
    news: reactive[News | None] = reactive(None, bindings=True)
    """What the engine said last."""

    def __init__(self, link: Link, clock: Clock) -> None:
        super().__init__()
        self.set_reactive(EngineApp.clock, clock)
        self.link = link
        self.overview: OverviewAnswer | None = None
        self.generation = 0
        """How many times the captures were analysed and shown; 0: not yet."""

    @property
    def failure(self) -> Exception | None:
        """What ended the application, if it failed."""
        return self._exception

    def _fatal_error(self) -> None:
        """Leave the screen; who ran the application tells the user what failed."""
        self._close_messages_no_wait()

    def listen(self) -> None:
        """Follow the engine from now on."""
        self.standing = standing_of(Progressed("reading", 0, None), None)
        self.link.listen(self._hear)

    def _hear(self, news: News) -> None:
        """Called in the link's thread."""
        self.post_message(EngineNews(news))

    def on_engine_news(self, message: EngineNews) -> None:
        """Show how far the analysis is; fetch what it says when it is done."""
        if isinstance(message.news, Judged):
            self.show_judged(message.news.rows)
            return
        self.news = message.news
        self.standing = standing_of(message.news, self.overview)
        self.hindered = isinstance(message.news, Failed)
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
        """Show the verdict, and let the screen that is shown load."""
        self.overview = message.overview
        self.generation = message.generation
        self.clock = replace(self.clock, first=message.overview.first)
        if self.news is not None:
            self.standing = standing_of(self.news, message.overview)
        self.catch_up()

    def show_judged(self, rows: Sequence[PhoneRow]) -> None:
        """Show phones while others are being judged."""

    def catch_up(self) -> None:
        """What is shown is of an older analysis, or of none."""

    def action_cancel(self) -> None:
        """Break the analysis off."""
        self.link.cancel()

    def action_again(self) -> None:
        """Analyse again."""
        self.news = Progressed("reading", 0, None)
        self.link.begin()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Which actions there are now."""
        match action:
            case "cancel":
                return isinstance(self.news, Progressed | None) and self.link.may_cancel
            case "again":
                return isinstance(self.news, Cancelled | Failed) and self.link.may_cancel
            case _:
                return super().check_action(action, parameters)

    async def action_quit(self) -> None:
        """End with the verdict."""
        self.exit(verdict_of(self.news, self.overview))
