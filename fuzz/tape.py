"""An input as a sequence of small decisions and, behind them, octets for a dissector."""

from __future__ import annotations

from collections.abc import Sequence

from capf_dissectors.streams import Piece

MAX_CUTS = 7
"""Cuts of one stream."""


class Tape:
    """Reads an input from its beginning; behind its end there are zeros and no octets."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    @property
    def left(self) -> int:
        """Octets not yet read."""
        return len(self._data) - self._position

    def octet(self) -> int:
        """The next octet."""
        return self.number(1)

    def number(self, width: int) -> int:
        """The next ``width`` octets, most significant first."""
        return int.from_bytes(self.take(width).ljust(width, b"\0"), "big")

    def take(self, length: int) -> bytes:
        """Up to ``length`` octets."""
        taken = self._data[self._position : self._position + length]
        self._position += len(taken)
        return taken

    def rest(self) -> bytes:
        """Everything that is left."""
        return self.take(self.left)

    def part(self) -> bytes:
        """Octets behind their length in four octets."""
        return self.take(self.number(4))

    def stream(self) -> list[Piece]:
        """One direction of a stream: cuts, each with a length and a hole behind it, and octets."""
        cuts = [(self.number(2), self.octet()) for _ in range(self.octet() & MAX_CUTS)]
        return cut(self.part(), cuts)


def cut(data: bytes, cuts: list[tuple[int, int]]) -> list[Piece]:
    """``data`` in pieces of the given lengths, each followed by a hole of so many octets."""
    pieces: list[Piece] = []
    start = lost = 0
    for length, hole in [*cuts, (len(data), 0)]:
        part = data[start : start + length]
        if part:
            pieces.append(Piece(start + lost, part))
        start += length
        lost += hole
    return pieces


def halved(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces, each in two; nothing may depend on where a stream is cut."""
    halves: list[Piece] = []
    for offset, data in pieces:
        middle = len(data) // 2
        halves += [Piece(offset, data[:middle]), Piece(offset + middle, data[middle:])]
    return halves


def write_part(data: bytes) -> bytes:
    """What :meth:`Tape.part` reads as ``data``."""
    return len(data).to_bytes(4, "big") + data


def write_stream(data: bytes) -> bytes:
    """What :meth:`Tape.stream` reads as one piece."""
    return b"\0" + write_part(data)
