"""Who opened a connection, where that is not the end that the service's port suggests.

A client may well use 3804 for a port of its own. Its SYN tells, or the SYN-ACK, or what TLS and
HTTP say first; ports decide only where a capture shows none of these.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from msgspec.structs import replace

from capfpcap.capture.columns import IpProtocol, PacketColumns, PayloadStore, TcpFlag
from capfpcap.capture.distinct import first_places
from capfpcap.capture.keys import port_of
from capfpcap.capture.ports import PortSelection
from capfpcap.flows.orientation import Orientation
from capfpcap.flows.service import BY_RANK, NO_SERVICE, tcp_ranks
from capfpcap.services import Service

_OPENING = TcpFlag.SYN | TcpFlag.ACK | TcpFlag.RST
_HEAD = 6
"""Octets of a payload that tell a hello: record type, version, length, handshake type."""
_HANDSHAKE, _SSL3 = 22, 3
_CLIENT_HELLO, _SERVER_HELLO = 1, 2
_REQUESTS = (b"GET ", b"POST", b"HEAD")
_RESPONSE = b"HTTP"
_SYSTEM_PORTS = 1024
"""Ports below are those of servers (RFC 6335, section 6); no phone opens a connection from one."""

Flows = npt.NDArray[np.intp]
Rows = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]


def turned_by_opening(
    columns: PacketColumns,
    payloads: PayloadStore,
    orientation: Orientation,
    starts: Rows,
    ports: PortSelection,
) -> Orientation | None:
    """Client and server as openings tell them; None where they are as they were.

    ``columns`` and ``orientation`` are sorted by flow; ``starts`` says where each begins. What then
    is no flow of any service has :data:`NO_SERVICE`.
    """
    rows, clients = _told_by_handshake(columns, orientation)
    flows, turned = _first_of_each(starts, rows, clients)
    open_still = _may_tell(columns, orientation, starts)
    open_still[flows] = False
    silent = np.flatnonzero(open_still)
    turn = [flows[turned]]
    strange: Flows = silent[:0]
    if len(silent):
        rows, clients = _told_by_content(columns, payloads, orientation, starts, silent)
        flows, turned = _first_of_each(starts, rows, clients)
        turn.append(flows[turned])
        open_still[flows] = False
        rest = np.flatnonzero(open_still)
        strange = rest[port_of(orientation.client[starts[rest]]) < _SYSTEM_PORTS]
    every = np.concatenate(turn)
    if not len(every) and not len(strange):
        return None
    return _turned(orientation, starts, every, strange, ports)


def _told_by_handshake(columns: PacketColumns, orientation: Orientation) -> tuple[Rows, Mask]:
    """Rows with SYN, and of each whether the client sent it as far as it says."""
    control = columns.flags & _OPENING
    rows = np.flatnonzero((control == TcpFlag.SYN) | (control == TcpFlag.SYN | TcpFlag.ACK))
    opens = control[rows] == TcpFlag.SYN
    return rows, opens == orientation.to_server[rows]


def _told_by_content(
    columns: PacketColumns,
    payloads: PayloadStore,
    orientation: Orientation,
    starts: Rows,
    flows: Flows,
) -> tuple[Rows, Mask]:
    """Rows of some flows with what only a client or only a server says, and whether it fits."""
    member = np.zeros(len(starts), np.bool_)
    member[flows] = True
    lengths = np.diff(starts, append=len(columns))
    rows = np.flatnonzero(np.repeat(member, lengths))
    rows = rows[columns.captured_length[rows] >= _HEAD]
    heads = payloads.heads(columns, rows, _HEAD)
    hello = (heads[:, 0] == _HANDSHAKE) & (heads[:, 1] == _SSL3)
    words = heads[:, :4].copy().view("S4").ravel()
    by_client = (hello & (heads[:, 5] == _CLIENT_HELLO)) | np.isin(words, _REQUESTS)
    by_server = (hello & (heads[:, 5] == _SERVER_HELLO)) | (words == _RESPONSE)
    tells = by_client | by_server
    return rows[tells], by_client[tells] == orientation.to_server[rows[tells]]


def _first_of_each(starts: Rows, rows: Rows, fits: Mask) -> tuple[Flows, Mask]:
    """The flows of some rows, and of each whether its first row does not fit."""
    flows = np.searchsorted(starts, rows, "right") - 1
    first = first_places(flows)
    return flows[first], ~fits[first]


def _may_tell(columns: PacketColumns, orientation: Orientation, starts: Rows) -> Mask:
    """Which flows are TCP connections with another server than one of DNS."""
    tcp = columns.protocol[starts] == IpProtocol.TCP
    may_tell: Mask = tcp & (orientation.rank[starts] != BY_RANK.index(Service.DNS))
    return may_tell


def _turned(
    orientation: Orientation, starts: Rows, turn: Flows, strange: Flows, ports: PortSelection
) -> Orientation:
    """The orientation with some flows turned round, and some that are no service's."""
    lengths = np.diff(starts, append=len(orientation.rank))
    turning, leaving = np.zeros((2, len(starts)), np.bool_)
    turning[turn], leaving[strange] = True, True
    rows = np.repeat(turning, lengths)
    client = np.where(rows, orientation.server, orientation.client)
    server = np.where(rows, orientation.client, orientation.server)
    rank = np.where(rows, tcp_ranks(ports)[port_of(server)], orientation.rank)
    rank[np.repeat(leaving, lengths)] = NO_SERVICE
    return replace(
        orientation, to_server=orientation.to_server ^ rows, client=client, server=server, rank=rank
    )
