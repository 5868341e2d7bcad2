"""Octets of which some differ from phone to phone.

A template is what one phone sends or receives, with holes where another phone has other octets:
its address, its device name, a sequence number, a TLS random. Templates are joined and cut like
bytes, so that a file with the phone's name in it can be cut into TFTP blocks or a TLS flight into
segments; a hole is cut with them. Filling a template makes the octets of many phones at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto

import numpy as np
import numpy.typing as npt

Octets = npt.NDArray[np.uint8]
"""One row a phone, one column an octet."""


class Quantity(Enum):
    """What differs from one phone (or call, or client) to the next."""

    MAC = auto()
    ADDRESS = auto()
    ADDRESS_TEXT = auto()
    """The IPv4 address in dotted decimal, always 14 octets."""
    PEER_ADDRESS = auto()
    PEER_ADDRESS_TEXT = auto()
    DEVICE = auto()
    """The 12 hexadecimal digits of the MAC address, upper case."""
    OPAQUE = auto()
    """Octets without meaning to a reader: randoms, encrypted records, media."""
    SIGNATURE = auto()
    CLIENT_PORT = auto()
    TRANSFER_PORT = auto()
    CLIENT_SEQUENCE = auto()
    SERVER_SEQUENCE = auto()
    CLIENT_IDENTIFICATION = auto()
    SERVER_IDENTIFICATION = auto()
    QUERY_IDENTIFIER = auto()


@dataclass(frozen=True, slots=True)
class Hole:
    """Where octets ``start`` to ``start + length`` of a quantity go.

    A number has ``width`` octets, big-endian, after ``plus`` was added to it; octets of a quantity
    that is no number have ``width`` 0.
    """

    at: int
    length: int
    quantity: Quantity
    start: int = 0
    width: int = 0
    plus: int = 0

    def clipped(self, begin: int, end: int) -> Hole | None:
        """The part between ``begin`` and ``end``, counted from ``begin``; None if there is none."""
        low, high = max(self.at, begin), min(self.at + self.length, end)
        if low >= high:
            return None
        return replace(self, at=low - begin, length=high - low, start=self.start + low - self.at)


class Values:
    """The quantities of a group of phones: matrices of octets, or vectors of numbers."""

    def __init__(self, count: int, quantities: Mapping[Quantity, npt.NDArray[np.generic]]) -> None:
        self.count = count
        self._quantities = dict(quantities)

    def set(self, quantity: Quantity, octets: Octets) -> None:
        """Give a quantity that follows from the others."""
        self._quantities[quantity] = octets

    def octets(self, hole: Hole) -> Octets:
        """What goes into ``hole``, one row a phone."""
        values = self._quantities[hole.quantity]
        if hole.width:
            values = number_octets(values.astype(np.int64) + hole.plus, hole.width)
        return values[:, hole.start : hole.start + hole.length].astype(np.uint8, copy=False)


def number_octets(numbers: npt.NDArray[np.int64], width: int) -> Octets:
    """Each number as ``width`` octets (at most 8), big-endian, modulo 256 ** width."""
    return numbers.astype(">u8").view(np.uint8).reshape(-1, 8)[:, 8 - width :]


@dataclass(frozen=True, slots=True)
class Template:
    """Octets with holes; the octets under a hole are zero."""

    octets: bytes
    holes: tuple[Hole, ...] = ()

    def __len__(self) -> int:
        return len(self.octets)

    def __add__(self, other: Template | bytes) -> Template:
        if isinstance(other, bytes):
            return Template(self.octets + other, self.holes)
        moved = tuple(replace(hole, at=hole.at + len(self.octets)) for hole in other.holes)
        return Template(self.octets + other.octets, self.holes + moved)

    def __radd__(self, other: bytes) -> Template:
        return Template(other) + self

    def cut(self, begin: int, end: int) -> Template:
        """The octets from ``begin`` to ``end`` (or to the end, where that comes first)."""
        parts = (hole.clipped(begin, end) for hole in self.holes)
        return Template(self.octets[begin:end], tuple(part for part in parts if part))

    def pieces(self, size: int) -> Iterator[Template]:
        """The template in pieces of ``size`` octets, the last one shorter."""
        for begin in range(0, len(self), size):
            yield self.cut(begin, begin + size)

    def fill(self, values: Values) -> Octets:
        """The octets of every phone."""
        rows = np.tile(np.frombuffer(self.octets, np.uint8), (values.count, 1))
        self.fill_into(rows, values)
        return rows

    def fill_into(self, rows: Octets, values: Values) -> None:
        """Put the phones' octets into the holes of ``rows``."""
        for hole in self.holes:
            rows[:, hole.at : hole.at + hole.length] = values.octets(hole)


def hole(quantity: Quantity, length: int, start: int = 0) -> Template:
    """A template that is nothing but ``length`` octets of ``quantity``."""
    return Template(bytes(length), (Hole(0, length, quantity, start),))


def number(quantity: Quantity, width: int, plus: int = 0) -> Template:
    """A template that is nothing but a number of ``width`` octets, big-endian."""
    return Template(bytes(width), (Hole(0, width, quantity, width=width, plus=plus),))
