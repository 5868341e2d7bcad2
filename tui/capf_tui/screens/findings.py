"""The findings, with what proves each, what it means and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical

from capf_tui.asking.findings import FindingPage, FindingPageAnswer, FindingRow, FindingRows
from capf_tui.clock import nanoseconds
from capf_tui.navigation import Place
from capf_tui.order import Keys
from capf_tui.screens.list_screen import ListScreen
from capf_tui.screens.rows import Rows
from capf_tui.selection import Selection
from capf_tui.widgets.columns import Column
from capf_tui.widgets.panes.finding_page import FindingPagePane, page_lines
from capf_tui.widgets.row_list import RowList
from capf_tui.widgets.tone import Cell, Span, Tone, cell
from capf_tui.words import CERTAINTY_MARKS, SEVERITY_MARKS, SEVERITY_TONES
from capfpcap.formats.display_filter import of_frames
from capfpcap.report import Evidence, Severity

_GRAVEST_FIRST = tuple(Severity)


class FindingTable(Rows[FindingRow]):
    """The findings."""

    @property
    def columns(self) -> Sequence[Column]:
        """Narrow screens leave out what the page says."""
        return (
            Column("", 2),
            Column("Phone", 15),
            Column("Finding", 24, stretches=True),
            Column("Code", 24, from_width=100),
            Column("Step", 11, from_width=120),
        )

    def cells(self, row: int) -> Sequence[Cell]:
        """The fields of a finding."""
        finding = self.rows[row]
        tone = Tone.FAINT if finding.resolved else SEVERITY_TONES[finding.severity]
        return (
            (SEVERITY_MARKS[finding.severity], CERTAINTY_MARKS[finding.certainty]),
            cell(finding.phone or "-", Tone.STRONG if finding.phone else Tone.FAINT),
            (Span(finding.title, tone),),
            cell(finding.code),
            cell(finding.stage.value),
        )

    def text(self, row: FindingRow) -> str:
        """Severity, certainty, phone, code, stage, flow and title."""
        words = f"{row.severity.value} {row.certainty.value} {row.phone} {row.code}"
        return f"{words} {row.stage.value} {row.flow} {row.title}".lower()

    def keys(self, column: int) -> Keys:
        """What to sort by."""
        rows = self.rows
        match column:
            case 0:
                return [float(_GRAVEST_FIRST.index(row.severity)) for row in rows]
            case 1:
                return [row.phone for row in rows]
            case 2:
                return [row.title for row in rows]
            case 3:
                return [row.code for row in rows]
            case _:
                return [row.stage.value for row in rows]


class EvidenceTable(Rows[Evidence]):
    """The frames that prove one finding."""

    @property
    def columns(self) -> Sequence[Column]:
        """Where, when, what."""
        return (
            Column("Evidence", 18),
            Column(self.clock.title("Time"), self.clock.width),
            Column("What it shows", 20, stretches=True),
        )

    def cells(self, row: int) -> Sequence[Cell]:
        """The fields of a frame."""
        evidence = self.rows[row]
        return (
            cell(evidence.place, Tone.STRONG),
            cell(self.clock.text(nanoseconds(evidence.time)) if evidence.time else "", Tone.FAINT),
            cell(evidence.note),
        )

    def text(self, row: Evidence) -> str:
        """The note."""
        return row.note.lower()

    def keys(self, column: int) -> Keys:  # noqa: ARG002
        """Evidence stays in the report's order."""
        return []


class FindingsScreen(ListScreen[FindingRow, FindingPageAnswer]):
    """Findings and evidence on one side, the page on the finding on the other."""

    NAME = "findings"
    FILTER_BY = "severity, phone, code, words"
    NOUN = ("finding", "findings")
    NONE = "Nothing was found"
    SORTED_BY = (0, False)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Ladder", tooltip="The ladder, at the frame that proves it"),
        Binding("n", "following(1)", "Next", tooltip="To the next finding"),
        Binding("N", "following(-1)", "Before", show=False, tooltip="To the finding before"),
    ]

    def make_rows(self) -> FindingTable:
        """The findings."""
        self._evidence = EvidenceTable()
        return FindingTable()

    def fetch(self, start: int) -> Sequence[FindingRow]:
        """Findings from a number on."""
        return self.study_app.link.ask(FindingRows(start)).rows

    def body(self) -> ComposeResult:
        """The two lists, and the page."""
        with Container(id="parts"):
            with Vertical(id="lists"):
                yield from self.list_body()
                yield RowList(self._evidence, id="evidence")
            yield FindingPagePane()

    def fetch_story(self, row: FindingRow) -> FindingPageAnswer:
        """The page on a finding."""
        return self.study_app.link.ask(FindingPage(row.number))

    def show_story(self, story: FindingPageAnswer | None) -> None:
        """Show the page and the evidence."""
        self._evidence.clear()
        self._evidence.clock = self.study_app.clock
        self._evidence.add(story.finding.evidence if story else ())
        evidence = self.query_one("#evidence", RowList)
        evidence.show(np.arange(len(self._evidence)))
        evidence.go_to(0)
        self.query_one(FindingPagePane).show(story)

    def place_of(self, row: FindingRow) -> Place:
        """The finding under the cursor, with the frame that proves it."""
        proof = self._proof(row)
        return Place(
            self.NAME,
            phone=row.phone or None,
            flow=None if row.phone else row.flow or None,
            finding=row.number,
            capture=proof.capture if proof else None,
            frame=proof.frame if proof else None,
        )

    def _proof(self, row: FindingRow) -> Evidence | None:
        """The frame under the cursor of the evidence."""
        evidence = self._evidence.rows
        chosen = self.query_one("#evidence", RowList).row
        return evidence[chosen] if chosen is not None and chosen < len(evidence) else row.first

    def is_at(self, row: FindingRow, place: Place) -> bool:
        """Whether a row is a place's finding, or its phone's first."""
        if place.finding is not None:
            return row.number == place.finding
        return row.phone == place.phone if place.phone else row.flow == place.flow

    @property
    def selection(self) -> Selection | None:
        """The finding under the cursor, and the frame that is chosen of its evidence."""
        if self.told is None or self.present is None:
            return None
        finding, proof = self.told.finding, self._proof(self.present)
        frames = [
            one.frame
            for one in finding.evidence
            if proof and one.frame is not None and one.capture == proof.capture
        ]
        evidence = [f"{one.place} {one.note}" for one in finding.evidence]
        lines = [line.plain for line in page_lines(self.told)] + ["", *evidence]
        return Selection(
            f"finding {finding.code}",
            "".join(f"{line}\n" for line in lines),
            finding,
            of_frames(frames) if frames else "",
            proof.capture if proof else None,
            proof.frame if proof else None,
        )

    def on_row_list_chosen(self) -> None:
        """Go to the frame in the ladder."""
        self.action_open()

    def action_open(self) -> None:
        """The ladder, at the frame that proves it."""
        if self.present is not None:
            self.study_app.action_go("ladder")

    def action_following(self, step: int) -> None:
        """To the next finding."""
        self.row_list.action_move(step)
