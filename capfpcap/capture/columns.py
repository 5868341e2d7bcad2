"""Packets as columns: what every later floor knows of a capture."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from capfpcap.capture.addresses import AddressTable
from capfpcap.capture.by_frame import ByFrame
from capfpcap.capture.distinct import first_places
from capfpcap.capture.problems import CaptureProblem, ProblemKind

NO_VLAN = 0xFFFF
"""The VLAN column of a frame that carried no tag."""


class IpProtocol(IntEnum):
    """IP protocol numbers that are kept (IANA Assigned Internet Protocol Numbers)."""

    ICMP = 1
    TCP = 6
    UDP = 17
    ICMPV6 = 58


class TcpFlag(IntEnum):
    """TCP control bits (RFC 9293, section 3.1)."""

    FIN = 0x01
    SYN = 0x02
    RST = 0x04
    PSH = 0x08
    ACK = 0x10
    URG = 0x20


class PacketColumns(Struct, frozen=True, eq=False):
    """One row a kept packet, in the order of the files; every array has the same length.

    ``source`` and ``destination`` are codes of an :class:`AddressTable`. ``payload_length`` is the
    transport payload as the IP header states it (link-layer padding never counts);
    ``captured_length`` is how much of it the file holds, from ``payload_at`` in chunk ``chunk`` of
    the :class:`PayloadStore`. For ICMP the payload is the whole ICMP message and ports are 0. A
    datagram put together from IP fragments is one row, that of the fragment that completed it.
    """

    time: npt.NDArray[np.int64]
    """Nanoseconds since 1970-01-01 UTC."""
    file: npt.NDArray[np.uint16]
    """Index into :attr:`Capture.files`."""
    frame: npt.NDArray[np.uint32]
    """Frame number in that file, from 1, as Wireshark counts."""
    source: npt.NDArray[np.uint64]
    destination: npt.NDArray[np.uint64]
    source_port: npt.NDArray[np.uint16]
    destination_port: npt.NDArray[np.uint16]
    protocol: npt.NDArray[np.uint8]
    flags: npt.NDArray[np.uint8]
    """TCP control bits; 0 for UDP and ICMP."""
    sequence: npt.NDArray[np.uint32]
    acknowledgement: npt.NDArray[np.uint32]
    window: npt.NDArray[np.uint16]
    """TCP window as sent, before any scaling."""
    ttl: npt.NDArray[np.uint8]
    """IPv4 time to live or IPv6 hop limit."""
    identification: npt.NDArray[np.uint16]
    """IPv4 identification; 0 for IPv6."""
    payload_length: npt.NDArray[np.uint32]
    captured_length: npt.NDArray[np.uint32]
    chunk: npt.NDArray[np.uint32]
    payload_at: npt.NDArray[np.uint32]
    source_mac: npt.NDArray[np.uint64]
    """Link-layer source as a 48-bit number; 0 where the link layer has none."""
    destination_mac: npt.NDArray[np.uint64]
    vlan: npt.NDArray[np.uint16]
    """Outermost 802.1Q VLAN identifier, or :data:`NO_VLAN`."""

    def __len__(self) -> int:
        return len(self.time)

    def take(self, rows: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> PacketColumns:
        """The rows named by indices or by a mask."""
        return PacketColumns(*(getattr(self, name)[rows] for name in self.__struct_fields__))

    def brought_into(self, order: npt.NDArray[np.intp]) -> PacketColumns:
        """The rows named by indices, each once at most, where the columns lie.

        These columns themselves hold no order any more. To take the rows would take the memory
        twice.
        """
        columns = [getattr(self, name) for name in self.__struct_fields__]
        for column in columns:
            column[: len(order)] = column[order]
        return PacketColumns(*(column[: len(order)] for column in columns))

    @staticmethod
    def concatenate(parts: list[PacketColumns]) -> PacketColumns:
        """All rows of ``parts`` one after another; no parts make columns of length 0."""
        if not parts:
            return PacketColumns.empty()
        return PacketColumns(
            *(
                np.concatenate([getattr(part, name) for part in parts])
                for name in PacketColumns.__struct_fields__
            )
        )

    @staticmethod
    def empty() -> PacketColumns:
        """Columns without a row."""
        return PacketColumns(
            time=np.empty(0, np.int64),
            file=np.empty(0, np.uint16),
            frame=np.empty(0, np.uint32),
            source=np.empty(0, np.uint64),
            destination=np.empty(0, np.uint64),
            source_port=np.empty(0, np.uint16),
            destination_port=np.empty(0, np.uint16),
            protocol=np.empty(0, np.uint8),
            flags=np.empty(0, np.uint8),
            sequence=np.empty(0, np.uint32),
            acknowledgement=np.empty(0, np.uint32),
            window=np.empty(0, np.uint16),
            ttl=np.empty(0, np.uint8),
            identification=np.empty(0, np.uint16),
            payload_length=np.empty(0, np.uint32),
            captured_length=np.empty(0, np.uint32),
            chunk=np.empty(0, np.uint32),
            payload_at=np.empty(0, np.uint32),
            source_mac=np.empty(0, np.uint64),
            destination_mac=np.empty(0, np.uint64),
            vlan=np.empty(0, np.uint16),
        )


class PayloadStore:
    """The payload octets of the kept rows, in chunks of one window each."""

    def __init__(self) -> None:
        self.chunks: list[bytes] = []

    def add(self, chunk: bytes) -> int:
        """Keep one chunk; returns its index."""
        self.chunks.append(chunk)
        return len(self.chunks) - 1

    def read(self, columns: PacketColumns, row: int) -> bytes:
        """The captured payload of one row."""
        at = int(columns.payload_at[row])
        return self.chunks[int(columns.chunk[row])][at : at + int(columns.captured_length[row])]

    def heads(
        self, columns: PacketColumns, rows: npt.NDArray[np.intp], width: int
    ) -> npt.NDArray[np.uint8]:
        """The first octets of the payloads of many rows, a line of the matrix each.

        Lines of rows of which fewer octets were captured are zero throughout.
        """
        heads = np.zeros((len(rows), width), np.uint8)
        whole = np.flatnonzero(columns.captured_length[rows] >= width)
        chunks = columns.chunk[rows[whole]]
        whole = whole[np.argsort(chunks, kind="stable")]
        chunks = np.sort(chunks)
        begins = first_places(chunks).tolist()
        for begin, end in zip(begins, [*begins[1:], len(chunks)], strict=False):
            here = whole[begin:end]
            octets = np.frombuffer(self.chunks[int(chunks[begin])], np.uint8)
            at = columns.payload_at[rows[here]].astype(np.int64)
            for place in range(width):
                heads[here, place] = octets[at + place]
        return heads


class CaptureFile(Struct, frozen=True):
    """One capture file as it was read."""

    path: str
    format: str
    """``pcap`` or ``pcapng``, with ``+gzip`` or ``+zstd`` where it was compressed."""
    link_types: tuple[str, ...]
    """Names of the link types met, as ``tcpdump -L`` gives them."""
    packets: int
    relevant_packets: int
    first: int | None
    """Time of the earliest packet of any kind, nanoseconds since 1970 UTC."""
    last: int | None
    """Time of the latest packet of any kind."""
    problems: tuple[CaptureProblem, ...] = ()
    secrets: tuple[bytes, ...] = ()
    """Key logs of TLS sessions, in the form of NSS, that a pcapng file itself holds."""

    @property
    def is_undecoded(self) -> bool:
        """Whether not one of its packets could be decoded, or the file not be read at all."""
        undecoded = [each for each in self.problems if each.kind is ProblemKind.UNSUPPORTED]
        return bool(undecoded) and sum(each.count for each in undecoded) >= self.packets


class Capture(Struct, frozen=True, eq=False):
    """What one vantage point recorded: one file, or the files of one ring buffer joined."""

    files: tuple[CaptureFile, ...]
    columns: PacketColumns
    payloads: PayloadStore
    addresses: AddressTable
    segment_sizes: ByFrame[np.uint16]
    """The MSS that SYNs announce, octets of payload."""
    selective: ByFrame[np.uint64]
    """Blocks of selective acknowledgements: the left edge in the upper half, then the right one."""
    interfaces: ByFrame[np.uint16]
    """The number of the interface that recorded a frame, where that is not the file's first one."""

    def segment_size(self, columns: PacketColumns, row: int) -> int | None:
        """The MSS, in octets of payload, that a row of these columns announces."""
        one = slice(row, row + 1)
        return int(self.segment_sizes.first(columns.file[one], columns.frame[one])[0]) or None


class CaptureError(Exception):
    """A file that cannot be read at all; the message is one sentence that names it and why."""


class NothingRecordedError(CaptureError):
    """A file without a single octet: a recorder has just begun it, or recorded nothing."""
