"""A process that reads the second half of a file, and what it hands over."""

from __future__ import annotations

from collections.abc import Callable
from mmap import mmap
from types import TracebackType
from typing import Any, BinaryIO

import msgspec
import numpy as np
import numpy.typing as npt

from capfpcap.capture.addresses import FIRST_IPV6, AddressTable
from capfpcap.capture.columns import PacketColumns
from capfpcap.capture.forked import forked
from capfpcap.capture.keys import Keys, address_of, endpoint_keys, port_of
from capfpcap.capture.problems import CaptureProblem
from capfpcap.capture.totals import Totals

ALIGNMENT = 16
"""Everything in the area begins at a multiple of so many octets."""


class Share(msgspec.Struct, frozen=True):
    """What was read, but for the arrays; frames are counted from the beginning of the half."""

    totals: Totals
    problems: tuple[CaptureProblem, ...]
    rows: int
    addresses: list[bytes]
    """The IPv6 addresses, in the order of their codes."""
    payload: int
    """Octets of payload as they lie in the area."""
    split: bool
    """Whether there were fragments of datagrams."""
    first_request: int
    """As :attr:`capfpcap.capture.scan.Scanner.first_request`."""
    passed_over: int
    """Endpoints of UDP packets that do not matter unless they are those of TFTP clients."""
    sized: int
    """Frames that announce the size of segments."""
    blocked: int
    """Blocks of selective acknowledgements."""


class Found(msgspec.Struct, frozen=True, eq=False):
    """All that was read; address codes are those of the table that the other half has."""

    share: Share
    columns: PacketColumns
    passed_over: Keys
    sized: npt.NDArray[np.uint32]
    sizes: npt.NDArray[np.uint16]
    blocked: npt.NDArray[np.uint32]
    blocks: npt.NDArray[np.uint64]
    payload: bytes
    """One chunk, where the columns say that the payloads are."""


class Handed(msgspec.Struct, frozen=True):
    """What the process hands over."""

    share: Share
    columns: PacketColumns
    chunks: list[bytes]
    """Of payload."""
    passed_over: Keys
    sized: npt.NDArray[np.uint32]
    sizes: npt.NDArray[np.uint16]
    blocked: npt.NDArray[np.uint32]
    blocks: npt.NDArray[np.uint64]


class SecondHalf:
    """A process at its work; a context manager that ends it."""

    def __init__(self, read: Callable[[], Handed | None], room: int) -> None:
        """``room`` is how many octets at most the process hands over.

        Raises:
            OSError: there is no memory for them, or no process to be had.
        """
        self._area = area = Area(room)

        def work(pipe: BinaryIO) -> None:
            handed = read()
            if handed is not None:
                _hand_over(handed, area)
                pipe.write(msgspec.msgpack.encode(handed.share))

        self._forked = forked(work)

    def found(self, addresses: AddressTable) -> Found | None:
        """All that was read; None where the process could not do its work."""
        described = self._forked.pipe.read()
        if not described:
            return None
        return _taken(msgspec.msgpack.decode(described, type=Share), self._area, addresses)

    def __enter__(self) -> SecondHalf:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._forked.end()


def _hand_over(handed: Handed, area: Area) -> None:
    """Puts the payload and then the arrays into the area, in which the columns find it."""
    columns = handed.columns
    begins = np.array([area.put(chunk) for chunk in handed.chunks] or [0], np.uint32)
    columns.payload_at[:] += begins[columns.chunk]
    for name in PacketColumns.__struct_fields__:
        area.put(getattr(columns, name))
    for array in (handed.passed_over, handed.sized, handed.sizes, handed.blocked, handed.blocks):
        area.put(array)


def _taken(share: Share, area: Area, addresses: AddressTable) -> Found:
    """What :func:`_hand_over` put there."""
    kinds = PacketColumns.empty()
    area.skip(share.payload)
    columns = PacketColumns(
        *(area.take(getattr(kinds, name).dtype, share.rows) for name in kinds.__struct_fields__)
    )
    codes = np.array([addresses.code_ipv6(packed) for packed in share.addresses], np.uint64)
    for column in (columns.source, columns.destination):
        _translate(column, codes)
    passed_over = area.take(np.dtype(np.uint64), share.passed_over)
    passed_over_at = address_of(passed_over)
    _translate(passed_over_at, codes)
    return Found(
        share,
        columns,
        endpoint_keys(passed_over_at, port_of(passed_over)),
        area.take(np.dtype(np.uint32), share.sized),
        area.take(np.dtype(np.uint16), share.sized),
        area.take(np.dtype(np.uint32), share.blocked),
        area.take(np.dtype(np.uint64), share.blocked),
        area.memory[: share.payload],
    )


def _translate(codes: Keys, known: Keys) -> None:
    """Replaces, in place, the process's codes of IPv6 addresses by its parent's, ``known``."""
    version6 = np.flatnonzero(codes >= FIRST_IPV6)
    if len(version6):
        codes[version6] = known[(codes[version6] - np.uint64(FIRST_IPV6)).astype(np.int64)]


class Area:
    """Memory that both processes see; what one puts there in a row the other takes in a row."""

    def __init__(self, room: int) -> None:
        self.memory = mmap(-1, room)
        self._at = 0

    def put(self, octets: bytes | npt.NDArray[Any]) -> int:
        """Copies octets; returns where they begin."""
        data = memoryview(octets) if isinstance(octets, bytes) else octets.view(np.uint8).data
        start = self._at
        self.memory[start : start + len(data)] = data
        self.skip(len(data))
        return start

    def take(self, kind: np.dtype[Any], length: int) -> npt.NDArray[Any]:
        """The next array that was put there, where it lies."""
        array = np.frombuffer(self.memory, kind, length, self._at)
        self.skip(array.nbytes)
        return array

    def skip(self, octets: int) -> None:
        """Goes on behind so many octets, to where the next thing begins."""
        self._at += aligned(octets)


def aligned(octets: int) -> int:
    """``octets`` rounded up to where the next thing may begin."""
    return -(octets // -ALIGNMENT) * ALIGNMENT
