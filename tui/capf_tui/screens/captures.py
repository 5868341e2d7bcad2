"""The captures, and the matrix of what phones reach in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.worker import get_current_worker

from capf_tui.asking.captures import (
    REACHED_AT_ONCE,
    Captures,
    CapturesAnswer,
    Names,
    ReachOf,
    ReachRow,
    ReachRows,
)
from capf_tui.engine.link import NoAnswerError
from capf_tui.navigation import Place
from capf_tui.screens.capture_tables import CaptureTable, MatrixTable
from capf_tui.screens.list_screen import ListScreen
from capf_tui.screens.study_screen import WIDE
from capf_tui.selection import Selection
from capf_tui.widgets.inspection.capture_pane import CapturePane, capture_lines, reach_lines
from capf_tui.widgets.row_list import RowList
from capfpcap.report.reach import PhoneReach

MOST_REACHED = 1000
"""Phones whose reach is worked out unasked; of more, only of those that come into sight."""


class CapturesScreen(ListScreen[str, PhoneReach]):
    """Captures above, below them the matrix; one row of either in full beside them."""

    NAME = "captures"
    KEYS_GO_TO = "#captures"
    FILTER_BY = "phone"
    NOUN = ("phone", "phones")
    NONE = "The captures show no phone"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Ladder", tooltip="The ladder of the phone"),
    ]

    def make_rows(self) -> MatrixTable:
        """The phones."""
        self._matrix = MatrixTable()
        self._captures = CaptureTable()
        self._about: CapturesAnswer | None = None
        return self._matrix

    def body(self) -> ComposeResult:
        """The two lists, and the pane."""
        with Container(id="parts"):
            with Vertical(id="lists"):
                yield RowList(self._captures, id="captures")
                yield from self.list_body()
            yield CapturePane()

    def on_mount(self) -> None:
        """Times are shown as the user likes."""
        self.watch(self.app, "clock", self._tell_times)

    def _tell_times(self) -> None:
        self._captures.clock = self.study_app.clock
        captures = self.query_one("#captures", RowList)
        captures.lay_out()
        captures.forget()
        self._tell_capture()

    # Loading

    def fetch(self, start: int) -> Sequence[str]:
        """Phones from a number on; the captures with the first ones."""
        if not start:
            about = self.study_app.link.ask(Captures())
            self.app.call_from_thread(self._take_captures, about)
        return self.study_app.link.ask(Names(start)).names

    def _take_captures(self, about: CapturesAnswer) -> None:
        self._about = about
        self._captures.clear()
        self._captures.add(about.captures)
        captures = self.query_one("#captures", RowList)
        captures.styles.height = min(len(about.captures), 6) + 1
        captures.show(np.arange(len(self._captures)))
        self._tell_capture()

    def first_rows(self) -> None:
        """What phones reach is worked out from now on."""
        self._reach_on()

    def _reach_on(self) -> None:
        self.run_worker(
            self._fetch_reach, thread=True, exclusive=True, group="reach", exit_on_error=False
        )

    def _fetch_reach(self) -> None:
        """The phones in sight first."""
        worker = get_current_worker()
        while not worker.is_cancelled:
            numbers = self.app.call_from_thread(self._wanted)
            if not numbers:
                return
            names = tuple(self._matrix.rows[number] for number in numbers)
            try:
                found = self.study_app.link.ask(ReachRows(names)).rows
            except NoAnswerError:
                return
            self.app.call_from_thread(self._take_reach, numbers, found)

    def _wanted(self) -> list[int]:
        """The phones whose reach is wanted next."""
        reached = self._matrix.reached
        sight = [number for number in self.row_list.visible_rows() if number not in reached]
        if not sight and len(self._matrix) <= MOST_REACHED:
            sight = [number for number in range(len(self._matrix)) if number not in reached]
        return sight[:REACHED_AT_ONCE]

    def _take_reach(self, numbers: Sequence[int], found: Sequence[ReachRow]) -> None:
        self._matrix.reached.update(zip(numbers, found, strict=True))
        self.row_list.forget()

    # What is under the cursor

    def on_row_list_highlighted(self, event: RowList.Highlighted) -> None:
        """Tell more of a capture, or of a phone in the matrix."""
        if event.rows is not self.row_list:
            self._tell_capture()
        elif len(self._matrix) > MOST_REACHED:
            self._reach_on()

    def on_descendant_focus(self) -> None:
        """The pane tells of the list that has the keys."""
        if self.focused is self.row_list:
            self.show_story(self.told)
        elif self.focused is self.query_one("#captures", RowList):
            self._tell_capture()

    def _capture_lines(self) -> list[Content]:
        row, about = self.query_one("#captures", RowList).row, self._about
        if row is None or about is None:
            return []
        clock = self.study_app.clock
        return list(capture_lines(about.captures[row], about.findings, about.notes, clock))

    def _tell_capture(self) -> None:
        if self.focused is not self.row_list:
            self.query_one(CapturePane).tell(self._capture_lines())

    def on_resize(self) -> None:
        """The pane's lines have another width."""
        self.call_after_refresh(lambda: self.show_story(self.told))

    def fetch_story(self, row: str) -> PhoneReach:
        """What a phone reaches, in full."""
        return self.study_app.link.ask(ReachOf(row))

    def show_story(self, story: PhoneReach | None) -> None:
        """Show it, where the matrix has the keys."""
        if self.focused is self.row_list:
            pane = self.query_one(CapturePane)
            pane.tell([] if story is None else list(reach_lines(story, pane.cells)))

    # Places

    def place_of(self, row: str) -> Place:
        """The phone under the cursor."""
        return Place(self.NAME, phone=row)

    def is_at(self, row: str, place: Place) -> bool:
        """Whether a row is a place's phone."""
        return row == place.phone

    @property
    def selection(self) -> Selection | None:
        """What the pane tells of."""
        told, about = self.told, self._about
        if self.focused is self.row_list and told is not None:
            text = "".join(f"{line.plain}\n" for line in reach_lines(told, WIDE))
            return Selection(f"reach of {told.name}", text, told)
        row = self.query_one("#captures", RowList).row
        if about is None or row is None:
            return None
        text = "".join(f"{line.plain}\n" for line in self._capture_lines())
        details = about.captures[row]
        return Selection(f"capture {details.capture.id}", text, details, "", details.capture.id)

    def on_row_list_chosen(self) -> None:
        """Open the phone's ladder."""
        self.action_open()

    def action_open(self) -> None:
        """The ladder of the phone under the cursor of the matrix."""
        if self.focused is self.row_list and self.present is not None:
            self.study_app.go(Place("ladder", phone=self.present))
