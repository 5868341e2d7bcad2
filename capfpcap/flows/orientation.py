"""Which end of each packet is the client, by service ports; openings correct it (see openings.py).

The answer is the same for both directions of a conversation, so that its packets share one key.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from capfpcap.capture import ports as port
from capfpcap.capture.columns import IpProtocol, PacketColumns
from capfpcap.capture.keys import Keys, KeySet, endpoint_keys, port_of
from capfpcap.capture.ports import PortSelection
from capfpcap.flows.service import BY_RANK, NO_SERVICE, tcp_ranks
from capfpcap.services import Service

Ranks = npt.NDArray[np.uint8]


class Orientation(Struct, frozen=True, eq=False):
    """Client and server of each row, parallel to the packet columns."""

    to_server: npt.NDArray[np.bool_]
    client: Keys
    """Address and port; see :func:`capfpcap.capture.keys.endpoint_keys`."""
    server: Keys
    rank: npt.NDArray[np.uint8]
    """Index into :data:`BY_RANK`, or :data:`NO_SERVICE` for a row that belongs to no flow."""

    def take(self, rows: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> Orientation:
        """That of the rows named by indices or by a mask."""
        return Orientation(*(getattr(self, name)[rows] for name in self.__struct_fields__))


def orient(columns: PacketColumns, ports: PortSelection) -> Orientation:
    """Tell client from server for every row.

    TFTP rows are keyed by the client's address and port alone (server 0, port 69): the server
    answers from a port of its own choice (RFC 1350, section 4). Between two equal ports the smaller
    end counts as the client's, in both directions.
    """
    source = endpoint_keys(columns.source, columns.source_port)
    destination = endpoint_keys(columns.destination, columns.destination_port)
    source_rank, destination_rank = _ranks(columns, source, destination, ports)
    to_server = source < destination
    to_server &= destination_rank == source_rank
    to_server |= destination_rank < source_rank
    rank = np.minimum(source_rank, destination_rank)
    server = np.where(to_server, destination, source)
    server[rank == BY_RANK.index(Service.TFTP)] = port.TFTP
    return Orientation(to_server, np.where(to_server, source, destination), server, rank)


def _ranks(
    columns: PacketColumns, source_end: Keys, destination_end: Keys, ports: PortSelection
) -> tuple[Ranks, Ranks]:
    """The service rank of each row's source port and of its destination port."""
    table = tcp_ranks(ports)
    source, destination = table[columns.source_port], table[columns.destination_port]
    other = np.flatnonzero(columns.protocol != IpProtocol.TCP)
    source[other] = destination[other] = NO_SERVICE
    udp = other[columns.protocol[other] == IpProtocol.UDP]
    if len(udp):
        source[udp], destination[udp] = _udp_ranks(source_end[udp], destination_end[udp])
    return source, destination


def _udp_ranks(source_end: Keys, destination_end: Keys) -> tuple[Ranks, Ranks]:
    """The ranks of UDP rows: DNS by port, TFTP by the clients that asked port 69."""
    dns, tftp = BY_RANK.index(Service.DNS), BY_RANK.index(Service.TFTP)
    source_port, destination_port = port_of(source_end), port_of(destination_end)
    source = np.where(source_port == port.DNS, np.uint8(dns), np.uint8(NO_SERVICE))
    destination = np.where(destination_port == port.DNS, np.uint8(dns), np.uint8(NO_SERVICE))
    asked = destination_port == port.TFTP
    destination[asked] = tftp
    clients = KeySet()
    clients.add(source_end[asked])
    rest = np.flatnonzero((source == NO_SERVICE) & (destination == NO_SERVICE))
    from_client = clients.holds(source_end[rest])
    destination[rest[from_client]] = tftp
    back = rest[~from_client]
    source[back[clients.holds(destination_end[back])]] = tftp
    return source, destination


def asked_first(
    columns: PacketColumns, orientation: Orientation, starts: npt.NDArray[np.intp]
) -> npt.NDArray[np.uint64]:
    """Of each flow the address that the first packet to its server, if there is any, went to.

    ``columns`` and ``orientation`` are sorted by flow; ``starts`` says where each begins.
    """
    if not len(starts):
        return np.empty(0, np.uint64)
    rows = np.arange(len(columns))
    first = np.minimum.reduceat(np.where(orientation.to_server, rows, len(rows)), starts)
    asked: npt.NDArray[np.uint64] = columns.destination[np.where(first < len(rows), first, starts)]
    return asked
