"""What every capture format comes down to: packets in a window of the file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np
import numpy.typing as npt

from capfpcap.capture.octets import Octets, Places

MAX_RECORD = 262_144
"""Octets of one packet; libpcap's MAXIMUM_SNAPLEN. More is taken for a damaged record."""
MAX_BATCH = 1 << 18
"""Packets that are looked at together, however short they are."""
NANOSECONDS = 1_000_000_000

Times = npt.NDArray[np.int64]
"""Nanoseconds since 1970-01-01 UTC."""


class Records(Protocol):
    """Consecutive packets of one capture file, all in one buffer."""

    @property
    def octets(self) -> Octets:
        """The buffer that all places are offsets into."""
        ...

    @property
    def first_frame(self) -> int:
        """Number of the first packet in its file, from 1."""
        ...

    @property
    def at(self) -> Places:
        """Where the captured octets of each packet begin."""
        ...

    @property
    def captured(self) -> Places:
        """How many octets of each packet the file holds."""
        ...

    @property
    def link_types(self) -> npt.NDArray[np.int32]:
        """LINKTYPE of each packet, or of all of them where there is one entry."""
        ...

    @property
    def interfaces(self) -> Places:
        """Number of the interface that recorded each packet, or of all where there is one entry.

        They count from 0 on through all sections of the file.
        """
        ...

    def __len__(self) -> int: ...

    def times(self, rows: Places | None = None) -> Times:
        """When the packets, or those of ``rows``, were captured."""
        ...

    def wire_lengths(self, rows: Places) -> Places:
        """How many octets the packets had when they were sent."""
        ...


class Format(Protocol):
    """A capture file being read."""

    @property
    def name(self) -> str:
        """``pcap`` or ``pcapng``."""
        ...

    @property
    def secrets(self) -> tuple[bytes, ...]:
        """See :attr:`capfpcap.capture.columns.CaptureFile.secrets`; as far as the file was read."""
        ...

    def batches(self) -> Iterator[Records]:
        """All packets of the file; each batch is gone when the next one is asked for."""
        ...
