"""The same packet as Wireshark dissects it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from capf_tui.asking.wireshark import TreeAnswer, WiresharkTree
from capf_tui.engine.link import Link, NoAnswerError
from capf_tui.widgets.inspection.field_tree import FieldTree

_ASKED = "tshark is asked for this packet and its connection ..."


class WiresharkPane(Vertical):
    """Wireshark's tree, below a line that says whose it is, or why there is none."""

    def __init__(self) -> None:
        super().__init__()
        self._wanted: WiresharkTree | None = None

    def compose(self) -> ComposeResult:
        """The line and the tree."""
        yield Static("", id="whose", markup=False)
        yield FieldTree(id="wireshark")

    def look_at(self, link: Link, capture: str, frame: int) -> None:
        """Fetch the tree of a packet and show it."""
        question = WiresharkTree(capture, frame)
        self._wanted = question
        self._say(Content.styled(_ASKED, "$faint"))

        def fetch() -> None:
            answer: TreeAnswer | str
            try:
                answer = link.ask(question)
            except NoAnswerError as error:
                answer = str(error)
            self.app.call_from_thread(self._take, question, answer)

        self.run_worker(fetch, thread=True, exclusive=True, group="tshark", exit_on_error=False)

    def take_keys(self) -> None:
        """Keys go to the tree."""
        self.query_one(FieldTree).focus()

    def _take(self, question: WiresharkTree, answer: TreeAnswer | str) -> None:
        if question != self._wanted:
            return
        if isinstance(answer, str):
            self._say(Content.styled(f"! {answer}", "$warn"))
            return
        remarks = [Content.styled(f"! {remark}", "$warn") for remark in answer.remarks]
        whose = Content.styled(f"{answer.program}, frame {answer.frame}", "bold")
        self._say(Content("\n").join([whose, *remarks]))
        fields = answer.fields
        self.query_one(FieldTree).show_fields(fields, max(len(fields) - 1, 0))

    def _say(self, text: Content) -> None:
        self.query_one("#whose", Static).update(text)
        self.query_one(FieldTree).show_fields((), 0)
