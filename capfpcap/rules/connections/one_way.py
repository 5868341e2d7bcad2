"""Connections whose packets go in one direction only, without an opening to explain it."""

from __future__ import annotations

from collections.abc import Iterator

from capfpcap.report import Certainty, Severity
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.code import Code, Family
from capfpcap.rules.model.draft import MAX_EVIDENCE, Draft, proof
from capfpcap.rules.model.screen import ScreenRule
from capfpcap.rules.model.sight import Sight
from capfpcap.rules.model.stage import Layer
from capfpcap.rules.model.timeouts import SYN_ANSWER
from capfpcap.rules.questions.tcp import (
    TCP_SERVICES,
    Opening,
    answers_from_elsewhere,
    openings,
    port_of,
    refused_by_icmp,
)
from capfpcap.rules.questions.wording import accept_remedy, server_of
from capfpcap.vantage.flow import Sighting
from capfpcap.vantage.role import SERVERS_OWN

ONE_WAY_TRAFFIC = Code(
    code="one-way-traffic",
    family=Family.CONNECTIONS,
    severity=Severity.CRITICAL,
    stage=Layer.TCP,
    screen=ScreenRule.BY_SERVICE,
    looks_for=Sight.UNANSWERED,
    services=TCP_SERVICES,
    meaning="Packets of a connection go in one direction only.",
    told_by="A flow has packets in one direction only, retransmitted without effect, and no "
    "other code explains it, while the same capture shows both directions of the phone's other "
    "traffic.",
    not_this="Broadcast; a capture that records one direction only, of all traffic or of this "
    "connection: acknowledgements that advance prove packets in the other direction.",
    remedy="Capture at the other end at the same time: it tells whether the missing direction was "
    "never sent or was lost on the way.",
)

_FEWEST = 3
"""Packets in one direction that want an answer."""


@ONE_WAY_TRAFFIC.by_phone
def one_way_traffic(case: Case) -> Iterator[Draft]:
    """A flow shows one direction only, and its opening does not explain it."""
    for (service, _), items in openings(case).items():
        for item in items:
            if not _is_one_way(case, item):
                continue
            connection = item.connection
            view = connection.view
            to_phone = connection.server.packets > 0
            direction = "to the phone" if to_phone else "to the server"
            rows = range(view.start, view.stop)
            yield Draft(
                ONE_WAY_TRAFFIC,
                title=f"{server_of(case, item.flow)}: packets go {direction} only",
                detail=f"{len(rows)} packets {direction}, none the other way, while the capture "
                "shows both directions of the phone's other traffic. A capture at the "
                f"{'phone' if to_phone else 'server'} tells whether they arrive.",
                proofs=tuple(
                    proof(item.sighting, row, f"packet {direction}") for row in rows[:MAX_EVIDENCE]
                ),
                service=service,
                flow=item.flow,
                certainty=Certainty.LIKELY,
            )


def _is_one_way(case: Case, item: Opening) -> bool:
    connection = item.connection
    client, server = connection.client, connection.server
    if (client.packets and server.packets) or client.syns or not _only_on_the_way(item):
        return False
    if _opened_meanwhile(item):
        return False
    if connection.proves_answers or connection.proves_requests:
        return False
    if refused_by_icmp(case.unreachable(item.flow)):
        return False
    return _lasting(item) and _both_directions_elsewhere(case, item)


def _opened_meanwhile(item: Opening) -> bool:
    """Whether a connection shows its beginning without the handshake: the capture missed that."""
    session = item.sighting.conversation.session
    return session is not None and session.client_hello is not None


def _only_on_the_way(item: Opening) -> bool:
    """Whether no other capture shows the connection otherwise, or from the server's end."""
    others = item.flow.sightings[1:]
    return not item.flow.differs and all(seen.at.role not in SERVERS_OWN for seen in others)


def _lasting(item: Opening) -> bool:
    """Whether one side spoke again and again, and there was time for the other to answer."""
    view = item.connection.view
    speaking = item.connection.side(item.connection.client.packets > 0)
    return (
        view.stop - view.start >= _FEWEST
        and bool(speaking.repeated)
        and item.sighting.watched_until - view.first_time >= SYN_ANSWER
    )


def _both_directions_elsewhere(case: Case, item: Opening) -> bool:
    """Whether the same capture shows both directions of another flow of the phone."""
    return any(
        len(set(sighting.conversation.view.directions())) > 1
        for flow in case.phone.flows
        if flow is not item.flow
        for sighting in flow.sightings
        if sighting.at is item.sighting.at
    )


@ONE_WAY_TRAFFIC.by_phone
def arrives_and_is_not_answered(case: Case) -> Iterator[Draft]:
    """Connection requests that reach the server's own capture point, which sends nothing."""
    elsewhere = answers_from_elsewhere(case)
    for (service, _), items in openings(case).items():
        silent = [
            item
            for item in items
            if port_of(item.flow) not in elsewhere and _unanswered(case, item)
        ]
        syns = [
            proof(sighting, row, "SYN" if number else "SYN, arrived and not answered")
            for item in silent
            for number, sighting in enumerate((item.flow.last, item.flow.first))
            for row in _syns(sighting)
        ]
        arrived = sum(len(_syns(item.flow.last)) for item in silent)
        if arrived < 2:
            continue
        flow = silent[-1].flow
        yield Draft(
            ONE_WAY_TRAFFIC,
            title=f"{server_of(case, flow)} does not answer what reaches it",
            detail=f"{arrived} SYNs reached {flow.last.at.name}, where nothing answered them: "
            "the network delivers them, and the server's host drops them (a filter on "
            "the host itself, or a service whose queue of connections is full).",
            proofs=tuple(sorted(syns, key=lambda item: item.time)[:MAX_EVIDENCE]),
            service=service,
            flow=flow,
            remedy=accept_remedy(service, flow.first.conversation.view.server_port),
        )


def _unanswered(case: Case, item: Opening) -> bool:
    flow = item.flow
    if len(flow.sightings) < 2 or flow.last.at.role not in SERVERS_OWN:
        return False
    if refused_by_icmp(case.unreachable(flow)):
        return False
    syns = _syns(flow.last)
    if not syns or any(_answered(sighting) for sighting in flow.sightings):
        return False
    first = int(flow.last.at.table.columns.time[syns[0]])
    return flow.last.watched_until - first >= SYN_ANSWER


def _syns(sighting: Sighting) -> list[int]:
    connection = sighting.conversation.connection
    return [] if connection is None else connection.client.syns


def _answered(sighting: Sighting) -> bool:
    connection = sighting.conversation.connection
    return connection is None or connection.answered
