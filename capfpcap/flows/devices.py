"""Which places in one file are sides of one device: a router whose mirror shows both of them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from capfpcap.capture.columns import PacketColumns
from capfpcap.capture.keys import endpoint_keys
from capfpcap.flows.copies import Copies, Mask
from capfpcap.flows.orientation import Orientation
from capfpcap.flows.places import NOWHERE, Sign, Told, mixed
from capfpcap.flows.service import NO_SERVICE

_ONE_DEVICE = 300_000
"""Nanoseconds that a packet takes at most through a switch whose mirror shows it on both sides."""
_EXCHANGED = 20_000
"""Nanoseconds by which a mirror shows a packet behind the device before the one in front of it."""
_SENT_AGAIN = 3
"""How often a packet is sent at the least that is lost each time."""


def devices_of(
    columns: PacketColumns, orientation: Orientation, copies: Copies, told: Told
) -> list[int]:
    """The number of the device at each place: neighbours are one where nothing lies between."""
    devices = [0]
    lossy = _dropped_behind(columns, orientation, copies, told)
    for place in range(1, told.places):
        same = (
            told.sign is not Sign.INTERFACE
            and place - 1 not in lossy
            and _is_one_device(columns, orientation, copies, told.place, place)
        )
        devices.append(devices[-1] + (not same))
    return devices


def _dropped_behind(
    columns: PacketColumns, orientation: Orientation, copies: Copies, told: Told
) -> set[int]:
    """The places behind which packets are lost, towards the next place or from there.

    A host sends them again and again, and none of them is seen beyond; of what a mirror alone
    loses, nothing is sent again.
    """
    alone = np.ones(len(columns), np.bool_)
    alone[copies.rows] = False
    rows = np.flatnonzero(alone & (told.place != NOWHERE) & (orientation.rank != NO_SERVICE))
    said = mixed(
        endpoint_keys(columns.source[rows], columns.source_port[rows]),
        endpoint_keys(columns.destination[rows], columns.destination_port[rows]),
        columns.sequence[rows],
        columns.payload_length[rows],
        columns.flags[rows],
    )
    _, first, counts = np.unique(said, return_index=True, return_counts=True)
    often = rows[first[counts >= _SENT_AGAIN]]
    behind = told.place[often] - ~orientation.to_server[often]
    return set(behind.tolist())


def _is_one_device(
    columns: PacketColumns,
    orientation: Orientation,
    copies: Copies,
    places: npt.NDArray[np.int8],
    place: int,
) -> bool:
    """Whether packets take no time from the place before to this one, either way."""
    at = places[copies.rows]
    pairs = copies.packet[1:] == copies.packet[:-1]
    near = np.where(at[:-1] < at[1:], copies.rows[:-1], copies.rows[1:])
    far = np.where(at[:-1] < at[1:], copies.rows[1:], copies.rows[:-1])
    pairs &= (places[near] == place - 1) & (places[far] == place)
    up = orientation.to_server[near]
    taken = np.where(up, 1, -1) * (columns.time[far] - columns.time[near])
    ways: list[Mask] = [pairs & up, pairs & ~up]
    return all(
        -_EXCHANGED <= float(np.median(taken[way])) <= _ONE_DEVICE for way in ways if way.any()
    )
