"""The ladder of a phone or a flow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content

from capf_tui.asking.ladders import LadderOf
from capf_tui.navigation import Place
from capf_tui.screens.ladder_rows import Item, LadderTable, items_of
from capf_tui.screens.list_screen import ListScreen
from capf_tui.selection import Selection
from capf_tui.widgets.panes.message_pane import MessagePane, gap_lines, message_lines
from capfpcap.formats.display_filter import of_frames
from capfpcap.formats.ladders import render
from capfpcap.formats.ladders.words import Times
from capfpcap.formats.page import WIDEST, Page
from capfpcap.ladder.model import Gap, Ladder, Message
from capfpcap.report import Severity

_FORMS = {".txt": "text", ".svg": "svg", ".mmd": "mermaid", ".json": "json"}
_NOBODY = "No phone and no flow is chosen: the screens Phones and Flows have them all"


class LadderScreen(ListScreen[Item, Item]):
    """Messages between lanes above, one of them in full below."""

    NAME = "ladder"
    FILTER_BY = "words of the messages"
    NOUN = ("line", "lines")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Details", tooltip="Take the message apart"),
        Binding("n", "finding(1)", "Next", tooltip="To the next message that proves a finding"),
        Binding("N", "finding(-1)", "Before", show=False, tooltip="To the one before"),
        Binding("v", "other_point", "Point", tooltip="The packet at the other vantage point"),
        Binding("W", "tree", "Tree", tooltip="The packet as Wireshark's tshark dissects it"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._subject: Place | None = None
        """Whose ladder is shown or fetched."""
        self._fetched: Ladder | None = None
        """Not shown before its lines are."""
        self._shown: Place | None = None
        """Whose lines are shown."""
        self._point = 0
        """Which of the places that show the message is looked at."""

    def make_rows(self) -> LadderTable:
        """The lines of a ladder."""
        self._table = LadderTable()
        return self._table

    def body(self) -> ComposeResult:
        """The ladder, and below it the message under the cursor."""
        yield from self.list_body()
        yield MessagePane()

    # Whose ladder

    def show(self, place: Place) -> None:
        """Fetch the ladder that holds a place, unless it is here, and go there in it."""
        wanted = Place(self.NAME, phone=place.phone, flow=None if place.phone else place.flow)
        nothing_new = wanted == Place(self.NAME) or self._holds(place)
        if not nothing_new:
            self._subject = wanted
        self._sought = place if place.frame is not None or place.flow is not None else None
        if nothing_new and self.rows.rows:
            self.seek(place)
        elif self.study_app.generation:
            self.loaded = self.study_app.generation
            self.load()

    def _holds(self, place: Place) -> bool:
        """Whether a place is in the ladder that is shown."""
        subject = self._subject
        if subject is None or place.phone not in {None, subject.phone}:
            return False
        if place.frame is not None:
            return any(self.is_at(item, place) for item in self.rows.rows)
        return place.phone is not None or place.flow == subject.flow

    def kept_place(self) -> Place | None:
        """None in a ladder that is shown instead of another."""
        return super().kept_place() if self._shown == self._subject else None

    def fetch(self, start: int) -> Sequence[Item]:
        """All lines at once: a ladder is bounded."""
        if start or self._subject is None:
            return []
        subject = LadderOf(self._subject.phone, self._subject.flow)
        self._fetched = self.study_app.link.ask(subject)
        return items_of(self._fetched)

    def take(self, start: int, portion: Sequence[Item]) -> None:
        """Show the ladder that was fetched."""
        if start == 0:
            self._table.ladder = self._fetched if portion else None
            self._shown = self._subject
        super().take(start, portion)

    def first_rows(self) -> None:
        """Lanes have other places."""
        self.row_list.lay_out()
        if self._sought is None:
            self._to_the_worst()

    def _to_the_worst(self) -> None:
        """To the first message that proves the gravest finding: what failed is seen at once."""
        graded = [
            (worst, row)
            for row, item in enumerate(self._table.rows)
            if item.message is not None and (worst := self._table.worst(item.message)) is not None
        ]
        if graded:
            grave = list(Severity)
            self.row_list.go_to(min(graded, key=lambda one: grave.index(one[0]))[1])

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A ladder is in the order of time."""
        return action not in {"sort", "turn"} and super().check_action(action, parameters)

    @property
    def _message(self) -> Message | None:
        return self.present.message if self.present else None

    # The message under the cursor

    def tell_more(self) -> None:
        """All is here."""
        self._tell(self.present)

    def show_story(self, story: Item | None) -> None:  # noqa: ARG002 - it is the present row
        """Show the message in full."""
        self._point = 0
        self._tell_message()

    def _tell_message(self) -> None:
        item, clock = self.present, self.study_app.clock
        lines = [] if self._subject else [Content(_NOBODY)]
        if item is not None and item.message is not None:
            found = self._table.findings(item.message)
            lines = list(message_lines(item.message, self._point, found, clock))
        elif item is not None and isinstance(item.row, Gap):
            lines = list(gap_lines(item.row, clock))
        elif item is not None and item.group is not None:
            lines = [Content.styled(item.group.text, "bold")]
        self.query_one(MessagePane).tell(lines)

    def action_other_point(self) -> None:
        """Look at the same packet where the next capture shows it."""
        if self._message is not None:
            self._point = (self._point + 1) % len(self._message.seen)
            self._tell_message()

    def action_finding(self, step: int) -> None:
        """To the next message that a finding names as evidence."""
        order = [int(row) for row in self.row_list.order]
        here = self.row_list.cursor
        ahead = (
            order[here + 1 :] + order[:here]
            if step > 0
            else (order[:here][::-1] + order[here + 1 :][::-1])
        )
        for row in ahead:
            message = self._table.rows[row].message
            if message is not None and message.findings:
                self.row_list.go_to(row)
                return
        self.notify("No finding names another message of this ladder", markup=False)

    # Places

    def place_of(self, row: Item) -> Place:
        """The frame under the cursor."""
        subject = self._subject or Place(self.NAME)
        message = row.message
        if message is None:
            return subject
        seen = message.seen[min(self._point, len(message.seen) - 1)]
        return Place(
            self.NAME,
            phone=subject.phone,
            flow=subject.flow,
            capture=seen.capture,
            frame=seen.frame,
        )

    @property
    def place(self) -> Place:
        """The frame under the cursor, or whose ladder it is."""
        return super().place if self.present else self._subject or Place(self.NAME)

    def is_at(self, row: Item, place: Place) -> bool:
        """Whether a message was brought by a place's frame, or is of its flow."""
        message = row.message
        if message is None or place.frame is None:
            return message is not None and message.flow == place.flow
        return any(
            seen.capture == place.capture and seen.frame == place.frame for seen in message.seen
        )

    @property
    def selection(self) -> Selection | None:
        """The message under the cursor, as the chosen vantage point shows it."""
        message = self._message
        if message is None:
            return None
        seen = message.seen[self._point]
        found = self._table.findings(message)
        lines = message_lines(message, self._point, found, self.study_app.clock)
        return Selection(
            f"frame {seen.capture}:{seen.frame}",
            "".join(f"{line.plain}\n" for line in lines),
            message,
            of_frames([seen.frame]),
            seen.capture,
            seen.frame,
        )

    def exports(self) -> dict[str, Callable[[], str]]:
        """The whole ladder, as ``capfpcap ladder`` draws it."""
        ladder, clock = self._table.ladder, self.study_app.clock
        if ladder is None:
            return {}
        page = Page(zone=clock.shown_zone, width=WIDEST)
        times = Times.RELATIVE if clock.counts else Times.CLOCK

        def drawn(name: str) -> Callable[[], str]:
            return lambda: b"".join(render(ladder, name, page, times)).decode()

        return {suffix: drawn(name) for suffix, name in _FORMS.items()}

    def on_row_list_chosen(self) -> None:
        """Open the message's details."""
        self.action_open()

    def action_open(self) -> None:
        """The details of the message under the cursor."""
        self._open()

    def action_tree(self) -> None:
        """The details with Wireshark's tree beside them."""
        self._open(wireshark=True)

    def _open(self, *, wireshark: bool = False) -> None:
        message = self._message
        if message is not None:
            seen = message.seen[self._point]
            place = Place(
                "details",
                flow=message.flow,
                capture=seen.capture,
                frame=seen.frame,
                item=message.item,
                wireshark=wireshark,
            )
            self.study_app.go(place)
