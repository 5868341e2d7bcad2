"""Packet blocks of a pcapng section, all of a window at once."""

from __future__ import annotations

import struct
from collections.abc import Callable
from enum import IntEnum

import numpy as np
import numpy.typing as npt
from msgspec import Struct, field

from capfpcap.capture.distinct import first_places
from capfpcap.capture.files.interfaces import Interface
from capfpcap.capture.headers import linktypes
from capfpcap.capture.octets import Octets, Places
from capfpcap.capture.records import MAX_RECORD, Times


class Block(IntEnum):
    """Block types (IETF draft, section 4, and its registry)."""

    SECTION_HEADER = 0x0A0D0D0A
    INTERFACE = 1
    OBSOLETE_PACKET = 2
    SIMPLE_PACKET = 3
    ENHANCED_PACKET = 6
    DECRYPTION_SECRETS = 10


SYSTEM_EVENTS = (9, 0x204, 0x208, 0x216, 0x217, 0x221, 0x222)
"""Blocks that hold no packet but a journal entry or a system call (pcapng block type registry)."""
CUSTOM_BLOCKS = (0x0BAD, 0x40000BAD)
PACKET_BLOCKS = frozenset({Block.ENHANCED_PACKET, Block.OBSOLETE_PACKET, Block.SIMPLE_PACKET})
FRAME_BLOCKS = PACKET_BLOCKS.union(SYSTEM_EVENTS, CUSTOM_BLOCKS)
"""Blocks that Wireshark gives a frame number."""
ENHANCED_HEADER = 28
"""Octets before the packet in an enhanced and in an obsolete packet block."""
SIMPLE_HEADER = 12
WORDS = {
    little: np.dtype([("words", "<u4" if little else ">u4", ENHANCED_HEADER // 4)])
    for little in (True, False)
}
"""The header of an enhanced packet block."""


_TWO_WORDS = {little: struct.Struct("<II" if little else ">II") for little in (True, False)}


class Section(Struct):
    """What the blocks so far say of the section that is being read."""

    little: bool = True
    interfaces: list[Interface] = field(default_factory=list)
    first_interface: int = 0
    """Number of its first interface among those of all sections of the file."""
    last_time: int = 0
    """Time of the latest packet block that has one; that of simple packets, which have none."""

    @property
    def two_words(self) -> Callable[[bytearray, int], tuple[int, ...]]:
        """What reads two numbers of 32 bits at an offset: a block's type and length."""
        return _TWO_WORDS[self.little].unpack_from


class PcapngRecords:
    """See :class:`capfpcap.capture.records.Records`."""

    def __init__(
        self, octets: Octets, section: Section, first_frame: int, blocks_at: Places, types: Places
    ) -> None:
        self.octets = octets
        self.first_frame = first_frame
        self._section = section
        self._little = section.little
        self._blocks_at = blocks_at
        self._types = types
        self._words = octets.headers(blocks_at, WORDS[section.little])["words"]
        self._simple = types == Block.SIMPLE_PACKET
        self._timed = (types == Block.ENHANCED_PACKET) | (types == Block.OBSOLETE_PACKET)
        self.at = blocks_at + np.where(self._simple, SIMPLE_HEADER, ENHANCED_HEADER)
        self._interface = self._own_interfaces()
        self.interfaces: Places = self._interface + section.first_interface
        self._wire = self._wire_lengths()
        self.captured = self._captured()
        self.link_types = self._link_types()
        self._times = self._all_times()

    def __len__(self) -> int:
        return len(self.at)

    def times(self, rows: Places | None = None) -> Times:
        """A simple packet has the time of the packet with a time before it."""
        return self._times if rows is None else self._times[rows]

    def wire_lengths(self, rows: Places) -> Places:
        """As the block states them."""
        return self._wire[rows]

    def _u32(self, offset: int) -> Places:
        words: Places = self._words[:, offset // 4].astype(np.int64)
        return words

    def _own_interfaces(self) -> Places:
        """Index of the interface of each packet; simple packets are of the first one."""
        interface = self._u32(8)
        old = self._types == Block.OBSOLETE_PACKET
        if old.any():
            places = self._blocks_at[old]
            interface[old] = self.octets.u16(places, 8, little=self._little)
        interface[self._simple] = 0
        return interface

    def _wire_lengths(self) -> Places:
        wire = self._u32(24)
        if self._simple.any():
            wire[self._simple] = self._u32(8)[self._simple]
        return wire

    def _captured(self) -> Places:
        """As stated, but never more than the block holds, nor than the interface's snap length."""
        room = self._u32(4) - (self.at - self._blocks_at) - 4
        captured = np.where(self._timed, self._u32(20), 0)
        if self._simple.any():
            interfaces = self._section.interfaces
            limit = interfaces[0].snap_length if interfaces else 0
            captured[self._simple] = np.minimum(self._wire, limit or MAX_RECORD)[self._simple]
        return np.clip(captured, 0, np.maximum(room, 0))

    def _link_types(self) -> npt.NDArray[np.int32]:
        known = [interface.link_type for interface in self._section.interfaces]
        table = np.array([*known, linktypes.UNDESCRIBED], np.int32)
        types = table[np.minimum(self._interface, len(known))]
        types[~(self._timed | self._simple)] = linktypes.NO_PACKET
        return types

    def _all_times(self) -> Times:
        """Stamps of each interface turned into time in its own way."""
        stamps = (self._u32(12).astype(np.uint64) << np.uint64(32)) | self._u32(16).astype(
            np.uint64
        )
        times = np.zeros(len(stamps), np.int64)
        timed = self._timed
        met = np.sort(self._interface[timed])
        for index in met[first_places(met)].tolist():
            if index < len(self._section.interfaces):
                rows = timed & (self._interface == index)
                times[rows] = self._section.interfaces[index].times(stamps[rows])
        places = np.maximum.accumulate(np.where(timed, np.arange(len(times)), -1))
        times = np.where(places >= 0, times[places], self._section.last_time)
        self._section.last_time = int(times[-1])
        return times
