"""All flows of one vantage point: rows sorted so that each flow is one slice of every column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import Struct, field
from msgspec.structs import replace

from capfpcap.capture.columns import Capture, IpProtocol, PacketColumns, TcpFlag
from capfpcap.capture.distinct import shared
from capfpcap.capture.keys import address_of, port_of
from capfpcap.capture.ports import DNS, TFTP, PortSelection
from capfpcap.flows.busy_clients import Busy, busy_clients
from capfpcap.flows.grouping import group_rows
from capfpcap.flows.lone_syns import LeftOut, lone_syns
from capfpcap.flows.openings import turned_by_opening
from capfpcap.flows.orientation import asked_first, orient
from capfpcap.flows.parted import Merged, Part, part_capture
from capfpcap.flows.service import BY_RANK, NO_SERVICE
from capfpcap.services import Service

if TYPE_CHECKING:
    from capfpcap.flows.keys import Keys

_ROWS_AT_ONCE = 4096
_OCTETS_AT_ONCE = 16 * 1024 * 1024
"""Payload octets that are read ahead; flows with more are read one by one."""


class FlowView(Struct, eq=False):
    """One flow as one vantage point saw it: rows ``start`` to ``stop`` of its table."""

    table: FlowTable
    start: int
    stop: int
    service: Service
    client: int
    """Address code."""
    client_port: int
    server: int
    """Address code; 0 for TFTP, whose server may answer from another address."""
    server_port: int
    asked: int
    """Where the client's first packet went; where there is none, the first packet."""

    @property
    def rows(self) -> slice:
        """The flow's rows in the table's columns."""
        return slice(self.start, self.stop)

    @property
    def first_time(self) -> int:
        """Nanoseconds since 1970 UTC of the first packet."""
        return int(self.table.columns.time[self.start])

    @property
    def last_time(self) -> int:
        """Time of the last packet."""
        return int(self.table.columns.time[self.stop - 1])

    def directions(self) -> list[bool]:
        """For each row whether it goes from client to server."""
        turn = self.table.turn
        if turn is not None and turn.view is self:
            return turn.directions
        return self.table.directions(self.rows)

    def payloads(self) -> list[bytes]:
        """The captured transport payload of each row."""
        turn = self.table.turn
        if turn is not None and turn.view is self:
            return turn.payloads
        return self.table.payloads(self.rows)


class Turn(NamedTuple):
    """The flow whose turn it is in a walk over flows, with what was read ahead for it."""

    view: FlowView
    directions: list[bool]
    payloads: list[bytes]


Rows = slice | npt.NDArray[np.int64]


class FlowTable(Struct, eq=False, dict=True, weakref=True):
    """The flows of one capture, in the order of their first packets."""

    capture: Capture
    columns: PacketColumns
    """The rows of all flows, sorted by flow and within it in the order of time."""
    to_server: npt.NDArray[np.bool_]
    views: list[FlowView]
    others: PacketColumns
    """Rows that belong to no flow by their ports: ICMP, and alarms by SIP in the clear."""
    duplicates: int
    """How many rows repeated another, as a mirror records them; they were left out."""
    merged: Merged | None = None
    """Set where the file holds what several places recorded; this is one of them, or all."""
    left_out: LeftOut | None = None
    """What single SYNs of a scan or a flood were left out."""
    busy: tuple[Busy, ...] = ()
    """Clients of which not all was looked at."""
    _sent: dict[int, SentTtls] = field(default_factory=dict)
    turn: Turn | None = None
    keys: Keys | None = None
    """What decrypts its TLS sessions, where anything does."""
    show_secrets: bool = False
    """Whether passwords in decrypted messages are shown."""

    def walk(self, views: Sequence[FlowView]) -> Iterator[FlowView]:
        """``views`` in turn; the payloads of each are at hand while it is its turn.

        A slice of a column costs as much for one flow as for a hundred of them.
        """
        try:
            for some in portions(views, _ROWS_AT_ONCE):
                rows = rows_of(some)
                if int(self.columns.captured_length[rows].sum(dtype=np.int64)) > _OCTETS_AT_ONCE:
                    self.turn = None
                    yield from some
                    continue
                directions, payloads = self.directions(rows), self.payloads(rows)
                start = 0
                for view in some:
                    stop = start + view.stop - view.start
                    self.turn = Turn(view, directions[start:stop], payloads[start:stop])
                    start = stop
                    yield view
        finally:
            self.turn = None

    def let_go(self) -> None:
        """Forgets all rows and flows; what is known of the capture's files stays."""
        self.columns = self.others = PacketColumns.empty()
        self.to_server = np.empty(0, np.bool_)
        self.views = []
        self.capture.payloads.chunks.clear()

    def directions(self, rows: Rows) -> list[bool]:
        """For each of the rows whether it goes from client to server."""
        directions: list[bool] = self.to_server[rows].tolist()
        return directions

    def payloads(self, rows: Rows) -> list[bytes]:
        """The captured transport payload of each of the rows."""
        columns, chunks = self.columns, self.capture.payloads.chunks
        return [
            chunks[chunk][at : at + length] if length else b""
            for chunk, at, length in zip(
                columns.chunk[rows].tolist(),
                columns.payload_at[rows].tolist(),
                columns.captured_length[rows].tolist(),
                strict=True,
            )
        ]

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

    def lacks(self, *, to_server: bool) -> bool:
        """Whether the capture recorded the other direction only."""
        return self.one_sided and bool(self.to_server.any()) != to_server

    def ttls_of(self, address: int) -> SentTtls:
        """The TTLs of an address's packets, resets aside."""
        if address not in self._sent:
            self._sent[address] = self.ttls_in(np.flatnonzero(self.columns.source == address))
        return self._sent[address]

    def ttls_in(self, rows: npt.NDArray[np.intp]) -> SentTtls:
        """The TTLs of some rows, resets aside."""
        columns = self.columns
        rows = rows[columns.flags[rows] & TcpFlag.RST == 0]
        rows = rows[np.argsort(columns.time[rows], kind="stable")]
        return SentTtls(columns.time[rows], columns.ttl[rows])


class SentTtls(NamedTuple):
    """TTLs of packets in the order of time."""

    times: npt.NDArray[np.int64]
    ttls: npt.NDArray[np.uint8]

    def nearest(self, time: int, within: int) -> int | None:
        """That of the packet nearest to a time, if one is not further away than so much."""
        near = self._near(time, within)
        if near.start == near.stop:
            return None
        return int(self.ttls[near][np.abs(self.times[near] - time).argmin()])

    def has(self, ttl: int, time: int, within: int) -> bool:
        """Whether any packet not further from a time than so much has a TTL."""
        return bool((self.ttls[self._near(time, within)] == ttl).any())

    def _near(self, time: int, within: int) -> slice:
        start = int(np.searchsorted(self.times, time - within, "left"))
        return slice(start, int(np.searchsorted(self.times, time + within, "right")))


def portions(views: Sequence[FlowView], rows_at_once: int) -> Iterator[list[FlowView]]:
    """The views in portions of about so many rows."""
    portion: list[FlowView] = []
    rows = 0
    for view in views:
        portion.append(view)
        rows += view.stop - view.start
        if rows >= rows_at_once:
            yield portion
            portion, rows = [], 0
    if portion:
        yield portion


def rows_of(views: Sequence[FlowView]) -> npt.NDArray[np.int64]:
    """The rows of all ``views``, of which there is one at least, one after another."""
    starts = np.array([view.start for view in views], np.int64)
    lengths = np.array([view.stop for view in views], np.int64) - starts
    before = np.cumsum(lengths) - lengths
    return np.repeat(starts - before, lengths) + np.arange(lengths.sum())


def build_tables(capture: Capture, ports: PortSelection) -> list[FlowTable]:
    """The flows of each place whose packets a capture holds: of nearly all captures it is one.

    They are in order from the clients' end to the servers'. The capture is used up.
    """
    return [_built(part, ports) for part in part_capture(capture, ports)]


def build_flows(capture: Capture, ports: PortSelection) -> FlowTable:
    """Sort the rows of a capture of one place, which holds no packet twice, into flows."""
    return _built(Part(capture, orient(capture.columns, ports), 0, None), ports)


def _built(part: Part, ports: PortSelection) -> FlowTable:
    """Sort rows into flows.

    The capture's columns are used up: the table holds the same rows, in its own order, where they
    lay.
    """
    capture, orientation = part.capture, part.orientation
    member = np.flatnonzero(orientation.rank != NO_SERVICE)
    others = capture.columns.take(np.flatnonzero(orientation.rank == NO_SERVICE))
    order, starts = group_rows(capture.columns, orientation, member)
    columns, orientation = capture.columns.brought_into(order), orientation.take(order)
    turned = turned_by_opening(columns, capture.payloads, orientation, starts, ports)
    if turned is not None:
        order, starts = group_rows(columns, turned, np.flatnonzero(turned.rank != NO_SERVICE))
        columns, orientation = columns.brought_into(order), turned.take(order)
    protocol = others.protocol
    errors = int(((protocol == IpProtocol.ICMP) | (protocol == IpProtocol.ICMPV6)).sum())
    lone = lone_syns(columns, orientation, starts, errors)
    if lone is not None:
        order, starts = group_rows(columns, orientation, np.flatnonzero(~lone[0]))
        columns, orientation = columns.brought_into(order), orientation.take(order)
    busy = busy_clients(columns, orientation, starts)
    if busy is not None:
        order, starts = group_rows(columns, orientation, np.flatnonzero(~busy[0]))
        columns, orientation = columns.brought_into(order), orientation.take(order)
    table = FlowTable(
        capture=replace(capture, columns=PacketColumns.empty()),
        columns=columns,
        to_server=orientation.to_server,
        views=[],
        others=others,
        duplicates=part.duplicates,
        merged=part.merged,
        left_out=None if lone is None else lone[1],
        busy=() if busy is None else busy[1],
    )
    begins = starts.tolist()
    table.views = [
        FlowView(table, start, stop, BY_RANK[rank], client, client_port, server, server_port, asked)
        for start, stop, rank, client, client_port, server, server_port, asked in zip(
            begins,
            [*begins[1:], len(columns)] if begins else [],
            orientation.rank[starts].tolist(),
            shared(address_of(orientation.client[starts])),
            shared(port_of(orientation.client[starts])),
            shared(address_of(orientation.server[starts])),
            shared(port_of(orientation.server[starts])),
            shared(asked_first(columns, orientation, starts)),
            strict=True,
        )
    ]
    return table
