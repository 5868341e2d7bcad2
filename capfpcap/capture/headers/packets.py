"""Where the packets of a window stand while they are unwrapped."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from capfpcap.capture.octets import Places

NOWHERE = -1
"""A place that a packet does not have."""


class Packets(Struct):
    """Where the packets of one buffer stand; every array has one entry a packet.

    All places are offsets into the buffer. ``record`` is the packet's index in its window, so that
    a packet found inside another, or put together from several, still knows its frame.
    """

    record: Places
    layer: npt.NDArray[np.uint16]
    at: Places
    end: Places
    """Behind the last captured octet."""
    network_at: Places
    """The innermost IP header met, or :data:`NOWHERE`."""
    ethernet_at: Places
    """The innermost Ethernet header met, or :data:`NOWHERE`."""

    @staticmethod
    def standing_at(
        record: Places, layer: npt.NDArray[np.uint16], at: Places, end: Places
    ) -> Packets:
        """Packets whose first header is at ``at``, of the kind ``layer`` says."""
        nowhere = np.full(len(at), NOWHERE, np.int64)
        return Packets(record, layer, at, end, nowhere, nowhere.copy())

    def __len__(self) -> int:
        return len(self.at)

    def take(self, rows: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> Packets:
        """The packets named by indices or by a mask, as copies."""
        return Packets(
            self.record[rows],
            self.layer[rows],
            self.at[rows],
            self.end[rows],
            self.network_at[rows],
            self.ethernet_at[rows],
        )

    def put(self, rows: npt.NDArray[np.intp], packets: Packets) -> None:
        """Overwrites the packets named by indices with others, in their order."""
        self.layer[rows] = packets.layer
        self.at[rows] = packets.at
        self.network_at[rows] = packets.network_at
        self.ethernet_at[rows] = packets.ethernet_at

    @staticmethod
    def concatenate(first: Packets, second: Packets) -> Packets:
        """The packets of both, in the order of their records."""
        record = np.concatenate([first.record, second.record])
        both = Packets(
            record,
            np.concatenate([first.layer, second.layer]),
            np.concatenate([first.at, second.at]),
            np.concatenate([first.end, second.end]),
            np.concatenate([first.network_at, second.network_at]),
            np.concatenate([first.ethernet_at, second.ethernet_at]),
        )
        return both.take(np.argsort(record, kind="stable"))
