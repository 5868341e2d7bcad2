"""Packets that two captures hold beyond doubt, found for many flows at once.

A packet counts where no other packet of its flow, in either capture, says the same. Retransmissions
are passed over, unless there is nothing else: where all answers are lost, each request is repeated,
and it is by them that the clocks must be compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum, auto

import numpy as np
import numpy.typing as npt

from capfpcap.capture.columns import IpProtocol
from capfpcap.capture.sequence import ahead
from capfpcap.flows.table import FlowTable
from capfpcap.vantage.clock import Crossings
from capfpcap.vantage.flow import Flow, Sighting, VantagePoint

MOST_FLOWS = 4096
"""Flows that are asked, spread over the capture; the fastest packet of so many is fast."""

_MIX = np.uint64(0x9E3779B97F4A7C15)
"""Odd, near 2**64 divided by the golden ratio: spreads the parts of a key over 64 bits."""
_SHIFT = np.uint64(29)

Rows = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int64]


class _Copies(Enum):
    """How packets that say the same are told from each other."""

    NOT_AT_ALL = auto()
    BY_IDENTIFICATION = auto()
    """Hosts number IPv4 packets; some with zero, and IPv6 has no numbers."""
    BY_ORDER = auto()
    """The first is the first, where both places show the same count of them."""


def find_crossings(
    known: VantagePoint, other: VantagePoint, flows: Sequence[Flow], *, known_is_nearer: bool
) -> Crossings:
    """The packets of flows seen at both places that crossed from one to the other.

    ``known_is_nearer`` says whether the first place is the one closer to the clients; the times are
    those that the tables now have.
    """
    pairs = [pair for flow in flows if (pair := _pair(flow, known, other)) is not None]
    pairs = pairs[:: max(1, len(pairs) // MOST_FLOWS)]
    ones = others = np.empty(0, np.int64)
    for copies in _Copies:
        if pairs and not len(ones):
            ones, others = _paired_rows(
                [one for one, _ in pairs], [two for _, two in pairs], copies
            )
    if known_is_nearer and not len(ones):
        ones, others = _answered_rows(pairs)
    return Crossings(
        known.table.columns.time[ones],
        other.table.columns.time[others],
        known.table.to_server[ones] == known_is_nearer,
    )


def _pair(flow: Flow, one: VantagePoint, other: VantagePoint) -> tuple[Sighting, Sighting] | None:
    """A flow's sightings at two places."""
    here, there = flow.seen_at(one), flow.seen_at(other)
    return None if here is None or there is None else (here, there)


def _answered_rows(pairs: Sequence[tuple[Sighting, Sighting]]) -> tuple[Rows, Rows]:
    """SYNs of clients, and the SYN-ACKs of servers, beside which the former must have come by.

    That is all there is to compare where the server's capture holds what it sends only.
    """
    rows = []
    for one, other in pairs:
        link, far_link = one.conversation.connection, other.conversation.connection
        if link is not None and far_link is not None and link.client.syns and far_link.server.syns:
            rows.append((link.client.syns[0], far_link.server.syns[0]))
    ones, others = np.array(rows, np.int64).reshape(-1, 2).T
    return ones, others


def _paired_rows(
    ones: list[Sighting], others: list[Sighting], copies: _Copies
) -> tuple[Rows, Rows]:
    clients = _initials(ones, others, from_client=True)
    servers = _initials(ones, others, from_client=False)
    here = _Keyed(ones, clients[0], servers[0], copies)
    there = _Keyed(others, clients[1], servers[1], copies)
    _, at_here, at_there = np.intersect1d(
        here.keys, there.keys, assume_unique=True, return_indices=True
    )
    rows, far_rows = here.rows[at_here], there.rows[at_there]
    same = np.ones(len(rows), np.bool_)
    for one, other in zip(here.parts, there.parts, strict=True):
        same &= one[at_here] == other[at_there]
    rows, far_rows = rows[same], far_rows[same]
    return _with_equal_identification(here.table, there.table, rows, far_rows)


def _with_equal_identification(
    here: FlowTable, there: FlowTable, rows: Rows, far_rows: Rows
) -> tuple[Rows, Rows]:
    """Without pairs whose IP identifications differ, if most are equal: originals and repetitions.

    Where something on the way rewrites them they differ all, and tell nothing.
    """
    equal = here.columns.identification[rows] == there.columns.identification[far_rows]
    if equal.sum() * 2 < len(rows):
        return rows, far_rows
    return rows[equal], far_rows[equal]


class _Keyed:
    """Rows of flows with what makes each unmistakable in its flow, and a number for it."""

    def __init__(
        self, sightings: list[Sighting], client: Numbers, server: Numbers, copies: _Copies
    ) -> None:
        self.table = sightings[0].at.table
        views = [sighting.conversation.view for sighting in sightings]
        starts = np.array([view.start for view in views], np.int64)
        lengths = np.array([view.stop for view in views], np.int64) - starts
        flow = np.repeat(np.arange(len(views)), lengths)
        before = np.cumsum(lengths) - lengths
        self.rows: Rows = np.arange(len(flow)) + np.repeat(starts - before, lengths)
        parts = [flow, *self._said(client[flow], server[flow])]
        if copies is _Copies.BY_IDENTIFICATION:
            parts.append(self.table.columns.identification[self.rows].astype(np.int64))
        elif copies is _Copies.BY_ORDER:
            parts += _places(_mixed(parts))
        keys = _mixed(parts)
        unique = _unmistakable(keys)
        self.rows, self.keys = self.rows[unique], keys[unique]
        self.parts = [part[unique] for part in parts]

    def _said(self, client: Numbers, server: Numbers) -> list[Numbers]:
        """Direction, length, TCP control bits, and sequence numbers or the first octets.

        ``client`` and ``server`` are where each row's flow begins to count.
        """
        columns, rows = self.table.columns, self.rows
        forward = self.table.to_server[rows]
        tcp = columns.protocol[rows] == IpProtocol.TCP
        numbers = np.where(tcp, columns.sequence[rows], self._first_octets()).astype(np.int64)
        confirmed = np.where(tcp, columns.acknowledgement[rows], 0).astype(np.int64)
        own, peers = np.where(forward, client, server), np.where(forward, server, client)
        return [
            forward.astype(np.int64),
            columns.payload_length[rows].astype(np.int64),
            columns.flags[rows].astype(np.int64),
            np.where(tcp, ahead(numbers, own), numbers),
            np.where(confirmed > 0, ahead(confirmed, peers), 0),
        ]

    def _first_octets(self) -> Numbers:
        """The first four octets of each payload as a number: a DNS id, a TFTP block."""
        heads = self.table.capture.payloads.heads(self.table.columns, self.rows, 4)
        numbers: Numbers = heads.view(">u4").ravel().astype(np.int64)
        return numbers


def _initials(
    ones: list[Sighting], others: list[Sighting], *, from_client: bool
) -> tuple[Numbers, Numbers]:
    """Where each flow's sequence numbers of one side begin, at both places.

    They are rewritten on some ways. Unless SYNs at both places tell, numbers are taken as they are.
    """
    initials = [
        initial_numbers(one, other, from_client=from_client)
        for one, other in zip(ones, others, strict=True)
    ]
    return (
        np.array([one for one, _ in initials], np.int64),
        np.array([other for _, other in initials], np.int64),
    )


def initial_numbers(one: Sighting, other: Sighting, *, from_client: bool) -> tuple[int, int]:
    """Where the sequence numbers of one side begin at two places; 0 and 0 where that is unknown."""
    here, there = one.conversation.connection, other.conversation.connection
    if here is None or there is None:
        return 0, 0
    start, far_start = here.start(from_client), there.start(from_client)
    return (0, 0) if start is None or far_start is None else (start, far_start)


def _mixed(parts: list[Numbers]) -> npt.NDArray[np.uint64]:
    """One number a row that is equal where all parts are."""
    mixed = np.zeros(len(parts[0]), np.uint64)
    for part in parts:
        mixed = (mixed ^ part.astype(np.uint64)) * _MIX
        mixed ^= mixed >> _SHIFT
    return mixed


def _places(keys: npt.NDArray[np.uint64]) -> list[Numbers]:
    """Of each packet how many with its key came before it, and how many there are."""
    _, group, count = np.unique(keys, return_inverse=True, return_counts=True)
    order = np.argsort(group, kind="stable")
    places = np.empty(len(keys), np.int64)
    places[order] = np.arange(len(keys)) - np.repeat(np.cumsum(count) - count, count)
    return [places, count[group].astype(np.int64)]


def _unmistakable(keys: npt.NDArray[np.uint64]) -> Rows:
    """Where the keys are that occur once."""
    _, first, count = np.unique(keys, return_index=True, return_counts=True)
    once: Rows = first[count == 1]
    return once
