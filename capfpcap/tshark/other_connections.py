"""TCP connections of no service of ours, found for a frame of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from capfpcap.capture.addresses import AddressTable
from capfpcap.capture.columns import PacketColumns
from capfpcap.capture.files.frames import Frame
from capfpcap.capture.headers.layers import Layer
from capfpcap.capture.ports import PortSelection
from capfpcap.capture.reader import read_capture
from capfpcap.tshark.selection import ports_of


def other_connections(
    path: str, asked: Sequence[Frame], known: PortSelection
) -> list[Collection[int]]:
    """The frames of each connection that one of these is part of and no known port leads to.

    Of its ports the higher one is the client's as a rule, and hardly another's: what has that one
    is read.

    Raises:
        CaptureError: the file cannot be read.
    """
    ports = [told for frame in asked if (told := ports_of(frame)) and told[0] == Layer.TCP]
    clients = [max(told[1:]) for told in ports if not known.all_tcp.intersection(told[1:])]
    if not clients:
        return []
    nothing = frozenset[int]()
    selected = PortSelection(capf=nothing, tcp=nothing, udp=nothing, other=frozenset(clients))
    columns = read_capture([path], selected, AddressTable()).columns
    return [_connection(columns, frame.number) for frame in asked if frame.number in columns.frame]


def _connection(columns: PacketColumns, number: int) -> Collection[int]:
    """The frames that go between the same ends as one."""
    row = int(np.flatnonzero(columns.frame == number)[0])
    source = _ends(columns.source, columns.source_port)
    destination = _ends(columns.destination, columns.destination_port)
    there = (source == source[row]) & (destination == destination[row])
    back = (source == destination[row]) & (destination == source[row])
    frames: list[int] = columns.frame[there | back].tolist()
    return frames


def _ends(addresses: np.ndarray, ports: np.ndarray) -> np.ndarray:
    """Address and port as one number."""
    return addresses.astype(np.uint64) << np.uint64(16) | ports.astype(np.uint64)
