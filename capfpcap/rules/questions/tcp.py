"""A phone's TCP connections by service and server, and what shows that one came about."""

from __future__ import annotations

from collections import defaultdict

from msgspec import Struct

from capfpcap.flows.connection import Connection
from capfpcap.rules.model.case import Case, Unreachable
from capfpcap.rules.model.timeouts import FILE_ANSWER
from capfpcap.services import Service
from capfpcap.timeline.files import TransferState
from capfpcap.vantage.flow import Flow, Sighting

_ANSWERED = (TransferState.COMPLETE, TransferState.NOT_FOUND)
TCP_SERVICES = tuple(
    one.value for one in Service if one.facts.tcp is not None and one.facts.udp is None
)
"""Services that have no other transport, by the names that reports give them."""


class Opening(Struct, frozen=True, eq=False):
    """A TCP flow where its client's own packets are seen best."""

    flow: Flow
    sighting: Sighting
    connection: Connection


def openings(case: Case) -> dict[tuple[Service, int], list[Opening]]:
    """The phone's TCP flows by service and server address."""
    groups: dict[tuple[Service, int], list[Opening]] = defaultdict(list)
    for flow in case.phone.flows:
        sighting = _nearest(flow)
        connection = sighting.conversation.connection
        if connection is not None and not served_otherwise(case, flow):
            key = flow.service, flow.first.conversation.view.server
            groups[key].append(Opening(flow, sighting, connection))
    return groups


def _nearest(flow: Flow) -> Sighting:
    """The sighting nearest the client whose capture has both directions, if there is one."""
    if len(flow.sightings) == 1:
        return flow.first
    whole = (sighting for sighting in flow.sightings if not sighting.at.table.one_sided)
    return next(whole, flow.first)


def served_otherwise(case: Case, flow: Flow) -> bool:
    """Whether a connection for files failed and the phone was answered another way, or may be yet.

    Phones ask for files over HTTP first and fall back to TFTP: that is normal.
    """
    if flow.service is not Service.HTTP:
        return False
    if flow.best.watched_until - flow.started < FILE_ANSWER:
        return True
    return any(item.transfer.state in _ANSWERED for item in case.phone.files)


def answers_from_elsewhere(case: Case) -> dict[tuple[Service, int], list[Flow]]:
    """Flows in which a host answers that the phone did not ask, by service and the phone's port.

    A SYN-ACK to the very port from which the phone asked another host: a load balancer or a NAT
    that does not translate its answers back, or a host with several addresses.
    """
    found: dict[tuple[Service, int], list[Flow]] = defaultdict(list)
    for flow in filter(is_unasked, case.phone.flows):
        found[port_of(flow)].append(flow)
    return dict(found)


def port_of(flow: Flow) -> tuple[Service, int]:
    """The service and the port from which the phone speaks to it."""
    return flow.service, flow.first.conversation.view.client_port


def is_unasked(flow: Flow) -> bool:
    """Whether a host answers that no capture shows to have been asked, and the phone says no."""
    links = [sighting.conversation.connection for sighting in flow.sightings]
    return all(
        link is not None
        and bool(link.server.syns)
        and not link.client.syns
        and link.established_row is None
        for link in links
    )


def came_about_anywhere(flow: Flow) -> bool:
    """Whether any capture shows the end of the handshake."""
    links = (sighting.conversation.connection for sighting in flow.sightings)
    return any(link is not None and link.established_row is not None for link in links)


def refused_by_icmp(errors: list[Unreachable]) -> bool:
    """Whether a router or host said that packets cannot be delivered."""
    return any(not item.error.too_big for item in errors)
