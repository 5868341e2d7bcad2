"""Connections without a word: scans and floods make a hundred thousand of them.

A phone that gets no answer sends its SYN again, and begins another connection when one fails. Where
a crowd of addresses sends one SYN each, they are left out, and so are the further ones of an
address that has sent a thousand: what they are worth is said by their number. Whoever is refused
has nothing more to send, and may be a phone, as may be who tries again: of these, more are left out
than the largest cluster has phones.
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
MOST_WITHOUT_ANSWER = 1 << 16
"""Addresses to which no server says more than a reset: the largest clusters have fewer phones."""
MOST_OF_A_CLIENT = 1000
"""Single SYNs of one address that are kept: more than a phone would send in a day."""
MOST_BESIDE_ANOTHER = 16
"""And so many more for each other flow of the address: many phones may stand behind it."""
_MOST_PACKETS = 8
"""Of such a connection: SYNs sent again, a reset, and a SYN-ACK sent again and again."""
_KIND = TcpFlag.SYN | TcpFlag.ACK | TcpFlag.FIN | TcpFlag.RST

Rows = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]


class LeftOut(Struct, frozen=True):
    """Connections without a word that are no flows of the table."""

    connections: int
    addresses: int
    """Clients that they are from."""
    first: int
    """Time of the first of them, nanoseconds since 1970 UTC."""
    single: bool
    """Whether each of them is a single SYN."""


class _Short(NamedTuple):
    """The connections of few packets without payload, in their order; one entry each."""

    flow: Rows
    client: npt.NDArray[np.uint64]
    server: npt.NDArray[np.uint64]
    single: Mask
    """The client's only packet is a SYN, resets aside, and the server set up no more than TCP."""
    unanswered: Mask
    """The server sent nothing but resets."""
    refused: Mask
    """The server sent a reset."""


def lone_syns(
    columns: PacketColumns, orientation: Orientation, starts: Rows, icmp_errors: int = 0
) -> tuple[Mask, LeftOut] | None:
    """Which rows are of connections to be left out, and what these are; None where none is.

    ``columns`` and ``orientation`` are sorted by flow, ``starts`` says where each flow begins.
    Whoever gets one of the ``icmp_errors`` has nothing more to send either.
    """
    short = _short(columns, orientation, starts)
    if short is None or not len(short.flow):
        return None
    clients = address_of(orientation.client[starts])
    most = MOST_SOURCES if icmp_errors < MOST_SOURCES else MOST_WITHOUT_ANSWER
    chosen = _of_crowds(short, clients, most) | _of_one(short, clients)
    out = short.flow[chosen]
    if not len(out):
        return None
    flows = np.zeros(len(starts), np.bool_)
    flows[out] = True
    rows = np.repeat(flows, np.diff(starts, append=len(columns)))
    first = int(columns.time[starts[out]].min())
    addresses = len(np.unique(clients[out]))
    return rows, LeftOut(len(out), addresses, first, bool(short.single[chosen].all()))


def _short(columns: PacketColumns, orientation: Orientation, starts: Rows) -> _Short | None:
    """Connections without payload, where there are so many short ones that it is worth a look."""
    lengths = np.diff(starts, append=len(columns))
    flow = np.flatnonzero((lengths <= _MOST_PACKETS) & (columns.protocol[starts] == IpProtocol.TCP))
    if len(flow) <= min(MOST_SOURCES, MOST_OF_A_CLIENT):
        return None
    lengths = lengths[flow]
    heads = np.cumsum(lengths) - lengths
    rows = np.repeat(starts[flow] - heads, lengths) + np.arange(lengths.sum())
    kind, up = columns.flags[rows] & _KIND, orientation.to_server[rows]
    reset = kind & TcpFlag.RST != 0
    syn = kind == TcpFlag.SYN

    def any_of(rows: Mask) -> Mask:
        found: Mask = np.logical_or.reduceat(rows, heads)
        return found

    empty = ~any_of(columns.payload_length[rows] > 0)
    further = np.where(up, ~syn & ~reset, kind & (TcpFlag.SYN | TcpFlag.RST) == 0)
    once = np.add.reduceat(up & syn, heads, dtype=np.int64) == 1
    single = once & ~any_of(further)
    unanswered = ~any_of(~up & ~reset)
    kept = empty & (single | unanswered)
    first = starts[flow[kept]]
    return _Short(
        flow[kept],
        address_of(orientation.client[first]),
        orientation.server[first],
        single[kept],
        unanswered[kept],
        any_of(~up & reset)[kept],
    )


def _of_crowds(short: _Short, clients: npt.NDArray[np.uint64], most: int) -> Mask:
    """Which are of a crowd of addresses that have done nothing else.

    ``clients`` are those of all flows. Of addresses with a single SYN for each server there are
    more than ``most`` in a crowd.
    """
    known, inverse = np.unique(short.client, return_inverse=True)
    everything = _flows_of(known, clients)
    probes = short.single & ~short.refused & ~_tried_again(short)
    out = np.zeros(len(short.flow), np.bool_)
    for members, limit in ((probes, most), (short.unanswered, MOST_WITHOUT_ANSWER)):
        own = np.bincount(inverse[members], minlength=len(known))
        crowd = (own > 0) & (own == everything)
        if np.count_nonzero(crowd) > limit:
            out |= members & crowd[inverse]
    return out


def _flows_of(
    known: npt.NDArray[np.uint64], clients: npt.NDArray[np.uint64]
) -> npt.NDArray[np.int64]:
    """How many of all flows, whose ``clients`` are given, each of the ``known`` ones has."""
    place = np.minimum(np.searchsorted(known, clients), len(known) - 1)
    return np.bincount(place[known[place] == clients], minlength=len(known))


def _tried_again(short: _Short) -> Mask:
    """Which are of an address that has called the same server several times."""
    order = np.lexsort((short.server, short.client))
    same = short.client[order][1:] == short.client[order][:-1]
    same &= short.server[order][1:] == short.server[order][:-1]
    again = np.zeros(len(order), np.bool_)
    again[order[1:][same]] = True
    again[order[:-1][same]] = True
    return again


def _of_one(short: _Short, clients: npt.NDArray[np.uint64]) -> Mask:
    """Which single SYNs are of an address that has sent very many before."""
    single = np.flatnonzero(short.single)
    known, inverse, own = np.unique(short.client[single], return_inverse=True, return_counts=True)
    out = np.zeros(len(short.flow), np.bool_)
    if not len(known) or own.max() <= MOST_OF_A_CLIENT:
        return out
    others = _flows_of(known, clients) - own
    by_client = np.argsort(inverse, kind="stable")
    rank = np.arange(len(by_client)) - np.repeat(np.cumsum(own) - own, own)
    most = MOST_OF_A_CLIENT + MOST_BESIDE_ANOTHER * others
    out[single[by_client[rank >= np.repeat(most, own)]]] = True
    return out
