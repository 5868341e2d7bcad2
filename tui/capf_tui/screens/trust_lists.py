"""The trust lists that were served: records, signatures, who loaded which, differences."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_uppercase
from typing import ClassVar

import msgspec
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical

from capf_tui.asking.trust_lists import ListStory, ListStoryAnswer, Loads
from capf_tui.clock import nanoseconds
from capf_tui.navigation import Place
from capf_tui.order import Keys
from capf_tui.screens.list_screen import ListScreen
from capf_tui.screens.rows import Rows, address_key
from capf_tui.screens.study_screen import WIDE
from capf_tui.selection import Selection
from capf_tui.widgets.columns import Column
from capf_tui.widgets.inspection.list_pane import ListPane, Told, list_lines
from capf_tui.widgets.tone import Cell, Span, Tone, cell
from capfpcap.formats.display_filter import of_frames
from capfpcap.inspection.trust_lists import ListDescription, ListLoad

MAX_LISTS = 200
"""Distinct lists that are shown; a cluster serves two or three a server."""

_SIGNATURES = {
    True: Span("✓", Tone.GOOD),
    False: Span("✗", Tone.BAD),
    None: Span("?", Tone.WARN),
}


class ServedList(msgspec.Struct, frozen=True):
    """A list, whoever served and loaded it."""

    label: str
    loads: tuple[ListLoad, ...]
    """In order of time; never empty."""
    description: ListDescription
    only_last: bool

    @property
    def first(self) -> ListLoad:
        """The first loading of it."""
        return self.loads[0]

    @property
    def servers(self) -> str:
        """Who served it."""
        return ", ".join(dict.fromkeys(load.server for load in self.loads))

    @property
    def phones(self) -> int:
        """How many phones loaded it."""
        return len({load.phone for load in self.loads})

    @property
    def capf(self) -> str:
        """Whose certificate it trusts as that of CAPF."""
        owners = [record.owner for record in self.description.records if record.is_capf]
        return ", ".join(owners)


def label_of(number: int) -> str:
    """``A`` to ``Z``, then ``A2``."""
    turn, letter = divmod(number, len(ascii_uppercase))
    return ascii_uppercase[letter] + (str(turn + 1) if turn else "")


class ListTable(Rows[ServedList]):
    """The lists."""

    @property
    def columns(self) -> Sequence[Column]:
        """Narrow screens leave out what the pane says."""
        return (
            Column("", 2),
            Column("Kind", 4),
            Column("File", 11, stretches=True),
            Column("Served by", 15),
            Column("Signature", 10),
            Column("CAPF record", 14),
            Column("Phones", 6, right=True),
            Column("Records", 7, from_width=100, right=True),
            Column(self.clock.title("First"), self.clock.width, from_width=100),
        )

    def cells(self, row: int) -> Sequence[Cell]:
        """The fields of a list."""
        served = self.rows[row]
        said = served.description
        signed = next((one.number for one in said.records if one.signed_list), None)
        mark = Span("✗", Tone.BAD) if said.problem else _SIGNATURES[said.verified]
        words = "unread" if said.problem else f"record {signed}" if signed else ""
        return (
            cell(served.label, Tone.STRONG),
            cell(said.kind),
            cell(served.first.file),
            cell(served.servers),
            (mark, Span(f" {words}")),
            cell(served.capf) if served.capf else cell("none", Tone.WARN),
            cell(f"{served.phones:,}"),
            cell(str(len(said.records))),
            cell(self.clock.text(nanoseconds(served.first.time)), Tone.FAINT),
        )

    def text(self, row: ServedList) -> str:
        """Label, kind, files, servers, phones, signer and owners."""
        files = " ".join({f"{load.file} {load.server} {load.phone}" for load in row.loads})
        owners = " ".join(f"{one.function} {one.owner}" for one in row.description.records)
        return f"{row.label} {row.description.kind} {files} {owners}".lower()

    def keys(self, column: int) -> Keys:
        """What to sort by."""
        rows = self.rows
        match column:
            case 1:
                return [row.description.kind for row in rows]
            case 2:
                return [row.first.file for row in rows]
            case 3:
                return [address_key(row.servers) for row in rows]
            case 4:
                return [str(row.description.verified) for row in rows]
            case 5:
                return [row.capf for row in rows]
            case 6:
                return [float(row.phones) for row in rows]
            case 7:
                return [float(len(row.description.records)) for row in rows]
            case 8:
                return [row.first.time for row in rows]
            case _:
                return [float(number) for number in range(len(rows))]


class TrustListsScreen(ListScreen[ServedList, ListStoryAnswer]):
    """The lists on one side, one of them in full on the other."""

    NAME = "lists"
    FILTER_BY = "file, server, phone, owner of a record"
    NOUN = ("list", "lists")
    NONE = "The captures show no trust list"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Fields", tooltip="The file field by field, at its last packet"),
        Binding(
            "b", "base", "Compare", tooltip="Compare the others with the list under the cursor"
        ),
    ]

    def make_rows(self) -> ListTable:
        """The lists."""
        self._base: ServedList | None = None
        return ListTable()

    def body(self) -> ComposeResult:
        """The lists, and the one under the cursor."""
        with Container(id="parts"):
            with Vertical(id="lists"):
                yield from self.list_body()
            yield ListPane()

    # Loading

    def fetch(self, start: int) -> Sequence[ServedList]:
        """All lists at once: there are few, whoever loaded them."""
        if start:
            return []
        loads: list[ListLoad] = []
        following: int | None = 0
        only_last = False
        while following is not None:
            answer = self.study_app.link.ask(Loads(following))
            loads += answer.loads
            following, only_last = answer.following, answer.only_last
        grouped: dict[str, list[ListLoad]] = {}
        for load in sorted(loads, key=lambda one: one.time):
            grouped.setdefault(load.sha256, []).append(load)
        return [
            self._served(number, group, only_last)
            for number, group in enumerate(list(grouped.values())[:MAX_LISTS])
        ]

    def _served(self, number: int, loads: Sequence[ListLoad], only_last: bool) -> ServedList:
        first = loads[0]
        story = self.study_app.link.ask(ListStory(first.sha256, first.phone))
        return ServedList(label_of(number), tuple(loads), story.description, only_last)

    def first_rows(self) -> None:
        """The first list is what the others are compared with."""
        self._base = self.rows.rows[0] if self.rows.rows else None

    # The list under the cursor

    def fetch_story(self, row: ServedList) -> ListStoryAnswer:
        """The list, and how it differs."""
        base, first = self._base, row.first
        if base is None or base is row or base.description.kind != row.description.kind:
            return self.study_app.link.ask(ListStory(first.sha256, first.phone))
        other = base.first
        asked = ListStory(first.sha256, first.phone, other.sha256, other.phone)
        return self.study_app.link.ask(asked)

    def show_story(self, story: ListStoryAnswer | None) -> None:
        """Show the list."""
        self.query_one(ListPane).show(self._told(story), self.study_app.clock)

    def _told(self, story: ListStoryAnswer | None) -> Told | None:
        row, base = self.present, self._base
        if story is None or row is None:
            return None
        compared = base.label if base is not None and story.differences else ""
        return Told(row.label, row.first.file, story, compared, row.loads, row.only_last)

    def action_base(self) -> None:
        """Compare the others with the list under the cursor."""
        if self.present is not None:
            self._base = self.present
            self.notify(f"Other lists are compared with {self._base.label}", markup=False)
            self.show_story(self.told)

    # Places

    def place_of(self, row: ServedList) -> Place:
        """The packet with which it was whole for the first time."""
        told = self.told
        first = told.load if told and told.description.sha256 == row.first.sha256 else row.first
        return Place(
            self.NAME,
            phone=first.phone,
            capture=first.capture or None,
            frame=first.frame or None,
        )

    def is_at(self, row: ServedList, place: Place) -> bool:
        """Whether a phone loaded it last, or a frame brought it."""
        if place.frame is not None and any(
            (load.capture, load.frame) == (place.capture, place.frame) for load in row.loads
        ):
            return True
        return any(load.last and load.phone == place.phone for load in row.loads)

    @property
    def selection(self) -> Selection | None:
        """The list under the cursor."""
        row, told = self.present, self._told(self.told)
        if row is None or told is None:
            return None
        lines = [line.plain for line in list_lines(told, self.study_app.clock, WIDE)]
        frames = [one.frame for one in row.loads if one.capture == row.first.capture and one.frame]
        return Selection(
            f"trust list {row.label}",
            "".join(f"{line}\n" for line in lines),
            row,
            of_frames(frames) if frames else "",
            row.first.capture or None,
            row.first.frame or None,
        )

    def on_row_list_chosen(self) -> None:
        """Open the file."""
        self.action_open()

    def action_open(self) -> None:
        """The file field by field."""
        if self.present is not None:
            self.study_app.action_go("details")
