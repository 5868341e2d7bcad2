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

    def of_file(self, file: int) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint16]]:
        """The frames of a file that announce an MSS, ascending batch by batch, with it."""
        if not self._frames:
            return np.empty(0, np.uint32), np.empty(0, np.uint16)
        frames, sizes = np.concatenate(self._frames), np.concatenate(self._sizes)
        here = frames >> np.uint64(_FRAME_BITS) == file
        return frames[here].astype(np.uint32), sizes[here]

    def of(
        self, files: npt.NDArray[np.uint16], frames: npt.NDArray[np.uint32]
    ) -> npt.NDArray[np.uint16]:
        """The MSS that each frame announces; 0 where it has no such option, or it was cut off."""
        sizes = np.zeros(len(frames), np.uint16)
        if not self._frames:
            return sizes
        if len(self._frames) > 1:
            known = np.concatenate(self._frames)
            order = np.argsort(known, kind="stable")
            self._frames = [known[order]]
            self._sizes = [np.concatenate(self._sizes)[order]]
        known = self._frames[0]
        sought = files.astype(np.uint64) << np.uint64(_FRAME_BITS) | frames
        places = np.minimum(np.searchsorted(known, sought), len(known) - 1)
        found = known[places] == sought
        sizes[found] = self._sizes[0][places[found]]
        return sizes
