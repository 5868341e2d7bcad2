"""The fields of a packet as a tree, of which the user opens and shuts branches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, NamedTuple

import numpy as np
from capf_dissectors.outline import Node
from textual.binding import Binding, BindingType

from capf_tui.widgets.columns import Column
from capf_tui.widgets.row_list import RowList
from capf_tui.widgets.tone import Cell, Span, Tone

Path = tuple[int, ...]
"""Which child at each level leads to a field."""

_INDENT = 2


class Line(NamedTuple):
    """A field that is shown."""

    path: Path
    node: Node


class FieldLines:
    """The fields that are shown: those whose branches are open."""

    def __init__(self) -> None:
        self.fields: Sequence[Node] = ()
        self.open: set[Path] = set()
        self.lines: list[Line] = []

    @property
    def columns(self) -> Sequence[Column]:
        """One, as wide as there is room."""
        return (Column("Fields", 20, stretches=True),)

    def __len__(self) -> int:
        return len(self.lines)

    def heads(self, sorted_by: tuple[int, bool] | None) -> Sequence[Sequence[Cell]]:  # noqa: ARG002
        """No titles: the lines tell what they are."""
        return ()

    def laid_out(self, widths: Sequence[int]) -> None:
        """Lines look the same whatever the width."""

    def cells(self, row: int) -> Sequence[Cell]:
        """A field with its value, behind a mark that says whether there is more below."""
        path, node = self.lines[row]
        mark = "  "
        if node.children:
            mark = "▾ " if path in self.open else "▸ "
        indent = Span(" " * (_INDENT * (len(path) - 1)) + mark, Tone.FAINT)
        if node.is_problem:
            return ((indent, Span("! ", Tone.WARN), Span(node.value, Tone.WARN)),)
        name = Span(node.name, Tone.STRONG if len(path) == 1 else Tone.FAINT)
        value = Tone.LIKELY if node.name.startswith(("Likely", "Possible")) else Tone.PLAIN
        gap = "  " if node.value else ""
        return ((indent, name, Span(gap + node.value, value)),)

    def unfold(self) -> None:
        """Find the lines again, for other branches are open."""
        self.lines = list(self._below(self.fields, ()))

    def _below(self, nodes: Sequence[Node], path: Path) -> Iterator[Line]:
        for number, node in enumerate(nodes):
            here = (*path, number)
            yield Line(here, node)
            if here in self.open:
                yield from self._below(node.children, here)

    def row_of(self, path: Path) -> int:
        """The line of a field, or of the innermost open branch that holds it."""
        found = 0
        for number, line in enumerate(self.lines):
            if line.path == path[: len(line.path)]:
                found = number
        return found

    def path_to(self, view: int, offset: int) -> Path | None:
        """The innermost field that a byte belongs to."""
        path: Path = ()
        nodes: Sequence[Node] = self.fields
        while True:
            holds = [
                (node.end - node.start, -number)
                for number, node in enumerate(nodes)
                if node.view == view and node.start <= offset < node.end
            ]
            if not holds:
                return path or None
            number = -min(holds)[1]
            path = (*path, number)
            nodes = nodes[number].children


class FieldTree(RowList):
    """A tree; the field under the cursor is told to whoever listens."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l", "open", "Open branch", show=False),
        Binding("left,h", "shut", "Shut branch, or to its holder", show=False),
        Binding("enter", "turn", "Open or shut branch", show=False),
        Binding("asterisk", "open_all", "Open all below", show=False, key_display="*"),
    ]

    def __init__(self, *, id: str = "fields") -> None:  # noqa: A002 - as Textual calls it
        self._fields = FieldLines()
        super().__init__(self._fields, id=id)

    @property
    def line(self) -> Line | None:
        """The field under the cursor."""
        return self._fields.lines[self.row] if self.row is not None else None

    @property
    def lines(self) -> Sequence[Line]:
        """All that is shown, from the top."""
        return self._fields.lines

    def show_fields(self, fields: Sequence[Node], focus: int) -> None:
        """Show other fields, with what the packet is about opened."""
        self._fields.fields = fields
        self._fields.open = set()
        path: Path = (focus,)
        below = fields[focus].children if fields else ()
        while below:
            self._fields.open.add(path)
            branches = [number for number, child in enumerate(below) if child.children]
            if len(branches) != 1:
                break
            path = (*path, branches[0])
            below = below[branches[0]].children
        self._unfold((focus,))

    def reveal(self, view: int, offset: int) -> None:
        """Put the cursor on the innermost field that a byte belongs to."""
        path = self._fields.path_to(view, offset)
        if path is not None:
            self._fields.open |= {path[:length] for length in range(1, len(path))}
            self._unfold(path)

    def _unfold(self, path: Path) -> None:
        self._fields.unfold()
        self.show(np.arange(len(self._fields)))
        self.go_to(self._fields.row_of(path))
        self.forget()

    def action_open(self) -> None:
        """Open the branch under the cursor; of an open one go in."""
        line = self.line
        if line is None or not line.node.children:
            return
        if line.path in self._fields.open:
            self.action_move(1)
            return
        self._fields.open.add(line.path)
        self._unfold(line.path)

    def action_shut(self) -> None:
        """Shut the branch under the cursor, or go to the one that holds it."""
        line = self.line
        if line is None:
            return
        if line.path in self._fields.open:
            self._fields.open.discard(line.path)
            self._unfold(line.path)
        elif len(line.path) > 1:
            self.go_to(self._fields.row_of(line.path[:-1]))

    def action_turn(self) -> None:
        """Open a shut branch, shut an open one."""
        if self.line is not None and self.line.path in self._fields.open:
            self.action_shut()
        else:
            self.action_open()

    def action_open_all(self) -> None:
        """Open all branches below the cursor."""
        line = self.line
        if line is None:
            return
        waiting = [line]
        while waiting:
            path, node = waiting.pop()
            if node.children:
                self._fields.open.add(path)
                waiting += [Line((*path, n), child) for n, child in enumerate(node.children)]
        self._unfold(line.path)

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        """A second click opens and shuts."""
        event.stop()
        self.action_turn()
