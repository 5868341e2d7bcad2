"""From record to record of a classic capture file: each says only how long it is itself."""

from __future__ import annotations

import sys
from typing import Literal

import numpy as np
from msgspec import Struct

from capfpcap.capture.files.lockstep import Lockstep
from capfpcap.capture.octets import Places
from capfpcap.capture.records import MAX_BATCH, MAX_RECORD


class Shape(Struct, frozen=True):
    """Where a record header holds the captured length."""

    header: int
    """Octets of a record header."""
    length_at: int
    little: bool


class Words:
    """A buffer as 32-bit words that begin at any octet.

    A word of the machine's own byte order is read fastest out of one of four views, each shifted by
    an octet.
    """

    def __init__(self, buffer: bytearray) -> None:
        whole = memoryview(buffer)
        self.views = [
            whole[shift : shift + (len(whole) - shift & ~3)].cast("I") for shift in range(4)
        ]
        self.buffer = buffer


def walk(words: Words, at: int, end: int, shape: Shape) -> tuple[Places, int, bool]:
    """Where the records lie that are whole from offset ``at`` up to ``end``.

    Returns:
        The offsets of at most :data:`MAX_BATCH` record headers, where the record behind them
        begins, and whether that one cannot be true.
    """
    last = end - shape.header
    if at > last:
        return np.empty(0, np.int64), at, False
    native = shape.little == (sys.byteorder == "little")
    follow = _follow_native if native else _follow_swapped
    lockstep = Lockstep(words.buffer, shape.little, shape.length_at, shape.header)
    starts, behind = lockstep.walk(at, last, lambda at, last: follow(words, at, last, shape))
    if len(starts) > MAX_BATCH:
        starts, behind = starts[:MAX_BATCH], int(starts[MAX_BATCH])
    steps = np.diff(starts, append=behind)
    false = np.flatnonzero((steps > MAX_RECORD + shape.header) | (starts + steps > end))
    if len(false) == 0:
        return starts, behind, False
    first = int(false[0])
    corrupt = bool(steps[first] > MAX_RECORD + shape.header)
    return starts[:first], int(starts[first]), corrupt


def _follow_native(words: Words, at: int, last: int, shape: Shape) -> tuple[Places, int]:
    """Header offsets up to ``last``, true or not, and the offset to which the last one leads."""
    places: list[int] = []
    append = places.append
    views, header = words.views, shape.header
    place, last = at + shape.length_at, last + shape.length_at
    while True:
        append(place)
        place += views[place & 3][place >> 2] + header
        if place > last:
            break
    return np.array(places, np.int64) - shape.length_at, place - shape.length_at


def _follow_swapped(words: Words, at: int, last: int, shape: Shape) -> tuple[Places, int]:
    """As :func:`_follow_native`, for the other byte order."""
    places: list[int] = []
    buffer, header, length_at = words.buffer, shape.header, shape.length_at
    order: Literal["little", "big"] = "little" if shape.little else "big"
    while True:
        places.append(at)
        at += int.from_bytes(buffer[at + length_at : at + length_at + 4], order) + header
        if at > last:
            break
    return np.array(places, np.int64), at
