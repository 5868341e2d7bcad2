"""Interface description blocks of pcapng: link type, and what the interface's time stamps mean."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from capfpcap.capture.headers import linktypes
from capfpcap.capture.records import NANOSECONDS, Times

ByteOrder: TypeAlias = Literal["little", "big"]

OPTION_END = 0
OPTION_RESOLUTION = 9
OPTION_OFFSET = 14
"""Option codes opt_endofopt, if_tsresol and if_tsoffset (draft-ietf-opsawg-pcapng, 4.2)."""
MAX_SECONDS = 9_223_372_035
"""Latest second of which 64-bit nanoseconds can tell (April 2262); later stamps count as this."""
EXACT_FRACTION_BITS = 33
"""Bits of a fraction whose product with a thousand million stays within 64 bits."""
LARGEST_POWER_OF_TEN = 19


class Interface(Struct, frozen=True):
    """What a packet block's interface number leads to."""

    link_type: int
    snap_length: int
    """0 where there is no limit."""
    exponent: int = 6
    binary: bool = False
    """Whether a second has 2**exponent units rather than 10**exponent."""
    offset: int = 0
    """Seconds to add to every stamp."""

    def times(self, stamps: npt.NDArray[np.uint64]) -> Times:
        """Stamps in this interface's units as nanoseconds, rounded down.

        What lies outside 64 bits of nanoseconds is put at their ends.
        """
        seconds, fraction = self._split(stamps)
        seconds = np.minimum(seconds, np.uint64(2 * MAX_SECONDS)).astype(np.int64)
        offset = max(-2 * MAX_SECONDS, min(self.offset, MAX_SECONDS))
        seconds = np.clip(seconds + offset, -MAX_SECONDS, MAX_SECONDS)
        return seconds * NANOSECONDS + fraction

    def _split(self, stamps: npt.NDArray[np.uint64]) -> tuple[npt.NDArray[np.uint64], Times]:
        """Whole seconds and nanoseconds."""
        if self.binary:
            return self._split_binary(stamps)
        if self.exponent > LARGEST_POWER_OF_TEN:
            units = 10**self.exponent
            nanoseconds = [stamp * NANOSECONDS // units for stamp in stamps.tolist()]
            return np.zeros(len(stamps), np.uint64), np.array(nanoseconds, np.int64)
        units = np.uint64(10**self.exponent)
        seconds, fraction = np.divmod(stamps, units)
        if self.exponent <= 9:
            fraction *= np.uint64(10 ** (9 - self.exponent))
        else:
            fraction //= np.uint64(10 ** (self.exponent - 9))
        return seconds, fraction.astype(np.int64)

    def _split_binary(self, stamps: npt.NDArray[np.uint64]) -> tuple[npt.NDArray[np.uint64], Times]:
        bits = self.exponent
        mask = (1 << bits) - 1
        if bits <= EXACT_FRACTION_BITS:
            fraction = (stamps & np.uint64(mask)) * np.uint64(NANOSECONDS)
            return stamps >> np.uint64(bits), (fraction >> np.uint64(bits)).astype(np.int64)
        exact = stamps.tolist()
        seconds = np.array([stamp >> bits for stamp in exact], np.uint64)
        parts = [(stamp & mask) * NANOSECONDS >> bits for stamp in exact]
        return seconds, np.array(parts, np.int64)


def read_interface(block: bytes, order: ByteOrder) -> Interface:
    """The interface that a whole block, from its type to its last length, describes.

    A block without room for the link type describes nothing: its link type is
    :data:`linktypes.UNDESCRIBED`.
    """
    if len(block) < 20:
        return Interface(linktypes.UNDESCRIBED, 0)
    link_type = int.from_bytes(block[8:10], order)
    snap_length = int.from_bytes(block[12:16], order)
    exponent, binary, offset = 6, False, 0
    for code, value in options(block[16:-4], order):
        if code == OPTION_RESOLUTION and len(value) == 1:
            exponent, binary = value[0] & 0x7F, bool(value[0] & 0x80)
        elif code == OPTION_OFFSET and len(value) == 8:
            offset = int.from_bytes(value, order, signed=True)
    return Interface(link_type, snap_length, exponent, binary, offset)


def options(data: bytes, order: ByteOrder) -> Iterator[tuple[int, bytes]]:
    """Code and value of each option; stops where one reaches past the end."""
    at = 0
    while at + 4 <= len(data):
        code = int.from_bytes(data[at : at + 2], order)
        length = int.from_bytes(data[at + 2 : at + 4], order)
        value = data[at + 4 : at + 4 + length]
        if code == OPTION_END or len(value) < length:
            return
        yield code, value
        at += 4 + (length + 3 & ~3)
