"""All flows of one vantage point: rows sorted so that each flow is one slice.

Grouping a million packets one by one in Python would take longer than reading them: rows get a
mixed 64-bit key, one stable sort brings the rows of a conversation together, and a flow is then a
slice of every column.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from capfpcap.capture.columns import Capture, IpProtocol, PacketColumns, TcpFlag
from capfpcap.capture.ports import DNS, TFTP, PortSelection
from capfpcap.flows.duplicates import duplicate_rows
from capfpcap.flows.orientation import Orientation, orient
from capfpcap.flows.service import BY_RANK, NO_SERVICE, Service

_MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(0x165667B19E3779F9))
"""Odd multipliers that spread the parts of a key over 64 bits; any would do."""


@dataclass(slots=True, eq=False)
class FlowView:
    """One flow as one vantage point saw it: rows ``start`` to ``stop`` of its table."""

    table: FlowTable
    start: int
    stop: int
    service: Service
    client: int
    """Address code."""
    client_port: int
    server: int
    server_port: int

    @property
    def rows(self) -> slice:
        """The flow's rows in the table's columns."""
        return slice(self.start, self.stop)

    @property
    def first_time(self) -> int:
        """Nanoseconds since 1970 UTC of the first packet in file order."""
        return int(self.table.columns.time[self.start])

    @property
    def last_time(self) -> int:
        """Time of the last packet in file order."""
        return int(self.table.columns.time[self.stop - 1])

    def directions(self) -> list[bool]:
        """For each row whether it goes from client to server."""
        directions: list[bool] = self.table.to_server[self.rows].tolist()
        return directions

    def payloads(self) -> list[bytes]:
        """The captured transport payload of each row."""
        columns, rows, chunks = self.table.columns, self.rows, self.table.capture.payloads.chunks
        return [
            chunks[chunk][at : at + length] if length else b""
            for chunk, at, length in zip(
                columns.chunk[rows].tolist(),
                columns.payload_at[rows].tolist(),
                columns.captured_length[rows].tolist(),
                strict=True,
            )
        ]


@dataclass(eq=False)
class FlowTable:
    """The flows of one capture, in the order of their first packets."""

    capture: Capture
    columns: PacketColumns
    """The rows of all flows, sorted by flow and within it in file order."""
    to_server: npt.NDArray[np.bool_]
    views: list[FlowView]
    others: PacketColumns
    """Rows that belong to no flow by their ports: ICMP."""
    duplicates: int
    """How many rows a mirror recorded twice; they were left out."""
    _usual_ttls: dict[int, int | None] = field(default_factory=dict)

    @cached_property
    def end(self) -> int | None:
        """Time of the capture's last packet of any kind, nanoseconds since 1970 UTC."""
        ends = [file.last for file in self.capture.files if file.last is not None]
        return max(ends, default=None)

    @cached_property
    def one_sided(self) -> bool:
        """Whether the capture recorded one direction only of traffic that went both ways.

        That there was another direction shows in TCP acknowledgements and in TFTP data or
        acknowledgements; requests alone show nothing of the kind.
        """
        if not len(self.columns) or (self.to_server.any() and not self.to_server.all()):
            return False
        flags = self.columns.flags
        answered = (flags & TcpFlag.ACK != 0) & (flags & TcpFlag.RST == 0)
        tftp = (self.columns.protocol == IpProtocol.UDP) & (
            (self.columns.source_port != DNS)
            & (self.columns.destination_port != DNS)
            & (self.columns.destination_port != TFTP)
        )
        return bool((answered | tftp).any())

    def usual_ttl(self, address: int) -> int | None:
        """The commonest TTL of an address's packets, resets aside; None where there are none."""
        if address not in self._usual_ttls:
            columns = self.columns
            sent = (columns.source == address) & (columns.flags & TcpFlag.RST == 0)
            counts = np.bincount(columns.ttl[sent])
            self._usual_ttls[address] = int(counts.argmax()) if len(counts) else None
        return self._usual_ttls[address]


def build_flows(capture: Capture, ports: PortSelection) -> FlowTable:
    """Sort a capture's rows into flows."""
    orientation = orient(capture.columns, ports)
    member = np.flatnonzero(orientation.rank != NO_SERVICE)
    order, starts = _group(capture.columns, orientation, member)
    columns = capture.columns.take(order)
    duplicates = duplicate_rows(columns, capture.payloads, starts)
    if duplicates is not None:
        member = np.sort(order[~duplicates])
        order, starts = _group(capture.columns, orientation, member)
        columns = capture.columns.take(order)
    table = FlowTable(
        capture=capture,
        columns=columns,
        to_server=orientation.to_server[order],
        views=[],
        others=capture.columns.take(np.flatnonzero(orientation.rank == NO_SERVICE)),
        duplicates=0 if duplicates is None else int(duplicates.sum()),
    )
    stops = np.append(starts[1:], len(order)) if len(starts) else starts
    first = order[starts]
    by_time = np.argsort(columns.time[starts], kind="stable")
    table.views = [
        FlowView(table, start, stop, BY_RANK[rank], client, client_port, server, server_port)
        for start, stop, rank, client, client_port, server, server_port in zip(
            starts[by_time].tolist(),
            stops[by_time].tolist(),
            orientation.rank[first][by_time].tolist(),
            orientation.client[first][by_time].tolist(),
            orientation.client_port[first][by_time].tolist(),
            orientation.server[first][by_time].tolist(),
            orientation.server_port[first][by_time].tolist(),
            strict=True,
        )
    ]
    _turn_by_syn(table)
    return table


def _group(
    columns: PacketColumns, orientation: Orientation, member: npt.NDArray[np.intp]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Rows in flow order, and where in that order each flow begins."""
    if not len(member):
        return member, member
    parts = [
        orientation.client[member],
        orientation.server[member],
        orientation.client_port[member].astype(np.uint64) << np.uint64(24)
        | orientation.server_port[member].astype(np.uint64) << np.uint64(8)
        | columns.protocol[member].astype(np.uint64),
    ]
    order = np.argsort(_mixed(parts), kind="stable")
    if _collides(parts, order):
        order = np.lexsort(parts)
    changes = _changes(parts, order)
    ordered = member[order]
    return ordered, np.flatnonzero(changes | _reopened(columns, orientation, ordered, changes))


def _mixed(parts: list[npt.NDArray[np.uint64]]) -> npt.NDArray[np.uint64]:
    """One number a row that is equal where all parts are."""
    mixed = np.zeros(len(parts[0]), np.uint64)
    for part, multiplier in zip(parts, _MIX, strict=True):
        mixed = (mixed ^ part) * multiplier
        mixed ^= mixed >> np.uint64(29)
    return mixed


def _changes(
    parts: list[npt.NDArray[np.uint64]], order: npt.NDArray[np.intp]
) -> npt.NDArray[np.bool_]:
    """True where a row's key is not that of the row before it."""
    changes = np.zeros(len(order), np.bool_)
    changes[0] = True
    for part in parts:
        ordered = part[order]
        changes[1:] |= ordered[1:] != ordered[:-1]
    return changes


def _collides(parts: list[npt.NDArray[np.uint64]], order: npt.NDArray[np.intp]) -> bool:
    """Whether two keys fell on one mixed number, which honest traffic never does."""
    heads = order[_changes(parts, order)]
    mixed = _mixed([part[heads] for part in parts])
    return bool((mixed[1:] == mixed[:-1]).any())


def _reopened(
    columns: PacketColumns,
    orientation: Orientation,
    ordered: npt.NDArray[np.intp],
    changes: npt.NDArray[np.bool_],
) -> npt.NDArray[np.bool_]:
    """True at a SYN that begins another connection on the same ports.

    That is one whose sequence number differs from the SYN's before it, and the first one where
    packets of an older connection lie before it.
    """
    flags = columns.flags[ordered]
    syn = np.flatnonzero((flags & (TcpFlag.SYN | TcpFlag.ACK | TcpFlag.RST)) == TcpFlag.SYN)
    reopened = np.zeros(len(ordered), np.bool_)
    if not len(syn):
        return reopened
    group = np.cumsum(changes)[syn]
    sequence = columns.sequence[ordered[syn]]
    forward = orientation.to_server[ordered[syn]]
    same_group = np.zeros(len(syn), np.bool_)
    same_group[1:] = group[1:] == group[:-1]
    follows_other_syn = same_group.copy()
    follows_other_syn[1:] &= (sequence[1:] != sequence[:-1]) & (forward[1:] == forward[:-1])
    follows_older_packets = ~same_group & ~changes[syn] & (flags[syn - 1] & TcpFlag.SYN == 0)
    reopened[syn] = follows_other_syn | follows_older_packets
    return reopened


def _turn_by_syn(table: FlowTable) -> None:
    """Turn flows round whose two ports are the same service's and whose SYN tells the client."""
    for view in table.views:
        if view.client_port != view.server_port or view.service in (Service.DNS, Service.TFTP):
            continue
        rows = view.rows
        syn = (table.columns.flags[rows] & (TcpFlag.SYN | TcpFlag.ACK)) == TcpFlag.SYN
        if syn.any() and not table.to_server[rows][syn][0]:
            table.to_server[rows] = ~table.to_server[rows]
            view.client, view.server = view.server, view.client
