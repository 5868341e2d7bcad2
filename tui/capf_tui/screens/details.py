"""One packet: its fields, its bytes, and the certificate that it brought beside the record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

from capf_dissectors.outline import Node
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from capf_tui.asking.details import Details, DetailsAnswer, OtherFrame
from capf_tui.engine.link import NoAnswerError
from capf_tui.navigation import Place
from capf_tui.screens.study_screen import WIDE, StudyScreen
from capf_tui.selection import Selection, as_json
from capf_tui.widgets.inspection.comparison import ComparisonPane, comparison_lines
from capf_tui.widgets.inspection.field_tree import FieldTree
from capf_tui.widgets.inspection.hex_pane import HexPane
from capf_tui.widgets.inspection.wireshark_pane import WiresharkPane
from capf_tui.widgets.row_list import RowList
from capfpcap.formats.display_filter import of_frames

_NOTHING = "No packet is chosen: open one in the ladder or at the evidence of a finding with Enter"
_EXPORT_WIDTH = 120
"""Cells of a line of the comparison in a text file."""


class DetailsScreen(StudyScreen):
    """The fields on one side, on the other the bytes or the certificates."""

    NAME = "details"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "packet(1)", "Next", tooltip="To the next packet of the flow"),
        Binding(
            "p", "packet(-1)", "Before", show=False, tooltip="To the packet before it in the flow"
        ),
        Binding("v", "elsewhere", "Point", tooltip="The same packet at the next capture"),
        Binding("c", "certificates", "Certificates", tooltip="Certificates, or the bytes again"),
        Binding("W", "tree", "Tree", tooltip="The packet as Wireshark's tshark dissects it"),
        Binding("l", "ladder", "Ladder", show=False, tooltip="The packet in the ladder"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._wanted: Place | None = None
        self._answer: DetailsAnswer | None = None
        self._awaits = False
        """Whether an answer is under way that will be shown."""
        self._beside: type[Widget] = HexPane
        """What is shown beside the fields."""
        self._steps = 0
        """Packets further on (negative: back) that were asked for while it is."""

    def body(self) -> ComposeResult:
        """The title, the fields, and beside them bytes or certificates."""
        yield Static("", id="title", markup=False)
        with Container(id="parts"):
            yield FieldTree()
            with Vertical(id="beside"):
                yield HexPane()
                yield ComparisonPane()
                yield WiresharkPane()

    def on_mount(self) -> None:
        """Keys go to the fields."""
        self.query_one("#fields", FieldTree).focus()
        self._show_beside(HexPane)
        self._tell(_NOTHING)
        self.watch(self.app, "clock", self._title)

    # Loading

    def show(self, place: Place) -> None:
        """Fetch a packet, unless it is shown."""
        if place.frame is None or place.capture is None:
            return
        shown = self._answer
        if place.wireshark:
            self._show_beside(WiresharkPane)
        if shown and (place.capture, place.frame) == (shown.capture, shown.frame):
            return
        self._wanted, self._awaits = place, True
        if self.study_app.generation:
            self.loaded = self.study_app.generation
            self.load()

    def load(self) -> None:
        """Fetch the packet that is wanted."""
        if self._wanted is not None:
            self.run_worker(
                self._fetch, thread=True, exclusive=True, group="load", exit_on_error=False
            )

    def _fetch(self) -> None:
        place = self._wanted
        if place is None or place.capture is None or place.frame is None:
            return
        try:
            answer = self.study_app.link.ask(
                Details(place.capture, place.frame, place.flow, place.item)
            )
        except NoAnswerError as error:
            self.app.call_from_thread(self._take, place, str(error))
            return
        self.app.call_from_thread(self._take, place, answer)

    def _take(self, place: Place, answer: DetailsAnswer | str) -> None:
        if place != self._wanted:
            return
        self._awaits = False
        if isinstance(answer, str):
            self._steps = 0
            self._tell(answer)
            return
        self._answer = answer
        inspection = answer.inspection
        self.query_one(HexPane).show_views(inspection.views)
        self.query_one(ComparisonPane).show(answer.comparisons)
        self.query_one("#fields", FieldTree).show_fields(inspection.fields, inspection.focus)
        self._title()
        if self._beside is WiresharkPane:
            self._ask_tshark()
        else:
            self._show_beside(ComparisonPane if answer.brought_another else HexPane)
        self.refresh_bindings()
        self._step()

    def _title(self) -> None:
        answer = self._answer
        if answer is None:
            return
        clock = self.study_app.clock
        wide = self.size.width >= WIDE
        time = clock.full(answer.time) if wide else f"{clock.text(answer.time)} {clock.zone_name}"
        about = " ".join([answer.flow, *([answer.phone] if answer.phone else [])])
        line = Content.assemble(
            (answer.inspection.title, "bold"), (f"  {about}  {time}", "$faint")
        ).truncate(max(self.size.width - 2, 1), ellipsis=True)
        remarks = [Content.styled(f"! {one}", "$warn") for one in answer.inspection.remarks]
        self.query_one("#title", Static).update(Content("\n").join([line, *remarks]))

    def _tell(self, sentence: str) -> None:
        self.query_one("#title", Static).update(Content(sentence))

    def on_resize(self) -> None:
        """The title has other room."""
        self._title()

    # Fields and bytes

    def on_row_list_highlighted(self, event: RowList.Highlighted) -> None:
        """Light the bytes of the field under the cursor."""
        event.stop()
        if event.rows.id != "fields":
            return
        line = self.query_one("#fields", FieldTree).line
        if line is not None:
            self.query_one(HexPane).light(line.node.view, line.node.start, line.node.end)

    def on_hex_pane_byte_chosen(self, event: HexPane.ByteChosen) -> None:
        """Go to the field that a byte belongs to."""
        self.query_one("#fields", FieldTree).reveal(event.view, event.offset)

    def _show_beside(self, shown: type[Widget]) -> None:
        """Show this pane beside the fields, and no other."""
        self._beside = shown
        for pane in (HexPane, ComparisonPane, WiresharkPane):
            self.query_one(pane).display = pane is shown
        self.set_class(shown is ComparisonPane, "-comparing")
        self.set_class(shown is WiresharkPane, "-tree")

    def action_certificates(self) -> None:
        """Certificates in place of the bytes, or the bytes again."""
        self._show_beside(HexPane if self._beside is ComparisonPane else ComparisonPane)

    def action_tree(self) -> None:
        """Wireshark's tree in place of the bytes, or the bytes again."""
        if self._beside is WiresharkPane:
            self._show_beside(HexPane)
            self.query_one("#fields", FieldTree).focus()
        else:
            self._show_beside(WiresharkPane)
            self._ask_tshark()

    def _ask_tshark(self) -> None:
        if self._answer is not None:
            pane = self.query_one(WiresharkPane)
            pane.look_at(self.study_app.link, self._answer.capture, self._answer.frame)
            pane.take_keys()

    # Other packets

    def action_packet(self, step: int) -> None:
        """To the packet before or behind this one in its flow, once it is there."""
        self._steps += step
        self._step()

    def _step(self) -> None:
        """Take the first of the steps that were asked for."""
        answer = self._answer
        if answer is None or self._awaits or not self._steps:
            return
        step = 1 if self._steps > 0 else -1
        there = answer.after if step > 0 else answer.before
        self._steps = self._steps - step if there else 0
        self._go(there)

    def action_elsewhere(self) -> None:
        """To the same packet where the next capture shows it."""
        if self._answer is not None:
            self._go(self._answer.elsewhere)

    def _go(self, frame: OtherFrame | None) -> None:
        if frame is not None:
            self.show(Place(self.NAME, capture=frame.capture, frame=frame.frame))

    def action_ladder(self) -> None:
        """The packet in the ladder."""
        self.study_app.action_go("ladder")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Which keys do something for this packet."""
        answer = self._answer
        match action:
            case "certificates":
                return answer is not None and bool(answer.comparisons)
            case "elsewhere":
                return answer is not None and answer.elsewhere is not None
            case "tree":
                return answer is not None
            case "packet":
                return answer is not None or self._awaits
            case _:
                return super().check_action(action, parameters)

    # Places and copies

    @property
    def place(self) -> Place:
        """The packet that is shown."""
        answer = self._answer
        if answer is None:
            return self._wanted or Place(self.NAME)
        return Place(
            self.NAME,
            phone=answer.phone,
            flow=answer.flow,
            capture=answer.capture,
            frame=answer.frame,
            wireshark=self._beside is WiresharkPane,
        )

    @property
    def selection(self) -> Selection | None:
        """The packet, with the fields as they are opened."""
        answer = self._answer
        if answer is None:
            return None
        return Selection(
            f"frame {answer.capture}:{answer.frame}",
            self._text(),
            answer,
            of_frames([answer.frame]),
            answer.capture,
            answer.frame,
        )

    def _text(self) -> str:
        answer = self._answer
        if answer is None:
            return ""
        compared = [one.plain for one in comparison_lines(answer.comparisons, _EXPORT_WIDTH)]
        lines = [answer.inspection.title, "", *written(answer.inspection.fields)]
        return "\n".join([*lines, "", *compared]).rstrip() + "\n"

    def exports(self) -> dict[str, Callable[[], str]]:
        """The packet as text or JSON."""
        return {".txt": self._text, ".json": lambda: as_json(self._answer)}


def written(fields: Sequence[Node], depth: int = 0) -> Iterator[str]:
    """All fields as lines of text."""
    for node in fields:
        yield "  " * depth + (f"{node.name}: {node.value}" if node.value else node.name)
        yield from written(node.children, depth + 1)
