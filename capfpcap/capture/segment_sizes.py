"""The largest segments that the ends of TCP connections say they accept, by frame.

Only SYNs say it (RFC 9293, section 3.7.1): few rows, so this is no column.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_FRAME_BITS = 32


class SegmentSizes:
    """The MSS of each frame that announces one; each batch of frames ascends."""

    def __init__(self) -> None:
        self._frames: list[npt.NDArray[np.uint64]] = []
        self._sizes: list[npt.NDArray[np.uint16]] = []

    def add(self, file: int, frames: npt.NDArray[np.uint32], sizes: npt.NDArray[np.uint16]) -> None:
        """Keeps the sizes, in octets of payload, that are not 0."""
        announced = np.flatnonzero(sizes)
        if len(announced):
            self._frames.append(frames[announced] | np.uint64(file << _FRAME_BITS))
            self._sizes.append(sizes[announced])

    def find(self, file: int, frame: int) -> int | None:
        """The MSS that a frame announces; None where it has no such option, or it was cut off."""
        if not self._frames:
            return None
        if len(self._frames) > 1:
            frames = np.concatenate(self._frames)
            order = np.argsort(frames, kind="stable")
            self._frames = [frames[order]]
            self._sizes = [np.concatenate(self._sizes)[order]]
        frames, sought = self._frames[0], np.uint64(file << _FRAME_BITS | frame)
        place = int(np.searchsorted(frames, sought))
        if place == len(frames) or frames[place] != sought:
            return None
        return int(self._sizes[0][place])
