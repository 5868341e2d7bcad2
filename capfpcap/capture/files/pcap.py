"""The classic capture format (draft-ietf-opsawg-pcap), in all its byte orders and resolutions."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np
from msgspec import Struct, structs

from capfpcap.capture.columns import CaptureError
from capfpcap.capture.files.pcap_records import (
    MODIFIED_RECORD_HEADER,
    RECORD_HEADER,
    record_header_length,
)
from capfpcap.capture.files.source import CutStreamError, told
from capfpcap.capture.files.walk import Shape, walk
from capfpcap.capture.files.window import Window
from capfpcap.capture.octets import BIG_WORD, LITTLE_WORD, Octets, Places
from capfpcap.capture.problems import ProblemKind, ProblemLog
from capfpcap.capture.records import MAX_BATCH, NANOSECONDS, Times

FILE_HEADER = 24

_MAGICS: dict[int, tuple[int, int]] = {
    0xA1B2C3D4: (1000, RECORD_HEADER),
    0xA1B23C4D: (1, RECORD_HEADER),
    0xA1B2CD34: (1000, MODIFIED_RECORD_HEADER),
}
"""Magic number to nanoseconds in a unit of the time fraction, and octets of a record header."""


class Header(Struct, frozen=True):
    """What the file header says."""

    little: bool
    unit: int
    """Nanoseconds in a unit of the time fraction."""
    record_header: int
    swapped_lengths: bool
    """Whether the original length comes first, as before version 2.3."""
    link_type: int

    @property
    def shape(self) -> Shape:
        """What it takes to go from record to record."""
        length_at = 12 if self.swapped_lengths else 8
        return Shape(self.record_header, length_at, self.little)

    @property
    def layout(self) -> np.dtype[np.void]:
        """The fields of a record header that matter."""
        lengths = ("wire", "captured") if self.swapped_lengths else ("captured", "wire")
        word = LITTLE_WORD if self.little else BIG_WORD
        return np.dtype([(name, word) for name in ("seconds", "fraction", *lengths)])


def is_pcap(beginning: bytes) -> bool:
    """Whether a file that begins so is of this format."""
    return any(int.from_bytes(beginning[:4], order) in _MAGICS for order in ("little", "big"))


def read_header(path: str, beginning: bytes) -> Header:
    """The file header; the upper half of the link type holds other things (FCS length).

    Raises:
        CaptureError: the file ends inside it.
    """
    if len(beginning) < FILE_HEADER:
        raise CaptureError(f"{path} ends inside its file header, after {len(beginning)} bytes")
    little = int.from_bytes(beginning[:4], "little") in _MAGICS
    magic, major, minor, _zone, _accuracy, _snap, link = struct.unpack_from(
        "<IHHIIII" if little else ">IHHIIII", beginning
    )
    unit, record_header = _MAGICS[magic]
    swapped = major == 2 and minor < 3
    return Header(little, unit, record_header, swapped, link & 0xFFFF)


class PcapRecords:
    """See :class:`capfpcap.capture.records.Records`."""

    def __init__(
        self, octets: Octets, header: Header, first_frame: int, headers_at: Places
    ) -> None:
        self.octets = octets
        self.first_frame = first_frame
        self.at = headers_at + header.record_header
        self.link_types = np.array([header.link_type], np.int32)
        self.interfaces: Places = np.zeros(1, np.int64)
        fields = octets.headers(headers_at, header.layout)
        self.captured: Places = fields["captured"].astype(np.int64)
        self._wire: Places = fields["wire"].astype(np.int64)
        self._times = fields["seconds"].astype(np.int64) * NANOSECONDS
        self._times += fields["fraction"].astype(np.int64) * header.unit

    def __len__(self) -> int:
        return len(self.at)

    def times(self, rows: Places | None = None) -> Times:
        """Seconds reach from 1970 to 2106; a fraction over a second counts as it stands."""
        return self._times if rows is None else self._times[rows]

    def wire_lengths(self, rows: Places) -> Places:
        """As the record header states them."""
        return self._wire[rows]


class PcapReader:
    """A file of this format; see :class:`capfpcap.capture.records.Format`."""

    name = "pcap"
    secrets: tuple[bytes, ...] = ()

    def __init__(
        self, header: Header, window: Window, log: ProblemLog, at: int, frame: int = 1
    ) -> None:
        """``at`` is where in the window the next record begins, ``frame`` its number."""
        self.header = header
        self._window = window
        self._log = log
        self._frame, self._at = frame, at
        self.corrupt = False

    @classmethod
    def begin(cls, path: str, window: Window, log: ProblemLog) -> PcapReader:
        """A reader for the file whose beginning ``window`` holds.

        Raises:
            CaptureError: the file ends inside its header.
        """
        beginning = bytes(window.buffer[: min(FILE_HEADER, window.filled)])
        header = read_header(path, beginning)
        length = record_header_length(
            window.octets,
            FILE_HEADER,
            window.filled,
            header.layout,
            header.unit,
            header.record_header,
        )
        return cls(structs.replace(header, record_header=length), window, log, FILE_HEADER)

    @property
    def next_frame(self) -> int:
        """Number of the packet that comes next."""
        return self._frame

    @property
    def stands_at(self) -> int:
        """Offset in the file behind the last record that was read."""
        return self._window.base + self._at

    @property
    def looked_at(self) -> int:
        """Offset in the file behind all that was taken out of it."""
        return self._window.base + self._window.filled

    def go_on(self) -> None:
        """Lets :meth:`batches` go on behind what seemed to be the end of the file."""
        self._window.reopen()

    def batches(self) -> Iterator[PcapRecords]:
        """As :meth:`capfpcap.capture.records.Format.batches`.

        Asked again, it goes on where it ended, as far as there is more to be read now.
        """
        window, header = self._window, self.header
        while True:
            starts, self._at, corrupt = walk(window.words, self._at, window.filled, header.shape)
            if len(starts):
                frame = self._frame
                self._frame += len(starts)
                yield PcapRecords(window.octets, header, frame, starts)
            if corrupt:
                self.corrupt = True
                self._note_corrupt(self._at, self._frame)
                return
            if len(starts) < MAX_BATCH:
                if not window.advance(self._at):
                    self._note_end(self._at, self._frame)
                    return
                self._at = 0

    def _note_corrupt(self, at: int, frame: int) -> None:
        offset = at + (12 if self.header.swapped_lengths else 8)
        length_at = struct.Struct("<I" if self.header.little else ">I").unpack_from
        (claimed,) = length_at(self._window.buffer, offset)
        self._log.add(
            ProblemKind.CORRUPT,
            f"frame {frame} at byte {self._window.base + at} claims {claimed} captured bytes; "
            "the reading stopped there",
            frame,
        )

    def _note_end(self, at: int, frame: int) -> None:
        note_end(self._window, at, frame, self._log)


def note_end(window: Window, at: int, frame: int, log: ProblemLog) -> None:
    """Notes how the file ended, where it did not end behind a whole record at ``at``."""
    place = f"frame {frame} at byte {window.base + at}"
    if window.failure:
        cut = isinstance(window.failure, CutStreamError)
        kind = ProblemKind.CUT_SHORT if cut else ProblemKind.CORRUPT
        log.add(kind, f"the file was read up to {place}: {told(window.failure)}", frame)
    elif window.filled > at:
        log.add(ProblemKind.CUT_SHORT, f"the file ends inside {place}", frame)
