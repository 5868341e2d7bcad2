"""What screens with a list have in common: rows that come in portions, filter and order."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

import numpy as np
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.worker import get_current_worker

from capf_tui.engine.link import NoAnswerError
from capf_tui.order import Keys, Order, arranged, matching
from capf_tui.screens.study_screen import StudyScreen
from capf_tui.widgets.columns import Column
from capf_tui.widgets.filter_bar import FilterBar
from capf_tui.widgets.row_list import RowList
from capf_tui.widgets.tone import Cell

Row = TypeVar("Row")


class Rows(Generic[Row]):
    """The rows that were loaded so far, as a list shows, filters and sorts them."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self.columns: Sequence[Column] = columns
        self.rows: list[Row] = []
        self.texts: list[str] = []

    def __len__(self) -> int:
        return len(self.rows)

    def add(self, rows: Sequence[Row]) -> None:
        """More rows."""
        self.rows += rows
        self.texts += [self.text(row) for row in rows]

    def clear(self) -> None:
        """No rows: they are loaded again."""
        self.rows, self.texts = [], []

    def cells(self, row: int) -> Sequence[Cell]:
        """The fields of a row."""
        raise NotImplementedError

    def text(self, row: Row) -> str:
        """What a filter looks at, in lower case."""
        raise NotImplementedError

    def keys(self, column: int) -> Keys:
        """What to sort by."""
        raise NotImplementedError


class ListScreen(StudyScreen, Generic[Row]):
    """A list with a filter above it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", key_display="/"),
        Binding("s", "sort(1)", "Sort"),
        Binding("S", "turn", "Reverse", show=False),
    ]
    FILTER_BY = ""
    """What a filter looks at, as the empty line says."""
    NOUN = ("row", "rows")

    def __init__(self) -> None:
        super().__init__()
        self.rows = self.make_rows()

    @abstractmethod
    def make_rows(self) -> Rows[Row]:
        """An empty list of rows."""

    @abstractmethod
    def fetch(self, start: int) -> Sequence[Row]:
        """Rows from a number on, from the engine; runs in a thread."""

    def list_body(self) -> ComposeResult:
        """The filter and the list."""
        yield FilterBar(self.FILTER_BY)
        yield RowList(self.rows)

    def on_mount(self) -> None:
        """Keys go to the list."""
        self.row_list.focus()

    @property
    def row_list(self) -> RowList:
        """The list."""
        return self.query_one(RowList)

    # Loading

    def load(self) -> None:
        """Fetch all rows, portion by portion; the first ones are shown at once."""
        self.run_worker(self._load, thread=True, exclusive=True, group="load", exit_on_error=False)

    def _load(self) -> None:
        worker = get_current_worker()
        start = 0
        while not worker.is_cancelled:
            try:
                portion = self.fetch(start)
            except NoAnswerError as error:
                self.app.call_from_thread(self.notify, str(error), severity="error", markup=False)
                return
            self.app.call_from_thread(self._take, start, portion)
            if not portion:
                return
            start += len(portion)

    def _take(self, start: int, portion: Sequence[Row]) -> None:
        if start == 0:
            self.rows.clear()
        self.rows.add(portion)
        if portion and (start == 0 or not self._is_arranged):
            self._append(start)
        else:
            self.rearrange()

    @property
    def _is_arranged(self) -> bool:
        return bool(self.query_one(FilterBar).words) or self.row_list.sorted_by is not None

    def _append(self, start: int) -> None:
        """Show what has come below what there is."""
        self.row_list.show(np.arange(len(self.rows)))
        self._count()
        if start == 0:
            self.first_rows()

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
        order = matching(self.rows.texts, words)
        if by is not None:
            order = arranged(order, self.rows.keys(by[0]), downwards=by[1])
        if not worker.is_cancelled:
            self.app.call_from_thread(self._show_order, order)

    def _show_order(self, order: Order) -> None:
        self.row_list.show(order)
        self._count()

    def _count(self) -> None:
        shown, there = len(self.row_list.order), len(self.rows)
        noun = self.NOUN[there != 1]
        of = f"{shown:,} of {there:,}" if shown != there else f"{there:,}"
        self.query_one(FilterBar).count(f"{of} {noun}")

    def action_filter(self) -> None:
        """Type what to filter by."""
        self.query_one(FilterBar).enter()

    def on_filter_bar_changed(self) -> None:
        """Filter while the user types."""
        self.rearrange()

    def on_filter_bar_left(self) -> None:
        """Back to the rows."""
        self.row_list.focus()

    def action_sort(self, step: int) -> None:
        """Sort by the next column; behind the last one as the report has the rows."""
        columns = len(self.rows.columns)
        present = self.row_list.sorted_by
        following = 0 if present is None else present[0] + step
        self.sort_by(following if following < columns else None)

    def action_turn(self) -> None:
        """Sort the other way round."""
        present = self.row_list.sorted_by or (0, True)
        self.row_list.sorted_by = (present[0], not present[1])
        self.rearrange()

    def sort_by(self, column: int | None, *, downwards: bool = False) -> None:
        """Sort by a column, or as the report has the rows."""
        self.row_list.sorted_by = None if column is None else (column, downwards)
        self.rearrange()

    def on_row_list_header_chosen(self, event: RowList.HeaderChosen) -> None:
        """A click on a title sorts by it; a second one the other way round."""
        present = self.row_list.sorted_by
        turned = present is not None and present[0] == event.column and not present[1]
        self.sort_by(event.column, downwards=turned)
