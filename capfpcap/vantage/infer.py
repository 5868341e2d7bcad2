"""Where a capture was taken, told by its packets.

A host's own packets are captured beside it with the TTL that it gave them; those of the other end
have passed routers. On one network without routers, time tells: beside the client the answer to a
SYN takes a round trip and the ACK after it none, beside the server it is the other way round.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count, islice

import numpy as np

from capfpcap.capture.columns import TcpFlag
from capfpcap.flows.table import FlowTable
from capfpcap.services import Purpose, Service, used_for
from capfpcap.vantage.differences import ends
from capfpcap.vantage.flow import VantagePoint
from capfpcap.vantage.role import Role

INITIAL_TTLS = (64, 128, 255)
"""TTL or hop limit with which hosts send: Linux and CUCM, Windows, routers."""
_INITIAL = np.array(INITIAL_TTLS)
_CLEARLY_LONGER = 2.0
_SAMPLED_FLOWS = 500
_FILES = used_for(Purpose.FILES)
_OF_SUBSCRIBERS = used_for(Purpose.NAMES, Purpose.TRUST, Purpose.REGISTRATION)
"""What every node serves, and one that serves nothing more is no publisher."""


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


def is_at_other_end(point: VantagePoint) -> bool:
    """Whether TTLs say that a capture was taken at the other end than the one that was given.

    Beside a host its packets have passed no router; where those of the other end alone have passed
    none, that is the end.
    """
    if not point.role_given or point.role is Role.OTHER:
        return False
    own, far = (
        _distance(point.table, to_server=up)
        for up in (point.role is Role.PHONE, point.role is not Role.PHONE)
    )
    return own is not None and own > 0 and far == 0


def _distance(table: FlowTable, *, to_server: bool) -> int | None:
    """The commonest number of routers that the packets of one direction have passed.

    Resets are asked last: what a box on the way makes of them comes from near by. Where a capture
    holds nothing else, they tell nothing.
    """
    rows = table.to_server == to_server
    others = rows & (table.columns.flags & TcpFlag.RST == 0)
    if rows.all() and not others.any():
        return None
    times_to_live = table.columns.ttl[others if others.any() else rows].astype(np.int64)
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
    if services <= _OF_SUBSCRIBERS:
        return Role.SUBSCRIBER
    return Role.PUBLISHER


def tell_servers_apart(points: Sequence[VantagePoint]) -> None:
    """Take for a subscriber's what seemed the publisher's, where another is more surely that.

    A cluster has one publisher. It is the host that answers CAPF, or else the one that serves
    files: beside it a host that only refuses CAPF, which a name may lead to, is no publisher.
    """
    seeming = [point for point in points if point.role is Role.PUBLISHER]
    if len(seeming) < 2:
        return
    ranks = {point.name: _publisher_rank(point) for point in seeming}
    best = max(seeming, key=lambda point: ranks[point.name])
    less = [
        point
        for point in seeming
        if ranks[point.name] < ranks[best.name] and not _servers(point.table) & _servers(best.table)
    ]
    for point in less:
        point.role = Role.SUBSCRIBER
    if less:
        _name_again(seeming, {name for point in points for name in point.ids})


def _name_again(points: Sequence[VantagePoint], names: set[str]) -> None:
    """Name points after the roles that they now have; ``names`` are those of all points."""
    names -= {name for point in points for name in point.ids}
    for point in points:
        stem = point.role.value
        every = (stem if number == 1 else f"{stem}-{number}" for number in count(1))
        point.ids = tuple(islice((name for name in every if name not in names), len(point.ids)))
        names.update(point.ids)


def _publisher_rank(point: VantagePoint) -> int:
    """How surely a capture at a server is the publisher's."""
    if point.role_given:
        return 3
    served = _served(point.table)
    if Service.CAPF in served:
        return 2
    return 1 if served & _FILES else 0


def _served(table: FlowTable) -> set[Service]:
    """The services of which a server sent more than resets."""
    answers = ~table.to_server & (table.columns.flags & TcpFlag.RST == 0)
    return {view.service for view in table.views if answers[view.rows].any()}


def _servers(table: FlowTable) -> set[int]:
    """The addresses of servers, but for those of DNS."""
    return {ends(view)[1] for view in table.views if view.service is not Service.DNS}
