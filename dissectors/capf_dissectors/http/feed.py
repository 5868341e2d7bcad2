"""A stream with holes, handed to a parser bit by bit and found again after what it cannot read."""

from __future__ import annotations

import re
from collections.abc import Sequence

from capf_dissectors.streams import Piece


class Feed:
    """Where reading stands in one direction of a connection."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self._pieces = pieces
        self._index = 0
        self.position = pieces[0].offset if pieces else 0

    @property
    def at_end(self) -> bool:
        """Whether nothing was captured at this position or behind it."""
        return self._index >= len(self._pieces)

    @property
    def at_gap(self) -> bool:
        """Whether the octet at this position was not captured, though later ones were."""
        return not self.at_end and self.position < self._pieces[self._index].offset

    def take(self, length: int) -> bytes:
        """Up to ``length`` octets; none at a gap and at the end."""
        if self.at_end or self.at_gap:
            return b""
        piece = self._pieces[self._index]
        start = self.position - piece.offset
        data = piece.data[start : start + length]
        self.seek(self.position + len(data))
        return data

    def seek(self, position: int) -> None:
        """Go to a position, forwards or back within reach of one message."""
        self.position = position
        while self._index > 0 and position < self._pieces[self._index - 1].end:
            self._index -= 1
        while not self.at_end and position >= self._pieces[self._index].end:
            self._index += 1

    def find(self, pattern: re.Pattern[bytes]) -> bool:
        """Go to the next match at this position or behind it; without one, go to the end."""
        while not self.at_end:
            piece = self._pieces[self._index]
            match = pattern.search(piece.data, max(self.position - piece.offset, 0))
            if match:
                self.position = piece.offset + match.start()
                return True
            self.seek(piece.end)
        return False
