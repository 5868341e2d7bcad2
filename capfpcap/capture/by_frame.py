"""What few packets say in their TCP options, by frame: too few of them for a column.

The largest segments that SYNs say they accept (RFC 9293, section 3.7.1), and the blocks of
selective acknowledgements (RFC 2018).
"""

from __future__ import annotations

from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

_FRAME_BITS = 32
_Number = TypeVar("_Number", np.uint16, np.uint64)


class ByFrame(Generic[_Number]):
    """Numbers that frames say, one or several each; in each batch the frames ascend."""

    def __init__(self, kind: type[_Number]) -> None:
        self._kind: type[_Number] = kind
        self._frames: list[npt.NDArray[np.uint64]] = []
        self._numbers: list[npt.NDArray[_Number]] = []

    def __len__(self) -> int:
        return sum(len(numbers) for numbers in self._numbers)

    @property
    def frames(self) -> npt.NDArray[np.uint32]:
        """The frames that say a number, whichever file they are in."""
        return self._joined()[0].astype(np.uint32)

    def add(self, file: int, frames: npt.NDArray[np.uint32], numbers: npt.NDArray[_Number]) -> None:
        """Keeps a number for each frame; several of one frame stay in their order."""
        if len(frames):
            self._frames.append(frames | np.uint64(file << _FRAME_BITS))
            self._numbers.append(numbers)

    def of_file(self, file: int) -> tuple[npt.NDArray[np.uint32], npt.NDArray[_Number]]:
        """The frames of a file that say a number, ascending batch by batch, with it."""
        frames, numbers = self._joined()
        here = frames >> np.uint64(_FRAME_BITS) == file
        return frames[here].astype(np.uint32), numbers[here]

    def first(
        self, files: npt.NDArray[np.uint16], frames: npt.NDArray[np.uint32]
    ) -> npt.NDArray[_Number]:
        """The first number that each frame says; 0 where it says none, or that was cut off."""
        starts, stops = self.places(files, frames)
        found = starts < stops
        numbers = np.zeros(len(frames), self._kind)
        numbers[found] = self._joined()[1][starts[found]]
        return numbers

    def places(
        self, files: npt.NDArray[np.uint16], frames: npt.NDArray[np.uint32]
    ) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """Where among all numbers those of each frame begin, and where they end."""
        known, _ = self._joined()
        sought = files.astype(np.uint64) << np.uint64(_FRAME_BITS) | frames
        return np.searchsorted(known, sought, "left"), np.searchsorted(known, sought, "right")

    def between(self, start: int, stop: int) -> list[int]:
        """The numbers from one place to another."""
        numbers: list[int] = self._joined()[1][start:stop].tolist()
        return numbers

    def _joined(self) -> tuple[npt.NDArray[np.uint64], npt.NDArray[_Number]]:
        """All frames, ascending, and their numbers."""
        if not self._frames:
            return np.empty(0, np.uint64), np.empty(0, self._kind)
        if len(self._frames) > 1:
            frames, numbers = np.concatenate(self._frames), np.concatenate(self._numbers)
            order = np.argsort(frames, kind="stable")
            self._frames, self._numbers = [frames[order]], [numbers[order]]
        return self._frames[0], self._numbers[0]
