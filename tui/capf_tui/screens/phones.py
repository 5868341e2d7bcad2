"""The phones: which failed, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.worker import get_current_worker

from capf_tui.asking.phones import (
    Chains,
    PhoneRow,
    PhoneRows,
    PhoneStory,
    PhoneStoryAnswer,
    Trouble,
)
from capf_tui.engine.link import NoAnswerError
from capf_tui.navigation import Place
from capf_tui.order import Keys
from capf_tui.screens.list_screen import ListScreen
from capf_tui.screens.rows import Rows, address_key
from capf_tui.selection import Selection
from capf_tui.widgets.columns import Column
from capf_tui.widgets.panes.story import Story, plain_story
from capf_tui.widgets.tone import Cell, Span, Tone, cell
from capf_tui.words import OUTCOME_TONES, STATE_MARKS, TROUBLE_MARKS, outcome_words
from capfpcap.formats.display_filter import of_addresses
from capfpcap.formats.steps import STEP_LABELS, State

CHAINS_AT_ONCE = 100
"""Phones whose steps are asked for at once."""

_GRAVEST_FIRST = tuple(Trouble)
_OUTCOME = 3
"""Position of the column with the outcome."""


class PhoneTable(Rows[PhoneRow]):
    """The phones and, once they are known, their chains."""

    def __init__(self) -> None:
        super().__init__()
        self.chains: dict[int, list[State | None]] = {}
        self._outcome_shown = True

    def laid_out(self, widths: Sequence[int]) -> None:
        """Narrow screens have no column for the outcome."""
        self._outcome_shown = bool(widths[_OUTCOME])

    @property
    def columns(self) -> Sequence[Column]:
        """Narrow screens leave out what the story says."""
        return (
            Column("", 1),
            Column("Phone", 15),
            Column("Address", 15, from_width=100),
            Column("Outcome", 13, from_width=90),
            Column("Chain", len(STEP_LABELS)),
            Column("Tries", 5, from_width=100, right=True),
            Column(self.clock.title("Began"), self.clock.width, from_width=110),
            Column("Root cause", 15, stretches=True),
        )

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
            cell(self.clock.text(phone.began)),
            self._cause(phone),
        )

    def _cause(self, phone: PhoneRow) -> Cell:
        """Why it failed; where nothing is wrong and there is no room for a column, how it ended."""
        if phone.code or self._outcome_shown:
            return (Span(phone.cause or phone.code),)
        return cell(outcome_words(phone.outcome), OUTCOME_TONES[phone.outcome])

    def text(self, row: PhoneRow) -> str:
        """Name, address, outcome, code and cause."""
        outcome = outcome_words(row.outcome)
        return f"{row.name} {row.address} {outcome} {row.code} {row.cause}".lower()

    def keys(self, column: int) -> Keys:
        """What to sort by."""
        rows = self.rows
        match column:
            case 0:
                return [float(_GRAVEST_FIRST.index(row.trouble)) for row in rows]
            case 1:
                return [row.name for row in rows]
            case 2:
                return [address_key(row.address) for row in rows]
            case 3:
                return [row.outcome.value for row in rows]
            case 4:
                return [_reached(self.chains.get(number)) for number in range(len(rows))]
            case 5:
                return [float(row.attempts) for row in rows]
            case 6:
                return [float(row.began or 0) for row in rows]
            case _:
                return [row.cause for row in rows]


def _reached(chain: list[State | None] | None) -> float:
    """How far a phone came: the first step that failed."""
    states = chain or []
    return float(states.index(State.FAILED) if State.FAILED in states else len(STEP_LABELS))


class PhonesScreen(ListScreen[PhoneRow, PhoneStoryAnswer]):
    """The phones above, the story of one of them below."""

    NAME = "phones"
    FILTER_BY = "name, address, outcome, code"
    NOUN = ("phone", "phones")
    NONE = "The captures show no phone"
    SORTED_BY = (0, False)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Ladder", tooltip="The ladder of the phone")
    ]

    def make_rows(self) -> PhoneTable:
        """The phones."""
        self._table = PhoneTable()
        return self._table

    def fetch(self, start: int) -> Sequence[PhoneRow]:
        """Phones from a number on."""
        return self.study_app.link.ask(PhoneRows(start)).rows

    def body(self) -> ComposeResult:
        """The list, and below it the story."""
        yield from self.list_body()
        yield Story()

    def fetch_story(self, row: PhoneRow) -> PhoneStoryAnswer:
        """All that is said of a phone."""
        return self.study_app.link.ask(PhoneStory(row.name))

    def show_story(self, story: PhoneStoryAnswer | None) -> None:
        """Show it."""
        self.query_one(Story).show(story)

    def place_of(self, row: PhoneRow) -> Place:
        """The phone under the cursor."""
        return Place(self.NAME, phone=row.name)

    def is_at(self, row: PhoneRow, place: Place) -> bool:
        """Whether a row is a place's phone."""
        return row.name == place.phone

    @property
    def selection(self) -> Selection | None:
        """The phone under the cursor."""
        if self.told is None:
            return None
        phone = self.told.phone
        return Selection(
            f"phone {phone.name}", plain_story(self.told), self.told, of_addresses(phone.addresses)
        )

    def on_row_list_chosen(self) -> None:
        """Open the phone's ladder."""
        self.action_open()

    def action_open(self) -> None:
        """The ladder of the phone under the cursor."""
        if self.present is not None:
            self.study_app.go(Place("ladder", phone=self.present.name))

    def show_judged(self, rows: Sequence[PhoneRow]) -> None:
        """Show phones while others are being judged; there is no more to tell of them yet."""
        self.rows.add(rows)
        self.show_order(np.arange(len(self.rows)))

    # The chains

    def first_rows(self) -> None:
        """Steps are worked out from now on."""
        self.run_worker(
            self._fetch_chains, thread=True, exclusive=True, group="chains", exit_on_error=False
        )

    def _fetch_chains(self) -> None:
        """The steps of phones in sight first, then of all."""
        worker = get_current_worker()
        while not worker.is_cancelled:
            numbers = self.app.call_from_thread(self._without_chains)
            if not numbers:
                return
            try:
                found = self.study_app.link.ask(Chains(tuple(numbers))).chains
            except NoAnswerError:
                return
            self.app.call_from_thread(self._take_chains, numbers, found)

    def _without_chains(self) -> list[int]:
        """The phones whose steps are wanted next; none once all are known."""
        chains, known = self._table.chains, len(self._table.chains)
        sight = [number for number in self.row_list.visible_rows() if number not in chains]
        if sight or known < len(self._table):
            following = range(known, min(known + CHAINS_AT_ONCE, len(self._table)))
            sight += [number for number in following if number not in chains]
        missing = sight or [one for one in range(len(self._table)) if one not in chains]
        return list(dict.fromkeys(missing))[:CHAINS_AT_ONCE]

    def _take_chains(self, numbers: Sequence[int], found: Sequence[list[State | None]]) -> None:
        self._table.chains.update(zip(numbers, found, strict=True))
        if set(numbers) & set(self.row_list.visible_rows()):
            self.row_list.forget()
