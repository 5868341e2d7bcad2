"""Which of several places recorded each packet of one file.

Of a packet and its copy, routers tell which was nearer to its sender: they count the TTL down. So
copies say which interface, which pair of link-layer addresses, and which TTL of a host belong to
which place; and these say it of all packets that are there once.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from capfpcap.capture.columns import Capture, PacketColumns, TcpFlag
from capfpcap.flows.copies import Copies, Mask, Numbers, Places, Rows
from capfpcap.flows.orientation import Orientation
from capfpcap.flows.service import NO_SERVICE

MOST_PLACES = 4
NOWHERE = -1
_PURE = 0.98
"""The share of packets of one place that a sign of this place has."""
_FULL = 0.5
"""The share of packets with copies that are seen at every place, at the least."""
_INITIAL = (64, 128, 255)
"""What hosts set the TTL to."""
_MIX = np.uint64(0x9E3779B97F4A7C15)


class Sign(Enum):
    """What tells the places of a file apart."""

    INTERFACE = "interface"
    LINK = "link-layer addresses"
    TTL = "TTL"


class Told(NamedTuple):
    """Where each row was recorded."""

    place: npt.NDArray[np.int8]
    """From the clients' end to the servers'; :data:`NOWHERE` where nothing tells."""
    places: int
    """How many places there are."""
    sign: Sign


def interfaces_of(capture: Capture, columns: PacketColumns, rows: Rows) -> Numbers:
    """The interfaces that recorded some rows."""
    if not len(capture.interfaces):
        return np.zeros(len(rows), np.int64)
    numbers = capture.interfaces.first(columns.file[rows], columns.frame[rows])
    return numbers.astype(np.int64)


def places_of(capture: Capture, columns: PacketColumns, rows: Rows) -> Places:
    """A number for each row that is another where interface, TTL or link-layer addresses are."""
    return mixed(
        interfaces_of(capture, columns, rows),
        columns.ttl[rows],
        columns.source_mac[rows],
        columns.destination_mac[rows],
    )


def mixed(*parts: npt.NDArray[np.generic]) -> Places:
    """A number for each row that is another where any of its parts is."""
    number = np.zeros(len(parts[0]), np.uint64)
    for part in parts:
        number = (number ^ part.astype(np.uint64)) * _MIX
        number ^= number >> np.uint64(29)
    return number


def tell_places(
    capture: Capture, columns: PacketColumns, orientation: Orientation, copies: Copies
) -> Told | None:
    """The place of each row; None where no sign tells the places apart."""
    rows, place, count = _ranked(capture, columns, orientation, copies)
    if count < 2:
        return None
    every = np.arange(len(columns))
    interfaces = interfaces_of(capture, columns, every)
    signs = {
        Sign.INTERFACE: (mixed(interfaces), np.full(len(every), bool(interfaces.any()))),
        Sign.LINK: (
            _both(columns.source_mac, columns.destination_mac),
            (columns.source_mac | columns.destination_mac) != 0,
        ),
        Sign.TTL: (mixed(columns.source, columns.ttl), np.ones(len(every), np.bool_)),
    }
    for sign, (values, known) in signs.items():
        told = _by_sign(values, known, rows, place)
        if told is not None:
            if sign is Sign.TTL:
                _place_resets(told, columns, orientation, rows)
            _fill(told, columns, orientation, list(signs.values()), count)
            return Told(told, count, sign)
    return None


def _both(one: Places, other: Places) -> Places:
    """A number for each pair of numbers, whichever comes first."""
    return mixed(one + other, one ^ other)


def _ranked(
    capture: Capture, columns: PacketColumns, orientation: Orientation, copies: Copies
) -> tuple[Rows, npt.NDArray[np.int8], int]:
    """Rows of packets that every place shows, the place of each, and how many places there are."""
    member = orientation.rank[copies.rows] != NO_SERVICE
    rows, packet = _once_at_each(capture, columns, copies.rows[member], copies.packet[member])
    _, first, sizes = np.unique(packet, return_index=True, return_counts=True)
    common = np.bincount(sizes)
    count = int(common.argmax()) if len(sizes) else 0
    if not 2 <= count <= MOST_PLACES or common[count] < _FULL * len(sizes):
        return rows[:0], np.empty(0, np.int8), 0
    table = rows[first[sizes == count][:, np.newaxis] + np.arange(count)]
    ttl = columns.ttl[table].astype(np.int64)
    hops = np.where(orientation.to_server[table[:, 0]][:, np.newaxis], -ttl, ttl)
    interface = interfaces_of(capture, columns, table.ravel()).reshape(table.shape)
    routed = _all_differ(hops)
    depth = hops if routed.mean() > 0.5 else interface
    distinct = _all_differ(depth)
    table, depth = table[distinct], depth[distinct]
    if len(table) < _FULL * common[count]:
        return rows[:0], np.empty(0, np.int8), 0
    place = np.argsort(np.argsort(depth, axis=1), axis=1)
    return table.ravel(), place.ravel().astype(np.int8), count


def _once_at_each(
    capture: Capture, columns: PacketColumns, rows: Rows, packet: Numbers
) -> tuple[Rows, Numbers]:
    """The first row of each packet at each place, as far as places can be told."""
    signs = places_of(capture, columns, rows)
    turn = np.lexsort((columns.time[rows], signs, packet))
    rows, packet, signs = rows[turn], packet[turn], signs[turn]
    first = np.ones(len(rows), np.bool_)
    first[1:] = (packet[1:] != packet[:-1]) | (signs[1:] != signs[:-1])
    return rows[first], packet[first]


def _all_differ(values: Numbers) -> Mask:
    """In which lines of a matrix no value is there twice."""
    ordered = np.sort(values, axis=1)
    differ: Mask = (ordered[:, 1:] != ordered[:, :-1]).all(axis=1)
    return differ


def _place_resets(
    told: npt.NDArray[np.int8], columns: PacketColumns, orientation: Orientation, rows: Rows
) -> None:
    """Puts resets of which there is no copy where the other packets of their flows are.

    The TTL of a reset that something on the way made says nothing. A flow that several places show
    leaves it where its TTL would be.
    """
    flow = mixed(orientation.client, orientation.server)
    reset = columns.flags & TcpFlag.RST != 0
    alone = reset.copy()
    alone[rows] = False
    others = np.flatnonzero(~reset & (told != NOWHERE))
    waiting = np.where(alone, np.int8(NOWHERE), np.int8(0))
    _elect(waiting, flow, alone, flow[others], told[others])
    placed = alone & (waiting != NOWHERE)
    told[placed] = waiting[placed]


def _by_sign(
    values: Places, known: Mask, rows: Rows, place: npt.NDArray[np.int8]
) -> npt.NDArray[np.int8] | None:
    """The place of every row by one sign; None if it is none of places."""
    if known[rows].mean() < _PURE:
        return None
    told = np.full(len(values), NOWHERE, np.int8)
    _vote(told, values, known, rows, place)
    return told if (told[rows] == place).mean() >= _PURE else None


def _vote(
    told: npt.NDArray[np.int8],
    values: Places,
    known: Mask,
    rows: Rows,
    place: npt.NDArray[np.int8],
) -> None:
    """Sets the place of rows without one whose sign nearly all belongs to one place."""
    chosen = known[rows]
    _elect(told, values, known, values[rows[chosen]], place[chosen])


def _elect(
    told: npt.NDArray[np.int8],
    values: Places,
    known: Mask,
    signs: Places,
    place: npt.NDArray[np.int8],
) -> None:
    """The same for signs and the places where each of them was seen."""
    if not len(signs):
        return
    signs, index = np.unique(signs, return_inverse=True)
    votes = np.zeros((len(signs), MOST_PLACES), np.int64)
    np.add.at(votes, (index, place), 1)
    pure = votes.max(axis=1) >= _PURE * votes.sum(axis=1)
    waiting = np.flatnonzero((told == NOWHERE) & known)
    at = np.minimum(np.searchsorted(signs, values[waiting]), len(signs) - 1)
    found = (signs[at] == values[waiting]) & pure[at]
    told[waiting[found]] = votes.argmax(axis=1)[at[found]]


def _fill(
    told: npt.NDArray[np.int8],
    columns: PacketColumns,
    orientation: Orientation,
    signs: list[tuple[Places, Mask]],
    count: int,
) -> None:
    """Sets the place of rows whose first sign no copy has, by what else tells it.

    That are other signs, a link-layer address, the hosts; and a TTL that no router has lowered,
    which is that of the client at the first place and of the server at the last.
    """
    for values, known in signs:
        rows = np.flatnonzero(told != NOWHERE)
        _vote(told, values, known, rows, told[rows])
    rows = np.flatnonzero(told != NOWHERE)
    macs = np.concatenate([columns.source_mac[rows], columns.destination_mac[rows]])
    places = np.concatenate([told[rows], told[rows]])
    for values in (columns.source_mac, columns.destination_mac):
        _elect(told, values, values != 0, macs[macs != 0], places[macs != 0])
    fresh = np.flatnonzero((told == NOWHERE) & np.isin(columns.ttl, _INITIAL))
    told[fresh] = np.where(orientation.to_server[fresh], 0, count - 1)
    every = np.ones(len(columns), np.bool_)
    for values in (_both(columns.source, columns.destination), columns.source):
        rows = np.flatnonzero(told != NOWHERE)
        _vote(told, values, every, rows, told[rows])
