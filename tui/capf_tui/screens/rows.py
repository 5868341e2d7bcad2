"""The rows of a list as they come: what is shown of them, filtered and sorted by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, TypeVar

from capf_tui.clock import Clock
from capf_tui.order import Keys
from capf_tui.widgets.columns import Column
from capf_tui.widgets.tone import Cell, cell

Row = TypeVar("Row")


class Rows(Generic[Row]):
    """The rows that were loaded so far."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.texts: list[str] = []
        self.clock = Clock()

    @property
    def columns(self) -> Sequence[Column]:
        """The columns of every row."""
        raise NotImplementedError

    def __len__(self) -> int:
        return len(self.rows)

    def add(self, rows: Sequence[Row]) -> None:
        """More rows."""
        self.rows += rows
        self.texts += [self.text(row) for row in rows]

    def clear(self) -> None:
        """No rows: they are loaded again."""
        self.rows, self.texts = [], []

    def heads(self, sorted_by: tuple[int, bool] | None) -> Sequence[Sequence[Cell]]:
        """The titles, an arrow behind that by which rows are sorted."""
        arrows = {} if sorted_by is None else {sorted_by[0]: "▼" if sorted_by[1] else "▲"}
        return [
            [cell(one.title + arrows.get(number, "")) for number, one in enumerate(self.columns)]
        ]

    def laid_out(self, widths: Sequence[int]) -> None:
        """Rows look the same whatever the widths."""

    def cells(self, row: int) -> Sequence[Cell]:
        """The fields of a row."""
        raise NotImplementedError

    def text(self, row: Row) -> str:
        """What a filter looks at, in lower case."""
        raise NotImplementedError

    def keys(self, column: int) -> Keys:
        """What to sort by."""
        raise NotImplementedError


def address_key(address: str) -> str:
    """An IPv4 address, with or without a port, so that texts are sorted as numbers are."""
    return ".".join([part.rjust(3) for part in address.split(".")])
