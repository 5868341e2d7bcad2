"""Columns that grow batch by batch."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from capfpcap.capture.columns import PacketColumns

FIRST_ROWS = 1 << 12
GROWTH = 1.25
"""How much room is made when there is none: little, because the arrays are large."""


class GrowingColumns:
    """Takes rows and gives them back as one; the arrays grow where they lie.

    To keep all batches and to concatenate them would take the memory twice.
    """

    def __init__(self) -> None:
        empty = PacketColumns.empty()
        self._columns: dict[str, npt.NDArray[Any]] = {
            name: getattr(empty, name).copy() for name in empty.__struct_fields__
        }
        self._rows = 0
        self._room = 0

    def add(self, columns: PacketColumns) -> None:
        """Puts these rows behind all others."""
        after = self._rows + len(columns)
        if after > self._room:
            self._resize(max(FIRST_ROWS, after, int(after * GROWTH)))
        for name, column in self._columns.items():
            column[self._rows : after] = getattr(columns, name)
        self._rows = after

    def finish(self) -> PacketColumns:
        """All rows; nothing can be added any more."""
        self._resize(self._rows)
        return PacketColumns(**self._columns)

    def _resize(self, room: int) -> None:
        for column in self._columns.values():
            column.resize(room, refcheck=False)
        self._room = room
