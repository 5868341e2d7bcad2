"""The pcapng capture format (draft-ietf-opsawg-pcapng): blocks in sections, several interfaces."""

from __future__ import annotations

from collections.abc import Iterator

from capfpcap.capture.columns import CaptureError
from capfpcap.capture.files.interfaces import ByteOrder, read_interface
from capfpcap.capture.files.pcap import note_end
from capfpcap.capture.files.pcapng_records import FRAME_BLOCKS, Block, PcapngRecords, Section
from capfpcap.capture.files.pcapng_run import LEAST_BLOCK, FrameBlocks, PacketRuns
from capfpcap.capture.files.secrets import Secrets
from capfpcap.capture.files.window import Window
from capfpcap.capture.problems import ProblemKind, ProblemLog
from capfpcap.capture.records import MAX_BATCH

MAX_BLOCK = 1 << 24
"""Octets of one block; Wireshark refuses larger ones as well."""
WORTH_RUNS = 1 << 20
"""Octets of a window from which on its packets are found together."""
SECTION_HEADER = 28
MAX_INTERFACES = 1 << 12
"""Interfaces of one section; packets of further ones are counted but not decoded."""
MAX_SECTIONS = 1 << 12
"""Sections of one file that are read: each costs as much time as hundreds of packets."""
MAX_OTHER_BLOCKS = 1 << 20
"""By how many the blocks that hold no packet may outnumber those that do."""
DESCRIPTIVE_BLOCKS = frozenset({Block.INTERFACE, Block.DECRYPTION_SECRETS})
BYTE_ORDER_MAGIC = 0x1A2B3C4D
STOP = -1
"""Answer of a walk that cannot go on."""


def is_pcapng(beginning: bytes) -> bool:
    """Whether a file that begins so is of this format."""
    return beginning.startswith(Block.SECTION_HEADER.to_bytes(4, "big"))


class PcapngReader:
    """A file of this format; see :class:`capfpcap.capture.records.Format`."""

    name = "pcapng"

    def __init__(self, window: Window, log: ProblemLog, section: Section, frame: int = 1) -> None:
        """``window`` begins with a block of ``section``; the next frame is number ``frame``."""
        self._window = window
        self._log = log
        self.section = section
        self._secrets = Secrets(log)
        self._frame = frame
        self._sections = 0
        self._others = 0
        self._at = 0
        self._run_in = -1
        """Offset in the file of the window whose packets were found together last."""

    @classmethod
    def begin(cls, path: str, window: Window, log: ProblemLog) -> PcapngReader:
        """A reader for the file whose beginning ``window`` holds.

        Raises:
            CaptureError: the file ends inside its first header, or does not tell its byte order.
        """
        if window.filled < SECTION_HEADER:
            raise CaptureError(
                f"{path} ends inside its section header, after {window.filled} bytes"
            )
        if _byte_order(window.buffer, 0) is None:
            raise CaptureError(
                f"{path} is not a capture file: its section header has no byte-order magic"
            )
        return cls(window, log, Section())

    @property
    def next_frame(self) -> int:
        """Number of the packet that comes next."""
        return self._frame

    @property
    def stands_at(self) -> int:
        """Offset in the file behind the last block that was read."""
        return self._window.base + self._at

    @property
    def secrets(self) -> tuple[bytes, ...]:
        """As :attr:`capfpcap.capture.records.Format.secrets`."""
        return tuple(self._secrets.key_logs)

    def batches(self) -> Iterator[PcapngRecords]:
        """As :meth:`capfpcap.capture.records.Format.batches`."""
        while True:
            frames, needed = self._walk()
            if frames.count:
                octets, section, frame = self._window.octets, self.section, self._frame
                self._frame += frames.count
                yield PcapngRecords(octets, section, frame, *frames.arrays())
            if needed == STOP or self._endless():
                return
            if needed:
                if not self._window.advance(self._at, needed):
                    note_end(self._window, self._at, self._frame, self._log)
                    return
                self._at = 0

    def _walk(self) -> tuple[FrameBlocks, int]:
        """Goes on from block to block, through the header of a section but not into the next one.

        Returns:
            The blocks that have frame numbers, and how many octets must be in the window to go on:
            0 where they are there, :data:`STOP` where it cannot go on.
        """
        buffer, end = self._window.buffer, self._window.filled
        frames, runs = FrameBlocks(), self._packet_runs()
        at, fields = self._at, self.section.two_words
        while frames.count < MAX_BATCH:
            if runs is not None:
                places, at = runs.run(at)
                frames.add_packets(places)
            self._at = at
            if at + LEAST_BLOCK > end:
                return frames, LEAST_BLOCK
            kind, length = fields(buffer, at)
            if kind == Block.SECTION_HEADER:
                if frames.count:
                    return frames, 0
                if not self._begin_section(at):
                    return frames, self._corrupt(frames.count, "has no byte-order magic")
                runs, fields = None, self.section.two_words
                length = fields(buffer, at)[1]
            size = length + 3 & ~3
            if length < LEAST_BLOCK or size > MAX_BLOCK:
                return frames, self._corrupt(frames.count, f"claims {length} bytes")
            if at + size > end:
                return frames, size
            if fields(buffer, at + size - 8)[1] != length:
                return frames, self._corrupt(frames.count, "states two different lengths")
            if kind in FRAME_BLOCKS:
                frames.add(at, kind)
            else:
                self._others += 1
                if kind in DESCRIPTIVE_BLOCKS:
                    self._describe(kind, bytes(buffer[at : at + size]))
            at += size
        self._at = at
        return frames, 0

    def _begin_section(self, at: int) -> bool:
        """Whether the section header at an offset of the window tells its byte order."""
        little = _byte_order(self._window.buffer, at)
        if little is None:
            return False
        before = self.section.first_interface + len(self.section.interfaces)
        self.section = Section(little, first_interface=before)
        self._sections += 1
        return True

    def _packet_runs(self) -> PacketRuns | None:
        """The window's packets, found together once a window; None where that does not pay."""
        window = self._window
        if window.base == self._run_in or window.filled - self._at < WORTH_RUNS:
            return None
        self._run_in = window.base
        little = self.section.little
        runs = PacketRuns(window.buffer, window.octets, self._at, window.filled, little)
        return runs if runs.worth_their_while else None

    def _describe(self, kind: int, block: bytes) -> None:
        """Takes a whole block that holds no packet."""
        order: ByteOrder = "little" if self.section.little else "big"
        if kind == Block.DECRYPTION_SECRETS:
            self._secrets.take(block, order)
        elif len(self.section.interfaces) < MAX_INTERFACES:
            self.section.interfaces.append(read_interface(block, order))

    def _endless(self) -> bool:
        """Whether the file is mostly no packets; if so, notes that the reading stops."""
        if self._sections > MAX_SECTIONS:
            why = f"the file has more than {MAX_SECTIONS} sections"
        elif self._others > self._frame + MAX_OTHER_BLOCKS:
            why = f"{self._others} blocks before frame {self._frame} hold no packet"
        else:
            return False
        self._log.add(ProblemKind.CORRUPT, f"{why}; the reading stopped there", self._frame)
        return True

    def _corrupt(self, packets: int, why: str) -> int:
        """Notes a block that cannot be, behind so many packets; the answer of a walk so ended."""
        frame = self._frame + packets
        self._log.add(
            ProblemKind.CORRUPT,
            f"the block before frame {frame} at byte {self._window.base + self._at} {why}; "
            "the reading stopped there",
            frame,
        )
        return STOP


def _byte_order(buffer: bytearray, at: int) -> bool | None:
    """Whether the section whose header is at ``at`` is little-endian; None without its magic."""
    magic = buffer[at + 8 : at + 12]
    if magic == BYTE_ORDER_MAGIC.to_bytes(4, "little"):
        return True
    return False if magic == BYTE_ORDER_MAGIC.to_bytes(4, "big") else None
