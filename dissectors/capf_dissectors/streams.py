"""One direction of a byte stream with its holes, as a dissector is given it."""

from __future__ import annotations

from typing import NamedTuple


class Piece(NamedTuple):
    """A run of consecutive octets of one direction of a stream.

    ``offset`` counts from the first octet of the stream (for TCP, the one after the SYN). Pieces
    come in ascending order and do not overlap; what lies between two of them was not captured.
    """

    offset: int
    data: bytes

    @property
    def end(self) -> int:
        """The stream offset behind the last octet."""
        return self.offset + len(self.data)
