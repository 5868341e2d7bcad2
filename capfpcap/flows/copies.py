"""Packets that a capture holds more than once.

A mirror port repeats nearly everything, on its way in and on its way out; a file that was merged
holds what two places recorded by clocks of their own. A copy has what no router changes: IP
identification, TCP's numbers, flags and window, or the content of a datagram. What a host sends
again has another identification; where hosts number nothing (Linux' SYN-ACK, IPv6), the time
between a packet and its copy tells, which is about the same for all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from capfpcap.capture.columns import IpProtocol, PacketColumns, PayloadStore, TcpFlag
from capfpcap.capture.distinct import first_places
from capfpcap.capture.keys import Keys
from capfpcap.flows.grouping import together
from capfpcap.flows.matching import Matching

FEWEST = 4
"""Copies without which nothing is taken for one."""
NEAR = 100_000_000
"""Nanoseconds behind which TCP sends again, at the soonest (RFC 6298 and Linux: 200 ms)."""
_SPAN = 1_000_000_000
"""Nanoseconds by which the times between packets and copies differ from each other, at the most."""
_USUAL = 0.1
"""The share of all copies that those have which lie about as far apart."""
_SLACK = 20_000_000
"""Nanoseconds by which the time between a packet without number and its copy may be another."""
_MOST_COPIES = 8
"""How often one packet is there at the most; a number that comes oftener is no packet's own."""
_HEAD = 4
"""Octets of a datagram that tell most of them apart: DNS id and flags, TFTP opcode and block."""
_CONTENT = 8
"""Octets of a segment that tell it, with its length and IP identification: a TLS record's."""
_MANY = 1 << 15
_SAMPLED = 16
"""One in so many segments is looked at first, where there are many."""
_MIX = np.uint64(0x9E3779B97F4A7C15)

Rows = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int64]
Places = npt.NDArray[np.uint64]
"""Where rows were recorded: equal numbers where nothing tells two places apart."""


class Copies(NamedTuple):
    """Rows of packets that are there more than once, packet by packet, in the order of time."""

    rows: Rows
    packet: Numbers
    """A number for each packet, ascending."""
    apart: int
    """Nanoseconds between a packet and its next copy: the median."""
    compared: float = 1.0
    """The share of rows among which copies were looked for."""

    @property
    def later(self) -> Rows:
        """The rows that repeat an earlier one."""
        later: Rows = self.rows[1:][self.packet[1:] == self.packet[:-1]]
        return later


def find_copies(
    columns: PacketColumns,
    payloads: PayloadStore,
    servers: Keys,
    places_of: Callable[[Rows], Places],
) -> Iterator[Copies]:
    """The packets of which there are copies, if there are: by numbers, and then by content.

    ``servers`` are the ends of the rows that are no client's, which translators of a client's
    address leave alone; ``places_of`` numbers where rows were recorded, as far as can be told.
    """
    if len(columns) < 2 * FEWEST:
        return
    numbering = _numbering(columns)
    alike = _alike_in_numbers(columns, payloads, servers)
    found = _found(columns, payloads, places_of, numbering, *alike)
    if found is not None:
        yield found
    telling = _telling(columns, numbering)
    alike = _alike_in_content(columns, payloads, telling)
    found = _found(columns, payloads, places_of, numbering, *alike)
    if found is not None:
        yield found._replace(compared=len(telling) / len(columns))


def _found(
    columns: PacketColumns,
    payloads: PayloadStore,
    places_of: Callable[[Rows], Places],
    numbering: Mask,
    rows: Rows,
    group: Numbers,
) -> Copies | None:
    """The packets of which some rows that say the same are copies."""
    if len(rows) < 2 * FEWEST:
        return None
    alike = _Alike(columns, rows, group, places_of(rows), numbering)
    alike = _with_equal_content(alike, payloads)
    joined = _joined(alike)
    return _packets(alike, joined) if joined.any() else None


class _Alike(NamedTuple):
    """Rows that say the same as others, in groups that ascend, and in the order of time."""

    columns: PacketColumns
    rows: Rows
    group: Numbers
    places: Places
    numbering: Mask
    """Of each row of the columns whether its IP identification tells its packet from others."""

    @property
    def apart(self) -> Numbers:
        """Nanoseconds between each row and the next."""
        return np.diff(self.columns.time[self.rows])

    @property
    def numbered(self) -> Mask:
        """Which rows have an IP identification."""
        return self.numbering[self.rows]

    def are_answers(self, repeated: Mask) -> bool:
        """Whether all rows that repeat the one before them are SYN-ACKs.

        A host sends them by its own clock and once more for each SYN that comes again, which its
        client's clock makes come at about the same time.
        """
        flags = self.columns.flags[self.rows[1:][repeated]]
        return bool((flags & (TcpFlag.SYN | TcpFlag.ACK) == TcpFlag.SYN | TcpFlag.ACK).all())

    def may_be_copies(self) -> Mask:
        """Of each row but the first whether it may be a copy of the one before it.

        Where addresses or ports differ, a router that translates them stands between: it counts
        the TTL down.
        """
        columns, one, other = self.columns, self.rows[:-1], self.rows[1:]
        ends = np.ones(len(one), np.bool_)
        ends &= columns.source[one] == columns.source[other]
        ends &= columns.destination[one] == columns.destination[other]
        ends &= columns.source_port[one] == columns.source_port[other]
        ends &= columns.destination_port[one] == columns.destination_port[other]
        may_be: Mask = self.group[1:] == self.group[:-1]
        may_be &= ends | (columns.ttl[one] != columns.ttl[other])
        return may_be


def _joined(alike: _Alike) -> Mask:
    """Of each row but the first whether it is a copy of the one before it, surely enough."""
    may_be = alike.may_be_copies()
    joined = may_be & alike.numbered[1:]
    if not joined.any():
        moved = may_be & (alike.places[1:] != alike.places[:-1])
        near = may_be & (alike.apart <= NEAR)
        if alike.numbering.any() and alike.are_answers(near):
            return np.zeros(len(may_be), np.bool_)
        joined = near if _is_usual_near(moved, near) else moved
    return joined & _usual(alike.apart, joined)


def _is_usual_near(moved: Mask, near: Mask) -> bool:
    """Whether copies stand beside their packets at one place, be there copies elsewhere or not.

    A capture on all interfaces of a router has each packet at a port, at its bridge, and beyond.
    """
    return bool((near & ~moved).sum() >= max(1, moved.sum() // 2))


def _alike_in_numbers(
    columns: PacketColumns, payloads: PayloadStore, servers: Keys
) -> tuple[Rows, Numbers]:
    """Rows with equal numbers of TCP, or with datagrams that begin alike, to one server."""
    first = columns.sequence.astype(np.uint64) << np.uint64(32)
    first |= columns.acknowledgement
    others = np.flatnonzero(columns.protocol != IpProtocol.TCP)
    if len(others):
        heads = payloads.heads(columns, others, _HEAD).view(">u4").ravel().astype(np.uint64)
        first[others] = heads << np.uint64(32) | servers[others] * _MIX >> np.uint64(32)
    second = columns.window.astype(np.uint64) << np.uint64(8)
    return _grouped(columns, np.arange(len(columns)), first, second)


def _numbering(columns: PacketColumns) -> Mask:
    """Which rows have an IP identification that their sender gives to hardly another packet.

    Some senders write 0, and programs that make packets write the same number into all of them.
    """
    numbered: Mask = columns.identification != 0
    senders, sender = np.unique(columns.source, return_inverse=True)
    keys = np.sort((sender.astype(np.int64) << 16 | columns.identification)[numbered])
    distinct = np.bincount(keys[first_places(keys)] >> 16, minlength=len(senders))
    packets = np.bincount(sender[numbered], minlength=len(senders))
    return numbered & ((distinct > 1) & (distinct * _MOST_COPIES >= packets))[sender]


def _telling(columns: PacketColumns, numbering: Mask) -> Rows:
    """The rows with segments that can be told by their content."""
    rows = np.flatnonzero((columns.protocol == IpProtocol.TCP) & numbering)
    telling: Rows = rows[columns.captured_length[rows] >= _CONTENT]
    return telling


def _alike_in_content(
    columns: PacketColumns, payloads: PayloadStore, rows: Rows
) -> tuple[Rows, Numbers]:
    """Rows with TCP segments that begin alike, where something rewrites the numbers.

    Only if some of them, which are chosen alike at all places, show that there are such.
    """
    for one_in in (_SAMPLED, 1) if len(rows) > _MANY else (1,):
        chosen = rows[columns.identification[rows] % one_in == 0]
        first = payloads.heads(columns, chosen, _CONTENT).view(">u8").ravel().astype(np.uint64)
        found = _grouped(columns, chosen, first, np.zeros(len(chosen), np.uint64))
        if not len(found[0]):
            break
    return found


def _grouped(columns: PacketColumns, rows: Rows, first: Keys, second: Keys) -> tuple[Rows, Numbers]:
    """Rows with equal keys, lengths, flags and IP identifications, in groups that ascend."""
    second = second | columns.identification[rows].astype(np.uint64) << np.uint64(48)
    second |= (columns.payload_length[rows].astype(np.uint64) & np.uint64(0xFFFF)) << np.uint64(32)
    second |= columns.flags[rows].astype(np.uint64) << np.uint64(24)
    second |= columns.protocol[rows]
    order, changes = together(first, second)
    alone = changes & np.append(changes[1:], True)
    rows, group = rows[order[~alone]], np.cumsum(changes)[~alone]
    turn = np.lexsort((columns.time[rows], group))
    return rows[turn], group[turn]


def _with_equal_content(alike: _Alike, payloads: PayloadStore) -> _Alike:
    """The groups, those of datagrams divided where their contents differ."""
    columns, rows, group, places, numbering = alike
    others = np.flatnonzero(columns.protocol[rows] != IpProtocol.TCP).tolist()
    if not others:
        return alike
    divided, free = group.copy(), int(group[-1]) + 1
    here, numbers = -1, dict[int, int]()
    for place in others:
        if int(group[place]) != here:
            here, free, numbers = int(group[place]), free + len(numbers), {}
        content = hash(payloads.read(columns, int(rows[place])))
        divided[place] = numbers.setdefault(content, free + len(numbers))
    turn = np.lexsort((columns.time[rows], divided))
    return _Alike(columns, rows[turn], divided[turn], places[turn], numbering)


def _usual(apart: Numbers, joined: Mask) -> Mask:
    """Which rows lie about as far behind the one before them as many others do."""
    spans = apart // _SPAN
    numbers, counts = np.unique(spans[joined], return_counts=True)
    many = numbers[counts >= _USUAL * joined.sum()]
    return np.isin(spans, np.concatenate([many - 1, many, many + 1]))


def _packets(alike: _Alike, joined: Mask) -> Copies | None:
    """The packets of which rows are copies: of the row before, or as the time between tells."""
    apart = alike.apart[joined]
    usual = int(np.median(apart))
    packet = np.cumsum(np.append(True, ~joined))
    waiting = np.flatnonzero(~alike.numbered)
    if len(waiting):
        low, high = np.percentile(apart, (5, 95))
        slack = min(max(_SLACK, int(1.5 * (high - low))), _SPAN // 2)
        moved = alike.places[1:][joined] != alike.places[:-1][joined]
        matching = Matching(usual - slack, usual + slack, elsewhere=bool(moved.mean() > 0.5))
        packet[waiting] = matching.packets(
            alike.columns.time[alike.rows[waiting]],
            alike.group[waiting],
            alike.places[waiting],
            waiting + len(packet),
        )
    turn = np.lexsort((alike.columns.time[alike.rows], packet))
    rows, packet = alike.rows[turn], packet[turn]
    same = packet[1:] == packet[:-1]
    several = np.append(same, False) | np.append(False, same)
    if several.sum() < 2 * FEWEST:
        return None
    return Copies(rows[several], packet[several], usual)
