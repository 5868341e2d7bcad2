"""The flows: who spoke with whom, how much, and whether packets pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from capf_tui.asking.flows import FlowRow, FlowRows, FlowStory, FlowStoryAnswer
from capf_tui.clock import short_duration
from capf_tui.navigation import Place
from capf_tui.order import Keys
from capf_tui.screens.list_screen import ListScreen
from capf_tui.screens.rows import Rows, address_key
from capf_tui.selection import Selection
from capf_tui.widgets.columns import Column
from capf_tui.widgets.panes.flow_story import FlowStoryPane, flow_lines
from capf_tui.widgets.tone import Cell, Span, Tone, cell
from capf_tui.words import SEVERITY_MARKS
from capfpcap.formats.display_filter import of_flow
from capfpcap.report import Reach

_REACH_MARKS = {
    Reach.PASSES: Span("✓", Tone.GOOD),
    Reach.DROPPED: Span("✗", Tone.BAD),
    Reach.UNKNOWN: Span("?", Tone.FAINT),
}
_NO_MARK = Span(" ")


class FlowTable(Rows[FlowRow]):
    """The flows."""

    @property
    def columns(self) -> Sequence[Column]:
        """Narrow screens leave out what the pane below says."""
        return (
            Column("", 1),
            Column("Flow", 5),
            Column("Service", 7),
            Column("Phone", 15, from_width=100),
            Column("Client", 19, stretches=True),
            Column("Server", 19, stretches=True),
            Column(self.clock.title("Start"), self.clock.width, from_width=100),
            Column("Lasts", 8, from_width=120, right=True),
            Column("Pkts →/←", 8, right=True),
            Column("Bytes →/←", 13, from_width=120, right=True),
            Column("→←", 2),
        )

    def cells(self, row: int) -> Sequence[Cell]:
        """The fields of a flow."""
        flow = self.rows[row]
        return (
            (_NO_MARK if flow.worst is None else SEVERITY_MARKS[flow.worst],),
            cell(flow.id, Tone.STRONG),
            cell(flow.service),
            cell(flow.phone),
            cell(flow.client),
            cell(flow.server),
            cell(self.clock.text(flow.began)),
            cell(short_duration(flow.lasted)),
            cell(f"{flow.packets_to_server}/{flow.packets_to_client}"),
            cell(f"{flow.bytes_to_server}/{flow.bytes_to_client}"),
            (_REACH_MARKS[flow.to_server], _REACH_MARKS[flow.to_client]),
        )

    def text(self, row: FlowRow) -> str:
        """Id, service, phone, ends and TLS version."""
        worst = row.worst.value if row.worst else ""
        ends = f"{row.client} {row.server}"
        return f"{row.id} {row.service} {row.phone} {ends} {row.tls} {worst}".lower()

    def keys(self, column: int) -> Keys:
        """What to sort by."""
        rows = self.rows
        match column:
            case 0:
                return [row.worst.value if row.worst else "none" for row in rows]
            case 1:
                return [float(row.id[1:]) for row in rows]
            case 2:
                return [row.service for row in rows]
            case 3:
                return [row.phone for row in rows]
            case 4:
                return [address_key(row.client) for row in rows]
            case 5:
                return [address_key(row.server) for row in rows]
            case 6:
                return [float(row.began) for row in rows]
            case 7:
                return [float(row.lasted) for row in rows]
            case 8:
                return [float(row.packets_to_server + row.packets_to_client) for row in rows]
            case 9:
                return [float(row.bytes_to_server + row.bytes_to_client) for row in rows]
            case _:
                return [f"{row.to_server.value} {row.to_client.value}" for row in rows]


class FlowsScreen(ListScreen[FlowRow, FlowStoryAnswer]):
    """The flows above, one of them in full below."""

    NAME = "flows"
    FILTER_BY = "id, service, phone, address, TLS version"
    NOUN = ("flow", "flows")
    NONE = "The captures show no flow of these services"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Ladder", tooltip="The ladder of the flow")
    ]

    def make_rows(self) -> FlowTable:
        """The flows."""
        return FlowTable()

    def fetch(self, start: int) -> Sequence[FlowRow]:
        """Flows from a number on."""
        return self.study_app.link.ask(FlowRows(start)).rows

    def body(self) -> ComposeResult:
        """The list, and below it the flow under the cursor."""
        yield from self.list_body()
        yield FlowStoryPane()

    def fetch_story(self, row: FlowRow) -> FlowStoryAnswer:
        """All that is said of a flow."""
        return self.study_app.link.ask(FlowStory(row.id))

    def show_story(self, story: FlowStoryAnswer | None) -> None:
        """Show it."""
        self.query_one(FlowStoryPane).show(story, self.study_app.clock)

    def place_of(self, row: FlowRow) -> Place:
        """The flow under the cursor."""
        return Place(self.NAME, flow=row.id, phone=row.phone or None)

    def is_at(self, row: FlowRow, place: Place) -> bool:
        """Whether a row is what a place shows."""
        return row.id == place.flow if place.flow else row.phone == place.phone

    @property
    def selection(self) -> Selection | None:
        """The flow under the cursor."""
        if self.told is None:
            return None
        flow = self.told.flow
        lines = flow_lines(self.told, self.study_app.clock)
        return Selection(
            f"flow {flow.id}",
            "".join(f"{line.plain}\n" for line in lines),
            self.told,
            of_flow(flow),
            next(iter(flow.seen_at), None),
        )

    def on_row_list_chosen(self) -> None:
        """Open the flow's ladder."""
        self.action_open()

    def action_open(self) -> None:
        """The ladder of the flow under the cursor."""
        if self.present is not None:
            self.study_app.go(Place("ladder", flow=self.present.id))
