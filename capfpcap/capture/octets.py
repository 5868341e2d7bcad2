"""Header fields of many packets at once, gathered out of one buffer.

One or two octets are gathered one by one and put together: on unaligned offsets this is faster than
a gather of wider words. A gather of a whole header costs no more than one of four octets.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Places: TypeAlias = npt.NDArray[np.int64]
"""Octet offsets into a buffer, one a packet."""

BIG_WORD = np.dtype(">u4")
LITTLE_WORD = np.dtype("<u4")

UNITS_AT_ONCE = 1 << 11
"""Units that are gathered together: small arrays are freed in pieces that can be used again."""

SLACK = 512
"""Octets that a buffer holds behind its last packet, so that a header field may be gathered before
it is known to lie inside its packet: more than the longest header of any one layer."""


class Octets:
    """A buffer of packets that ends in :data:`SLACK` octets that belong to none of them.

    Every method takes places and an offset to add to them; the sum may reach into the slack.
    Multi-octet fields are in network order unless ``little`` is given.
    """

    __slots__ = ("array",)

    def __init__(self, array: npt.NDArray[np.uint8]) -> None:
        self.array = array

    @staticmethod
    def over(data: bytes) -> Octets:
        """A copy of ``data`` with slack behind it."""
        return Octets(np.frombuffer(data + bytes(SLACK), np.uint8))

    def extended(self, data: bytes) -> Octets:
        """A copy with ``data`` behind all that is here, and slack behind that."""
        added = np.frombuffer(data + bytes(SLACK), np.uint8)
        return Octets(np.concatenate([self.array, added]))

    def u8(self, places: Places, offset: int = 0) -> npt.NDArray[np.uint8]:
        """One octet of each packet."""
        return self.array[offset:].take(places)

    def u16(
        self, places: Places, offset: int = 0, *, little: bool = False
    ) -> npt.NDArray[np.uint16]:
        """Two octets of each packet."""
        high, low = (offset + 1, offset) if little else (offset, offset + 1)
        value = self.u8(places, high).astype(np.uint16)
        value <<= np.uint16(8)
        value |= self.u8(places, low)
        return value

    def u32(
        self, places: Places, offset: int = 0, *, little: bool = False
    ) -> npt.NDArray[np.uint32]:
        """Four octets of each packet."""
        words: npt.NDArray[np.uint32] = self.headers(
            places + offset, LITTLE_WORD if little else BIG_WORD
        )
        return words.astype(np.uint32)

    def u48(self, places: Places, offset: int = 0) -> npt.NDArray[np.uint64]:
        """Six octets of each packet, as a MAC address is written."""
        value = self.u32(places, offset).astype(np.uint64)
        value <<= np.uint64(16)
        value |= self.u16(places, offset + 4)
        return value

    def headers(self, places: Places, layout: np.dtype[Any]) -> npt.NDArray[Any]:
        """A header of each packet, whose fields and their octet order ``layout`` names."""
        return self._gathered(places, layout.itemsize).view(layout)

    def units(self, places: Places, size: int) -> bytes:
        """``size`` octets from each of the places on, one after another."""
        portions = range(0, len(places), UNITS_AT_ONCE)
        return b"".join(
            [self._gathered(places[at : at + UNITS_AT_ONCE], size).data for at in portions]
        )

    def _gathered(self, places: Places, size: int) -> npt.NDArray[np.void]:
        shape = (len(self.array) - size + 1,)
        everywhere: npt.NDArray[np.void] = np.ndarray(
            shape, np.dtype((np.void, size)), self.array.data, strides=(1,)
        )
        return everywhere[places]

    def bytes(self, start: int, end: int) -> bytes:
        """The octets from ``start`` up to ``end``."""
        return self.array[start:end].tobytes()
