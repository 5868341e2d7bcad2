"""Where a capture was taken, told by its packets.

A host's own packets are captured beside it with the TTL that it gave them; those of the other end
have passed routers. On one network without routers, time tells: beside the client the answer to a
SYN takes a round trip and the ACK after it none, beside the server it is the other way round.
"""

from __future__ import annotations

import numpy as np

from capfpcap.capture.columns import TcpFlag
from capfpcap.flows.service import Service
from capfpcap.flows.table import FlowTable
from capfpcap.vantage.role import Role

_INITIAL = np.array([64, 128, 255])
_CLEARLY_LONGER = 2.0
_SAMPLED_FLOWS = 500


def infer_role(table: FlowTable) -> Role:
    """The likeliest place; ``OTHER`` where nothing tells, or both ends are routers away."""
    client = _distance(table, to_server=True)
    server = _distance(table, to_server=False)
    if client is None or server is None:
        return _by_one_end(table, client, server)
    if client == 0 and server > 0:
        return Role.PHONE
    if server == 0 and client > 0:
        return _server_role(table)
    return _by_round_trip(table) if client == server == 0 else Role.OTHER


def _distance(table: FlowTable, *, to_server: bool) -> int | None:
    """The commonest number of routers that the packets of one direction have passed."""
    times_to_live = table.columns.ttl[table.to_server == to_server].astype(np.int64)
    if not len(times_to_live):
        return None
    initial = _INITIAL[np.searchsorted(_INITIAL, times_to_live)]
    return int(np.bincount(initial - times_to_live).argmax())


def _by_one_end(table: FlowTable, client: int | None, server: int | None) -> Role:
    if client == 0 and server is None:
        return Role.PHONE
    return _server_role(table) if server == 0 and client is None else Role.OTHER


def _by_round_trip(table: FlowTable) -> Role:
    """Compares the two halves of TCP handshakes."""
    answers, acknowledgements = [], []
    for view in table.views[:_SAMPLED_FLOWS]:
        flags = table.columns.flags[view.rows]
        times = table.columns.time[view.rows]
        if len(flags) < 3 or flags[0] & (TcpFlag.SYN | TcpFlag.ACK) != TcpFlag.SYN:
            continue
        if flags[1] & (TcpFlag.SYN | TcpFlag.ACK) == TcpFlag.SYN | TcpFlag.ACK:
            answers.append(int(times[1] - times[0]))
            acknowledgements.append(int(times[2] - times[1]))
    if not answers:
        return Role.OTHER
    answer, acknowledgement = float(np.median(answers)), float(np.median(acknowledgements))
    if answer > _CLEARLY_LONGER * acknowledgement:
        return Role.PHONE
    return _server_role(table) if acknowledgement > _CLEARLY_LONGER * answer else Role.OTHER


def _server_role(table: FlowTable) -> Role:
    """Which server's side it is: CAPF runs on the publisher only."""
    services = {view.service for view in table.views}
    if services <= {Service.DNS}:
        return Role.DNS
    if services <= {Service.TVS, Service.SIP_TLS, Service.SCCP_TLS, Service.DNS}:
        return Role.SUBSCRIBER
    return Role.PUBLISHER
