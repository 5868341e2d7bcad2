"""The phones: which failed, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.worker import get_current_worker

from capf_tui.asking.phones import Chains, PhoneRow, PhoneRows, PhoneStory, PhoneStoryAnswer
from capf_tui.engine.link import NoAnswerError
from capf_tui.navigation import Place
from capf_tui.order import Keys
from capf_tui.screens.list_screen import ListScreen, Rows
from capf_tui.widgets.columns import Column
from capf_tui.widgets.row_list import RowList
from capf_tui.widgets.story import Story
from capf_tui.widgets.tone import Cell, Span, Tone, cell
from capf_tui.words import OUTCOME_TONES, STATE_MARKS, TROUBLE_MARKS, outcome_words
from capfpcap.formats.steps import STEP_LABELS, State

CHAINS_AT_ONCE = 100
"""Phones whose steps are asked for at once."""

_COLUMNS = (
    Column("", 1),
    Column("Phone", 15),
    Column("Address", 15),
    Column("Outcome", 13),
    Column("Chain", len(STEP_LABELS)),
    Column("Tries", 5, from_width=100, right=True),
    Column("Began", 12, from_width=120),
    Column("Root cause", 16, stretches=True),
)

_UNKNOWN: list[State | None] = []


class PhoneTable(Rows[PhoneRow]):
    """The phones and, once they are known, their chains."""

    def __init__(self) -> None:
        super().__init__(_COLUMNS)
        self.chains: dict[int, list[State | None]] = {}

    def clear(self) -> None:
        """No rows and no chains."""
        super().clear()
        self.chains = {}

    def cells(self, row: int) -> Sequence[Cell]:
        """The fields of a phone."""
        phone = self.rows[row]
        chain = self.chains.get(row)
        return (
            (TROUBLE_MARKS[phone.trouble],),
            cell(phone.name, Tone.STRONG),
            cell(phone.address),
            cell(outcome_words(phone.outcome), OUTCOME_TONES[phone.outcome]),
            cell("…", Tone.FAINT) if chain is None else tuple(STATE_MARKS[one] for one in chain),
            cell(str(phone.attempts)),
            cell(phone.began[11:23]),
            (Span(phone.cause or phone.code),),
        )

    def text(self, row: PhoneRow) -> str:
        """Name, address, outcome, code and cause."""
        outcome = outcome_words(row.outcome)
        return f"{row.name} {row.address} {outcome} {row.code} {row.cause}".lower()

    def keys(self, column: int) -> Keys:
        """What to sort by."""
        rows = self.rows
        match column:
            case 0:
                return [TROUBLE_ORDER[row.trouble.value] for row in rows]
            case 1:
                return [row.name for row in rows]
            case 2:
                return [_address_key(row.address) for row in rows]
            case 3:
                return [row.outcome.value for row in rows]
            case 4:
                return [_reached(self.chains.get(number)) for number in range(len(rows))]
            case 5:
                return [float(row.attempts) for row in rows]
            case 6:
                return [row.began for row in rows]
            case _:
                return [row.cause for row in rows]


TROUBLE_ORDER = {"failed": 0.0, "warned": 1.0, "none": 2.0}


def _address_key(address: str) -> str:
    """An address so that texts are sorted as numbers are."""
    return ".".join(f"{part:>3}" for part in address.split("."))


def _reached(chain: list[State | None] | None) -> float:
    """How far a phone came: the first step that failed."""
    states = chain or _UNKNOWN
    failed = [number for number, state in enumerate(states) if state is State.FAILED]
    return float(failed[0] if failed else len(states))


class PhonesScreen(ListScreen[PhoneRow]):
    """The phones above, the story of one of them below."""

    NAME = "phones"
    FILTER_BY = "name, address, outcome, code"
    NOUN = ("phone", "phones")
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "open", "Ladder")]

    def __init__(self) -> None:
        self._table = PhoneTable()
        super().__init__()
        self._wanted: str | None = None

    def make_rows(self) -> PhoneTable:
        """The phones."""
        return self._table

    def fetch(self, start: int) -> Sequence[PhoneRow]:
        """Phones from a number on."""
        return self.study_app.link.ask(PhoneRows(start)).rows

    def body(self) -> ComposeResult:
        """The list, and below it the story."""
        yield from self.list_body()
        yield Story()

    def first_rows(self) -> None:
        """Steps are worked out from now on."""
        self.run_worker(
            self._fetch_chains, thread=True, exclusive=True, group="chains", exit_on_error=False
        )

    def _fetch_chains(self) -> None:
        """The steps of phones in sight first, then of all."""
        worker = get_current_worker()
        chains = self._table.chains
        following = 0
        while not worker.is_cancelled:
            sight = self.app.call_from_thread(self.row_list.visible_rows)
            numbers = [number for number in sight if number not in chains]
            while len(numbers) < CHAINS_AT_ONCE and following < len(self._table):
                if following not in chains and following not in numbers:
                    numbers.append(following)
                following += 1
            if not numbers:
                if len(chains) >= len(self._table):
                    return
                following = 0
                continue
            try:
                found = self.study_app.link.ask(Chains(tuple(numbers))).chains
            except NoAnswerError:
                return
            self.app.call_from_thread(self._take_chains, numbers, found)

    def _take_chains(self, numbers: Sequence[int], found: Sequence[list[State | None]]) -> None:
        self._table.chains.update(zip(numbers, found, strict=True))
        if set(numbers) & set(self.row_list.visible_rows()):
            self.row_list.forget()

    # The story

    def on_row_list_highlighted(self, event: RowList.Highlighted) -> None:
        """Tell the story of the phone under the cursor."""
        self._wanted = None if event.row is None else self._table.rows[event.row].name
        if self._wanted is None:
            self.query_one(Story).show_nothing()
            return
        self.run_worker(
            self._fetch_story, thread=True, exclusive=True, group="story", exit_on_error=False
        )

    def _fetch_story(self) -> None:
        name = self._wanted
        if name is None:
            return
        try:
            story = self.study_app.link.ask(PhoneStory(name))
        except NoAnswerError:
            return
        self.app.call_from_thread(self._tell, name, story)

    def _tell(self, name: str, story: PhoneStoryAnswer) -> None:
        if name == self._wanted:
            self.query_one(Story).show(story)

    # Places

    @property
    def place(self) -> Place:
        """The phone under the cursor."""
        return Place(self.NAME, phone=self._wanted)

    def show(self, place: Place) -> None:
        """Put the cursor on a phone."""
        if place.phone is None:
            return
        for number, row in enumerate(self._table.rows):
            if row.name == place.phone:
                self.row_list.go_to(number)
                return

    def on_row_list_chosen(self) -> None:
        """Open the phone's ladder."""
        self.action_open()

    def action_open(self) -> None:
        """The ladder of the phone under the cursor."""
        if self._wanted is not None:
            self.study_app.go(Place("ladder", phone=self._wanted))
