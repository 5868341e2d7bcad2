"""Wireshark's tree of one packet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import msgspec
from capf_dissectors.outline import Node

from capf_tui.engine.question import Later, Question
from capfpcap.study import Study

if TYPE_CHECKING:
    from capfpcap.tshark.tree import Branch
    from capfpcap.tshark.view import Prepared


class TreeAnswer(msgspec.Struct, frozen=True):
    """A packet as Wireshark dissects it."""

    capture: str
    frame: int
    program: str
    """As ``tshark 4.0.17``."""
    fields: tuple[Node, ...]
    """Their places are those that Wireshark tells, in the frame or in what it put together."""
    remarks: tuple[str, ...]


class WiresharkTree(Question[TreeAnswer], frozen=True):
    """Asked for the packet that the user looks at, by whoever wants a second opinion."""

    capture: str
    frame: int
    replies: ClassVar[type[msgspec.Struct]] = TreeAnswer

    def answer(self, study: Study) -> Later[TreeAnswer]:
        """The packet and its connection are read now; tshark is asked while others are answered."""
        from capfpcap.tshark.errors import TsharkError  # noqa: PLC0415 - for those who ask
        from capfpcap.tshark.view import prepared  # noqa: PLC0415

        number, row, among_others = study.spot(self.capture, self.frame)
        table = study.points[number].table
        columns = table.others if among_others else table.columns
        path = table.capture.files[int(columns.file[row])].path
        try:
            shown = prepared([table], path, [self.frame])
        except TsharkError as error:
            raise LookupError(str(error)) from error
        return Later(lambda: self._answer(shown))

    def _answer(self, shown: Prepared) -> TreeAnswer:
        from capfpcap.tshark.errors import TsharkError  # noqa: PLC0415 - it is loaded

        try:
            view = shown.view()
        except TsharkError as error:
            raise LookupError(str(error)) from error
        (tree,) = view.trees
        fields = _nodes(tree.layers, _OF_LAYERS)
        return TreeAnswer(self.capture, self.frame, view.program, fields, view.remarks)


def _nodes(branches: Sequence[Branch], ends: Sequence[str]) -> tuple[Node, ...]:
    """What Wireshark shows of the branches; a name ends with the first of some signs."""
    return tuple(_node(branch, ends) for branch in branches if not branch.hidden)


def _node(branch: Branch, ends: Sequence[str]) -> Node:
    places = [(at, end) for end in ends if (at := branch.text.find(end)) > 0]
    at, end = min(places, default=(len(branch.text), ""))
    name, value = branch.text[:at], branch.text[at + len(end) :]
    start, children = branch.offset, _nodes(branch.children, _OF_FIELDS)
    return Node(name, value, start, start + branch.length, children)


_OF_LAYERS, _OF_FIELDS = (": ", ", "), (": ",)
