"""Connections that are a single SYN: scans and floods make a hundred thousand of them.

A phone that gets no answer sends its SYN again, and begins another connection when one fails. Where
a crowd of addresses sends one SYN each, they are left out, and so are the further ones of an
address that has sent a thousand: what they are worth is said by their number.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from capfpcap.capture.columns import IpProtocol, PacketColumns, TcpFlag
from capfpcap.capture.keys import address_of
from capfpcap.flows.orientation import Orientation

MOST_SOURCES = 1000
"""Addresses that have sent a single SYN and nothing else; where there are more, none is a phone."""
MOST_OF_A_CLIENT = 1000
"""Single SYNs of one address that are kept: more than a phone would send in a day."""
MOST_BESIDE_ANOTHER = 16
"""And so many more for each other flow of the address: many phones may stand behind it."""
_MOST_PACKETS = 8
"""Of such a connection: the SYN, a reset, and a SYN-ACK sent again and again."""
_KIND = TcpFlag.SYN | TcpFlag.ACK | TcpFlag.FIN | TcpFlag.RST

Rows = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]


class LeftOut(Struct, frozen=True):
    """Connections of single SYNs that are no flows of the table."""

    connections: int
    addresses: int
    """Clients that they are from."""
    first: int
    """Time of the first of them, nanoseconds since 1970 UTC."""


class _Lone(NamedTuple):
    """The connections that are a single SYN, in their order; one entry each."""

    flow: Rows
    client: npt.NDArray[np.uint64]
    server: npt.NDArray[np.uint64]


def lone_syns(
    columns: PacketColumns, orientation: Orientation, starts: Rows
) -> tuple[Mask, LeftOut] | None:
    """Which rows are of connections to be left out, and what these are; None where none is.

    ``columns`` and ``orientation`` are sorted by flow, ``starts`` says where each flow begins.
    """
    lone = _lone(columns, orientation, starts)
    if lone is None or not len(lone.flow):
        return None
    clients = address_of(orientation.client[starts])
    out = lone.flow[_of_crowds(lone, clients)]
    if not len(out):
        return None
    flows = np.zeros(len(starts), np.bool_)
    flows[out] = True
    rows = np.repeat(flows, np.diff(starts, append=len(columns)))
    left = LeftOut(len(out), len(np.unique(clients[out])), int(columns.time[starts[out]].min()))
    return rows, left


def _lone(columns: PacketColumns, orientation: Orientation, starts: Rows) -> _Lone | None:
    """Single SYNs, where there are so many short connections that it is worth a look."""
    lengths = np.diff(starts, append=len(columns))
    short = (lengths <= _MOST_PACKETS) & (columns.protocol[starts] == IpProtocol.TCP)
    flow = np.flatnonzero(short)
    if len(flow) <= min(MOST_SOURCES, MOST_OF_A_CLIENT):
        return None
    lengths = lengths[flow]
    heads = np.cumsum(lengths) - lengths
    rows = np.repeat(starts[flow] - heads, lengths) + np.arange(lengths.sum())
    kind, up = columns.flags[rows] & _KIND, orientation.to_server[rows]
    syn = up & (kind == TcpFlag.SYN)
    other = np.where(up, kind & TcpFlag.RST == 0, (kind & (TcpFlag.SYN | TcpFlag.RST)) == 0)
    other &= ~syn
    other |= columns.payload_length[rows] > 0
    is_lone = np.add.reduceat(syn, heads, dtype=np.int64) == 1
    is_lone &= np.add.reduceat(other, heads, dtype=np.int64) == 0
    flow = flow[is_lone]
    first = starts[flow]
    return _Lone(flow, address_of(orientation.client[first]), orientation.server[first])


def _of_crowds(lone: _Lone, clients: npt.NDArray[np.uint64]) -> Mask:
    """Which single SYNs are of a crowd of addresses, or of one that has sent very many.

    ``clients`` are those of all flows. One that has other flows, or has tried a server again, is
    not of the crowd.
    """
    known, inverse, own = np.unique(lone.client, return_inverse=True, return_counts=True)
    place = np.minimum(np.searchsorted(known, clients), len(known) - 1)
    everything = np.bincount(place[known[place] == clients], minlength=len(known))
    tried_again = np.zeros(len(known), np.bool_)
    order = np.lexsort((lone.server, lone.client))
    again = lone.client[order][1:] == lone.client[order][:-1]
    again &= lone.server[order][1:] == lone.server[order][:-1]
    tried_again[inverse[order[1:][again]]] = True
    crowd = (everything == own) & ~tried_again
    out = np.zeros(len(lone.flow), np.bool_)
    if np.count_nonzero(crowd) > MOST_SOURCES:
        out = crowd[inverse]
    by_client = np.argsort(inverse, kind="stable")
    rank = np.arange(len(by_client)) - np.repeat(np.cumsum(own) - own, own)
    most = MOST_OF_A_CLIENT + MOST_BESIDE_ANOTHER * (everything - own)
    out[by_client[rank >= np.repeat(most, own)]] = True
    return out
