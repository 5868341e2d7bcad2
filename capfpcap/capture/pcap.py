"""The classic capture format (draft-ietf-opsawg-pcap), in all its byte orders and resolutions."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np
from msgspec import Struct

from capfpcap.capture.columns import CaptureError, ProblemKind
from capfpcap.capture.octets import BIG_WORD, LITTLE_WORD, Octets, Places
from capfpcap.capture.problems import ProblemLog
from capfpcap.capture.records import MAX_BATCH, NANOSECONDS, Times
from capfpcap.capture.source import CutStreamError, told
from capfpcap.capture.walk import Shape, walk
from capfpcap.capture.window import Window

FILE_HEADER = 24
RECORD_HEADER = 16
MODIFIED_RECORD_HEADER = 24
"""Record header of Alexey Kuznetzov's format: eight octets on the interface behind the lengths."""

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
        raise CaptureError(f"{path} ends inside its file header, after {len(beginning)} octets")
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

    def __init__(self, path: str, window: Window, log: ProblemLog) -> None:
        beginning = bytes(window.buffer[: min(FILE_HEADER, window.filled)])
        self._header = read_header(path, beginning)
        self._window = window
        self._log = log

    def batches(self) -> Iterator[PcapRecords]:
        """As :meth:`capfpcap.capture.records.Format.batches`."""
        window, header = self._window, self._header
        frame, at = 1, FILE_HEADER
        while True:
            starts, at, corrupt = walk(window.words, at, window.filled, header.shape)
            if len(starts):
                yield PcapRecords(window.octets, header, frame, starts)
                frame += len(starts)
            if corrupt:
                self._note_corrupt(at, frame)
                return
            if len(starts) < MAX_BATCH:
                if not window.advance(at):
                    self._note_end(at, frame)
                    return
                at = 0

    def _note_corrupt(self, at: int, frame: int) -> None:
        offset = at + (12 if self._header.swapped_lengths else 8)
        length_at = struct.Struct("<I" if self._header.little else ">I").unpack_from
        (claimed,) = length_at(self._window.buffer, offset)
        self._log.add(
            ProblemKind.CORRUPT,
            f"frame {frame} at byte {self._window.base + at} claims {claimed} captured octets; "
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
