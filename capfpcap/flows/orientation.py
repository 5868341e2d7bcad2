"""Which end of each packet is the client: by service port, and where that leaves it open, by SYN.

The answer is the same for both directions of a conversation, so that its packets share one key.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from capfpcap.capture import ports as port
from capfpcap.capture.columns import IpProtocol, PacketColumns
from capfpcap.capture.keys import Keys, KeySet, endpoint_keys
from capfpcap.capture.ports import PortSelection
from capfpcap.flows.service import BY_RANK, NO_SERVICE, Service, tcp_ranks


@dataclass(frozen=True, slots=True, eq=False)
class Orientation:
    """Client and server of each row, parallel to the packet columns."""

    to_server: npt.NDArray[np.bool_]
    client: npt.NDArray[np.uint64]
    server: npt.NDArray[np.uint64]
    client_port: npt.NDArray[np.uint16]
    server_port: npt.NDArray[np.uint16]
    rank: npt.NDArray[np.uint8]
    """Index into :data:`BY_RANK`, or :data:`NO_SERVICE` for a row that belongs to no flow."""


def orient(columns: PacketColumns, ports: PortSelection) -> Orientation:
    """Tell client from server for every row.

    TFTP rows are keyed by the client's address and port alone (server 0, port 69): the server
    answers from a port of its own choice (RFC 1350, section 4).
    """
    source_rank, destination_rank = _ranks(columns, ports)
    to_server = (destination_rank < source_rank) | (
        (destination_rank == source_rank) & _source_is_smaller(columns)
    )
    rank = np.minimum(source_rank, destination_rank)
    tftp = rank == BY_RANK.index(Service.TFTP)
    zero_address, tftp_port = np.uint64(0), np.uint16(port.TFTP)
    server = np.where(to_server, columns.destination, columns.source)
    server_port = np.where(to_server, columns.destination_port, columns.source_port)
    return Orientation(
        to_server=to_server,
        client=np.where(to_server, columns.source, columns.destination),
        server=np.where(tftp, zero_address, server),
        client_port=np.where(to_server, columns.source_port, columns.destination_port),
        server_port=np.where(tftp, tftp_port, server_port),
        rank=rank,
    )


def _source_is_smaller(columns: PacketColumns) -> npt.NDArray[np.bool_]:
    """Breaks the tie of two equal ports in the same way for both directions."""
    smaller: npt.NDArray[np.bool_] = (columns.source < columns.destination) | (
        (columns.source == columns.destination) & (columns.source_port < columns.destination_port)
    )
    return smaller


def _ranks(
    columns: PacketColumns, ports: PortSelection
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """The service rank of each row's source port and of its destination port."""
    table = tcp_ranks(ports)
    source, destination = table[columns.source_port], table[columns.destination_port]
    other = np.flatnonzero(columns.protocol != IpProtocol.TCP)
    source[other] = destination[other] = NO_SERVICE
    udp = other[columns.protocol[other] == IpProtocol.UDP]
    if len(udp):
        source[udp], destination[udp] = _udp_ranks(
            columns.source_port[udp],
            columns.destination_port[udp],
            endpoint_keys(columns.source[udp], columns.source_port[udp]),
            endpoint_keys(columns.destination[udp], columns.destination_port[udp]),
        )
    return source, destination


def _udp_ranks(
    source_port: npt.NDArray[np.uint16],
    destination_port: npt.NDArray[np.uint16],
    source_end: Keys,
    destination_end: Keys,
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """The ranks of UDP rows: DNS by port, TFTP by the clients that asked port 69."""
    dns, tftp = BY_RANK.index(Service.DNS), BY_RANK.index(Service.TFTP)
    source = np.where(source_port == port.DNS, np.uint8(dns), np.uint8(NO_SERVICE))
    destination = np.where(destination_port == port.DNS, np.uint8(dns), np.uint8(NO_SERVICE))
    asked = destination_port == port.TFTP
    destination[asked] = tftp
    clients = KeySet()
    clients.add(np.unique(source_end[asked]))
    rest = np.flatnonzero((source == NO_SERVICE) & (destination == NO_SERVICE))
    from_client = clients.holds(source_end[rest])
    destination[rest[from_client]] = tftp
    back = rest[~from_client]
    source[back[clients.holds(destination_end[back])]] = tftp
    return source, destination
