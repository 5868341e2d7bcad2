"""What screens with a list have in common: rows in portions, filter, order, and one in full."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar, Generic, TypeVar

import numpy as np
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.worker import get_current_worker

from capf_tui.clock import Clock
from capf_tui.engine.link import NoAnswerError
from capf_tui.navigation import Place
from capf_tui.order import Matches, Order, arranged
from capf_tui.screens.rows import Row, Rows
from capf_tui.screens.study_screen import StudyScreen
from capf_tui.selection import as_json
from capf_tui.tables import as_csv, as_text
from capf_tui.widgets.filter_bar import FilterBar
from capf_tui.widgets.row_list import RowList
from capf_tui.widgets.tone import Cell

Story = TypeVar("Story")


class ListScreen(StudyScreen, Generic[Row, Story]):
    """A list with a filter above it, and a pane that tells more of the row under the cursor."""

    AUTO_FOCUS: ClassVar[str | None] = "RowList"
    """The rows, not the filter: digits that are typed at once choose screens."""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", key_display="/", tooltip="Type words to filter by"),
        Binding("s", "sort", "Sort", tooltip="Sort by the next column"),
        Binding("S", "turn", "Turn", show=False, tooltip="Sort the other way round"),
    ]
    KEYS_GO_TO = "#rows"
    """The list that has the keyboard at first."""
    FILTER_BY = ""
    """What a filter looks at, as the empty line says."""
    NOUN = ("row", "rows")
    NONE = ""
    """What is said where there are no rows."""
    SORTED_BY: ClassVar[tuple[int, bool] | None] = None
    """The column by which the list is sorted at first, and whether downwards."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = self.make_rows()
        self._matches = Matches()
        self.present: Row | None = None
        """The row under the cursor."""
        self.told: Story | None = None
        """What the pane tells of it."""
        self._sought: Place | None = None
        """The place to be shown once its row is loaded."""

    @abstractmethod
    def make_rows(self) -> Rows[Row]:
        """An empty list of rows."""

    @abstractmethod
    def fetch(self, start: int) -> Sequence[Row]:
        """Rows from a number on, from the engine; runs in a thread."""

    def fetch_story(self, row: Row) -> Story:
        """All that is said of a row, from the engine; runs in a thread."""
        raise NotImplementedError

    @abstractmethod
    def show_story(self, story: Story | None) -> None:
        """Show what is said of the row under the cursor; None: there is none."""

    @abstractmethod
    def place_of(self, row: Row) -> Place:
        """Where the user is with the cursor on a row."""

    @abstractmethod
    def is_at(self, row: Row, place: Place) -> bool:
        """Whether a row is what a place shows."""

    def list_body(self) -> ComposeResult:
        """The filter and the list."""
        yield FilterBar(self.FILTER_BY)
        yield RowList(self.rows, id="rows")

    def on_mount(self) -> None:
        """Keys go to the list; times are shown as the user likes."""
        self.query_one(self.KEYS_GO_TO, RowList).focus()
        self.row_list.sorted_by = self.study_app.sorted_by(self.NAME, self.SORTED_BY)
        self.watch(self.app, "clock", self._tell_time)

    @property
    def row_list(self) -> RowList:
        """The list."""
        return self.query_one("#rows", RowList)

    def _tell_time(self, clock: Clock) -> None:
        self.rows.clock = clock
        self.row_list.lay_out()
        self._highlight()

    # Loading

    def load(self) -> None:
        """Fetch all rows, portion by portion; the first ones are shown at once.

        Of captures that have grown, the cursor stays on its row, unless that is the top.
        """
        if self._sought is None:
            self._sought = self.kept_place()
        self.run_worker(self._load, thread=True, exclusive=True, group="load", exit_on_error=False)

    def kept_place(self) -> Place | None:
        """Where the cursor stays while rows are loaded again."""
        return self.place if self.row_list.cursor else None

    def _load(self) -> None:
        worker = get_current_worker()
        start = 0
        while not worker.is_cancelled:
            try:
                portion = self.fetch(start)
            except NoAnswerError as error:
                self.app.call_from_thread(self.notify, str(error), severity="error", markup=False)
                return
            self.app.call_from_thread(self.take, start, portion)
            if not portion:
                return
            start += len(portion)

    def take(self, start: int, portion: Sequence[Row]) -> None:
        """Show a portion of the rows."""
        if start == 0:
            self.rows.clear()
        self.rows.add(portion)
        if start == 0:
            self.show_order(np.arange(len(self.rows)))
            self.first_rows()
        elif not portion and (self.is_arranged or len(self.row_list.order) < len(self.rows)):
            self.rearrange()
        if self._sought is not None:
            self.seek(self._sought)
        if not portion:
            self._sought = None

    def first_rows(self) -> None:
        """The first rows are here."""

    # Filter and order

    def rearrange(self) -> None:
        """Show the rows that match, in the order that was chosen; worked out in a thread."""
        words, by = self.query_one(FilterBar).words, self.row_list.sorted_by
        self.run_worker(
            lambda: self._work_out(words, by), thread=True, exclusive=True, group="arrange"
        )

    def _work_out(self, words: str, by: tuple[int, bool] | None) -> None:
        worker = get_current_worker()
        order = self._matches.of(self.rows.texts, words)
        if by is not None:
            order = arranged(order, self.rows.keys(by[0]), downwards=by[1])
        if not worker.is_cancelled:
            self.app.call_from_thread(self.show_order, order)

    def show_order(self, order: Order) -> None:
        """Show these rows in this order."""
        shown, there = len(order), len(self.rows)
        self.row_list.nothing = self._why_none()
        self.row_list.show(order)
        of = f"{shown:,} of {there:,}" if shown != there else f"{there:,}"
        self.query_one(FilterBar).count(f"{of} {self.NOUN[there != 1]}")

    def _why_none(self) -> str:
        """What is said where no row is shown."""
        if len(self.rows):
            return f"No {self.NOUN[0]} matches the filter"
        return self.NONE if self.loaded else ""

    @property
    def is_arranged(self) -> bool:
        """Whether rows are filtered or sorted."""
        return bool(self.query_one(FilterBar).words) or self.row_list.sorted_by is not None

    def action_filter(self) -> None:
        """Type what to filter by."""
        self.query_one(FilterBar).enter()

    def on_filter_bar_changed(self) -> None:
        """Filter while the user types."""
        self.rearrange()

    def on_filter_bar_left(self) -> None:
        """Back to the rows."""
        self.row_list.focus()

    def action_sort(self) -> None:
        """Sort by the next column that is shown; behind the last one as the report has the rows."""
        present = self.row_list.sorted_by
        following = 0 if present is None else present[0] + 1
        left = [column for column in self.row_list.columns_shown if column >= following]
        self.sort_by(left[0] if left else None)

    def action_turn(self) -> None:
        """Sort the other way round."""
        column, downwards = self.row_list.sorted_by or (0, False)
        self.sort_by(column, downwards=not downwards)

    def sort_by(self, column: int | None, *, downwards: bool = False) -> None:
        """Sort by a column, or as the report has the rows."""
        self.row_list.sorted_by = None if column is None else (column, downwards)
        self.study_app.keep_sorted(self.NAME, self.row_list.sorted_by)
        self.rearrange()

    def on_row_list_header_chosen(self, event: RowList.HeaderChosen) -> None:
        """A click on a title sorts by it; a second one the other way round."""
        turned = self.row_list.sorted_by == (event.column, False)
        self.sort_by(event.column, downwards=turned)

    # The row under the cursor

    def on_row_list_highlighted(self, event: RowList.Highlighted) -> None:
        """Tell more of the row under the cursor."""
        if event.rows is self.row_list:
            self._highlight()

    def _highlight(self) -> None:
        row = self.row_list.row
        self.present = None if row is None else self.rows.rows[row]
        if self.present is None or not self.loaded:
            self._tell(None)
            return
        self.tell_more()

    def tell_more(self) -> None:
        """Tell all that is said of the row under the cursor, once the engine has said it."""
        self.run_worker(
            self._fetch_story, thread=True, exclusive=True, group="story", exit_on_error=False
        )

    def _fetch_story(self) -> None:
        row = self.present
        if row is None:
            return
        try:
            story = self.fetch_story(row)
        except NoAnswerError:
            return
        self.app.call_from_thread(self._tell_of, row, story)

    def _tell_of(self, row: Row, story: Story) -> None:
        if row is self.present:
            self._tell(story)

    def _tell(self, story: Story | None) -> None:
        self.told = story
        self.show_story(story)

    def exports(self) -> dict[str, Callable[[], str]]:
        """The rows that are shown, as text, CSV or JSON."""
        rows, shown = self.rows, [int(row) for row in self.row_list.order]

        def fields() -> Iterator[Sequence[Cell]]:
            return map(rows.cells, shown)

        return {
            ".txt": lambda: as_text(rows.heads(None), fields()),
            ".csv": lambda: as_csv(rows.heads(None), fields()),
            ".json": lambda: as_json([rows.rows[row] for row in shown]),
        }

    @property
    def place(self) -> Place:
        """The row under the cursor."""
        return Place(self.NAME) if self.present is None else self.place_of(self.present)

    def show(self, place: Place) -> None:
        """Put the cursor on a place's row, once it is loaded."""
        self.seek(place)

    def seek(self, place: Place) -> None:
        """Put the cursor on a place's row, or wait for it to be loaded."""
        self._sought = None
        if place == Place(self.NAME):
            return
        if self.row_list.row is not None and self.is_at(self.rows.rows[self.row_list.row], place):
            return
        for number, row in enumerate(self.rows.rows):
            if self.is_at(row, place):
                self.row_list.go_to(number)
                return
        self._sought = place
