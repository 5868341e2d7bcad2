"""Single frames read out of their files again, for somebody who wants to see all of their bytes.

An analysis keeps the payloads of the packets that matter and lets the frames go. A file on disk is
opened again for a frame. While it is walked to the frame, the places where batches of packets begin
are remembered, so that a second frame costs one batch; a compressed file, in which there are no
places to go to, is read from its beginning each time.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from stat import S_ISREG
from typing import TypeAlias

import numpy as np
from msgspec import Struct, structs

from capfpcap.capture.columns import CaptureError
from capfpcap.capture.files.formats import open_format
from capfpcap.capture.files.pcap import PcapReader
from capfpcap.capture.files.pcapng import PcapngReader
from capfpcap.capture.files.source import STANDARD_INPUT, Source, named
from capfpcap.capture.files.window import Window
from capfpcap.capture.problems import ProblemLog
from capfpcap.capture.records import Records, Times

KEPT_FRAMES = 64
"""Frames read last that are kept: somebody goes to and fro between few of them."""

MAX_FILES = 256
"""Files of which places are remembered."""

_Reader: TypeAlias = PcapReader | PcapngReader


class Frame(Struct, frozen=True):
    """A packet as its file has it."""

    number: int
    """From 1, in its file."""
    time: int
    """Nanoseconds since 1970 UTC, by the file's own clock."""
    link_type: int
    data: bytes
    """What the file holds of it, from its link-layer header on."""
    wire_length: int
    """Bytes that it had when it was sent."""


class Excerpt(Struct, frozen=True):
    """Some frames of a file, and when all up to the last one of them were recorded."""

    frames: tuple[Frame, ...]
    """Ascending by number."""
    times: Times
    """Of the file's first frame, the second, and so on, at least to the last one of these."""


class FrameError(Exception):
    """A frame that cannot be read again; the message is one sentence that says why."""


class _Mark(Struct, frozen=True):
    """A place in a file from which reading can go on."""

    frame: int
    """The number of the first frame behind it."""
    offset: int
    resume: Callable[[Window], _Reader]
    """A reader that goes on there, given a window that begins there."""


class FrameReader:
    """Frames of one capture file; what is remembered of a file that another replaced is let go."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._identity: tuple[int, int] | None = None
        """Device and inode."""
        self._marks: list[_Mark] = []
        """Ascending."""
        self._kept: dict[int, Frame] = {}

    def read(self, number: int) -> Frame:
        """The frame of that number.

        Raises:
            FrameError: it cannot be had.
        """
        self._look_again()
        kept = self._kept.pop(number, None)
        if kept is None:
            kept = self._read(number)
            while len(self._kept) >= KEPT_FRAMES:
                del self._kept[next(iter(self._kept))]
        self._kept[number] = kept
        return kept

    def read_all(self, numbers: Collection[int], *, must_be_there: bool = True) -> Excerpt:
        """All frames of these numbers, by one walk through the file.

        Raises:
            FrameError: one of them cannot be had; without ``must_be_there`` only where none can.
        """
        self._look_again()
        try:
            with Source(self._path) as source:
                return _excerpt(source, sorted(set(numbers)), must_be_there)
        except (CaptureError, OSError) as error:
            raise FrameError(str(error)) from error

    def _look_again(self) -> None:
        """See that there is a file, and whether it is still the same one."""
        try:
            status = Path(self._path).stat()
        except (OSError, ValueError):
            status = None
        if self._path == STANDARD_INPUT or status is None or not S_ISREG(status.st_mode):
            raise FrameError(f"{named(self._path)} cannot be read a second time")
        identity = status.st_dev, status.st_ino
        if identity != self._identity:
            self._identity = identity
            self._marks.clear()
            self._kept.clear()

    def _read(self, number: int) -> Frame:
        try:
            with Source(self._path) as source:
                return self._find(number, source)
        except (CaptureError, OSError) as error:
            raise FrameError(str(error)) from error

    def _find(self, number: int, source: Source) -> Frame:
        reader = self._reader(number, source)
        records: Records | None = None
        while records is None or number >= records.first_frame + len(records):
            mark = _mark(reader)
            records = next(_batches(reader), None)
            if records is None:
                raise FrameError(f"{self._path} has no frame {number} any more")
            if not source.compression and (not self._marks or mark.frame > self._marks[-1].frame):
                self._marks.append(mark)
        return _frame(records, number)

    def _reader(self, number: int, source: Source) -> _Reader:
        """A reader that stands before the frame, as near to it as any place that is known."""
        place = bisect_right(self._marks, number, key=lambda mark: mark.frame) - 1
        if place < 0:
            return open_format(named(self._path), Window(source), ProblemLog())
        mark = self._marks[place]
        return mark.resume(Window(source.stretch(mark.offset), base=mark.offset))


def _batches(reader: _Reader) -> Iterator[Records]:
    yield from reader.batches()


def _mark(reader: _Reader) -> _Mark:
    """Where a reader stands."""
    frame, offset = reader.next_frame, reader.stands_at
    if isinstance(reader, PcapReader):
        header = reader.header
        return _Mark(
            frame, offset, lambda window: PcapReader(header, window, ProblemLog(), 0, frame)
        )
    section = structs.replace(reader.section)
    return _Mark(
        frame,
        offset,
        lambda window: PcapngReader(window, ProblemLog(), structs.replace(section), frame),
    )


def _excerpt(source: Source, numbers: Sequence[int], must_be_there: bool) -> Excerpt:
    frames: list[Frame] = []
    times: list[Times] = [np.empty(0, np.int64)]
    last = 0
    for records in _batches(open_format(named(source.path), Window(source), ProblemLog())):
        last = records.first_frame + len(records) - 1
        times.append(records.times().copy())
        while len(frames) < len(numbers) and numbers[len(frames)] <= last:
            frames.append(_frame(records, numbers[len(frames)]))
        if len(frames) == len(numbers):
            break
    if must_be_there and len(frames) < len(numbers):
        missing = numbers[len(frames)]
        raise FrameError(f"{source.path} has no frame {missing}: its last one is frame {last}")
    return Excerpt(tuple(frames), np.concatenate(times))


def _frame(records: Records, number: int) -> Frame:
    row = number - records.first_frame
    start = int(records.at[row])
    rows = np.array([row])
    types = records.link_types
    return Frame(
        number=number,
        time=int(records.times(rows)[0]),
        link_type=int(types[row if len(types) == len(records) else 0]),
        data=records.octets.bytes(start, start + int(records.captured[row])),
        wire_length=int(records.wire_lengths(rows)[0]),
    )


@lru_cache(MAX_FILES)
def frame_reader(path: str) -> FrameReader:
    """The reader of a file, with what it remembers."""
    return FrameReader(path)
