"""Findings on connections that do not come about; they apply to every TCP service alike."""

from __future__ import annotations

from collections.abc import Iterator

from capfpcap.report import Certainty, Severity
from capfpcap.rules.connections.one_way import ONE_WAY_TRAFFIC
from capfpcap.rules.connections.path import (
    PATH_DROPPED_TO_PHONE,
    PATH_DROPPED_TO_SERVER,
    PATH_DROPS_DATA,
)
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.code import Code, Family
from capfpcap.rules.model.draft import MAX_EVIDENCE, Draft, Proof, proof
from capfpcap.rules.model.screen import ScreenRule
from capfpcap.rules.model.sight import Sight
from capfpcap.rules.model.stage import Layer
from capfpcap.rules.model.timeouts import SYN_ANSWER
from capfpcap.rules.names.truncated_names import DNS_TRUNCATED
from capfpcap.rules.names.wrong_address import DNS_WRONG_ADDRESS
from capfpcap.rules.questions.reset_origin import came_from_elsewhere
from capfpcap.rules.questions.tcp import (
    TCP_SERVICES,
    Opening,
    answers_from_elsewhere,
    came_about_anywhere,
    openings,
    port_of,
    refused_by_icmp,
)
from capfpcap.rules.questions.wording import listed, server_of, start_remedy
from capfpcap.rules.trust.other_cluster import ITL_OF_ANOTHER_CLUSTER
from capfpcap.vantage.flow import Flow
from capfpcap.vantage.role import Role

CONNECTION_REFUSED = Code(
    code="connection-refused",
    family=Family.CONNECTIONS,
    severity=Severity.CRITICAL,
    stage=Layer.TCP,
    screen=ScreenRule.BY_SERVICE,
    looks_for=Sight.UNANSWERED,
    causes=(DNS_WRONG_ADDRESS, DNS_TRUNCATED, ITL_OF_ANOTHER_CLUSTER),
    services=TCP_SERVICES,
    meaning="The server refuses the connection: nothing listens on the port.",
    told_by="A SYN answered by RST from the server itself.",
    not_this="A RST whose TTL is not the server's, or that the server's own capture does not "
    "show: something on the way sent it.",
    remedy="Start the service on that node ('utils service list' shows what runs; Cisco "
    "Certificate Authority Proxy Function runs on the publisher only), or correct the server that "
    "the phone's configuration names.",
)
CONNECTION_NO_ANSWER = Code(
    code="connection-no-answer",
    family=Family.CONNECTIONS,
    severity=Severity.CRITICAL,
    stage=Layer.TCP,
    screen=ScreenRule.BY_SERVICE,
    looks_for=Sight.UNANSWERED,
    causes=(DNS_TRUNCATED, ITL_OF_ANOTHER_CLUSTER),
    gives_way_to=(PATH_DROPPED_TO_SERVER, PATH_DROPPED_TO_PHONE, ONE_WAY_TRAFFIC),
    services=TCP_SERVICES,
    meaning="The phone's connection requests stay without any answer.",
    told_by="SYNs retransmitted, nothing came back, and there is no second capture to tell "
    "which direction drops; or SYN-ACKs to them come from an address that the phone did not ask.",
    not_this="A SYN in the last seconds of a capture.",
    remedy="Look for a firewall, an access list or a missing route between phone and server for "
    "this port. A second capture at the server taken at the same time tells which direction "
    "drops the packets.",
)
CONNECTION_HALF_OPEN = Code(
    code="connection-half-open",
    family=Family.CONNECTIONS,
    severity=Severity.CRITICAL,
    stage=Layer.TCP,
    screen=ScreenRule.BY_SERVICE,
    looks_for=Sight.UNANSWERED,
    gives_way_to=(PATH_DROPPED_TO_PHONE, PATH_DROPS_DATA),
    services=TCP_SERVICES,
    meaning="The server answers and its answers are never acknowledged.",
    told_by="At the server only: SYN-ACKs retransmitted, never acknowledged.",
    not_this="A handshake in the last seconds of a capture.",
    remedy="Check the path from the server back to the phone: return route, asymmetric routing "
    "past a firewall, access list. A capture at the phone taken at the same time proves it.",
)


def _syns(items: list[Opening], note: str) -> list[Proof]:
    return [
        proof(item.sighting, row, note) for item in items for row in item.connection.client.syns
    ]


def _tries(items: list[Opening]) -> str:
    return f"{len(items)} attempts" if len(items) > 1 else "1 attempt"


@CONNECTION_REFUSED.by_phone
def connection_refused(case: Case) -> Iterator[Draft]:
    """A SYN is answered by a reset from the server."""
    for (service, _), items in openings(case).items():
        refused = [
            item
            for item in items
            if item.connection.refused
            and not item.connection.proves_answers
            and not came_from_elsewhere(case, item.flow, item.sighting, item.connection)
        ]
        if not refused:
            continue
        last = refused[-1]
        proofs = []
        for item in refused:
            reset = item.connection.server.reset_rows[0]
            proofs.append(proof(item.sighting, item.connection.client.syns[0], "SYN"))
            proofs.append(proof(item.sighting, reset, "answered by RST"))
        yield Draft(
            CONNECTION_REFUSED,
            title=f"{server_of(case, last.flow)} refuses the connection",
            detail=f"{_tries(refused)} to connect to {case.server(last.flow)}; the server answered "
            "each SYN with RST: nothing listens on that port.",
            proofs=tuple(proofs[:MAX_EVIDENCE]),
            service=service,
            flow=last.flow,
            remedy=start_remedy(service),
        )


_SENT_ONCE = (
    " But none was sent again, as SYNs are that nobody answers: the capture may have missed the "
    "answers."
)


@CONNECTION_NO_ANSWER.by_phone
def connection_no_answer(case: Case) -> Iterator[Draft]:
    """SYNs are repeated and nothing comes back."""
    elsewhere = answers_from_elsewhere(case)
    for (service, server), items in openings(case).items():
        silent = [
            item
            for item in items
            if item.connection.client.syns
            and not item.connection.answered
            and not came_about_anywhere(item.flow)
            and not item.connection.proves_answers
            and not refused_by_icmp(case.unreachable(item.flow))
        ]
        syns = _syns(silent, "SYN without an answer")
        if len(syns) < 2 or silent[0].sighting.watched_until - syns[0].time < SYN_ANSWER:
            continue
        once = all(len(item.connection.client.syns) == 1 for item in silent)
        last = silent[-1]
        others = [
            one
            for item in silent
            for one in elsewhere.get(port_of(item.flow), ())
            if one.first.conversation.view.server != server
        ]
        if others:
            yield _from_another_address(case, silent, others)
            continue
        at_server = last.sighting.at.role in (Role.PUBLISHER, Role.SUBSCRIBER)
        meaning = (
            "the SYNs arrive at the server's capture point and the server does not answer them"
            if at_server
            else "whether the SYNs are lost on the way or the answers on the way back, only a "
            "capture at the server can tell"
        )
        yield Draft(
            CONNECTION_NO_ANSWER,
            title=f"{server_of(case, last.flow)} does not answer",
            detail=f"{len(syns)} SYNs in {_tries(silent)} to {case.server(last.flow)}, nothing "
            f"came back; {meaning}.{_SENT_ONCE if once else ''}",
            proofs=tuple(syns[:MAX_EVIDENCE]),
            service=service,
            flow=last.flow,
            certainty=Certainty.LIKELY if once else Certainty.PROVEN,
        )


_MOST_NAMED = 3
"""Addresses that answer in another's place and are named; a load balancer has a few."""


def _from_another_address(case: Case, silent: list[Opening], others: list[Flow]) -> Draft:
    """SYNs to one address, and SYN-ACKs to them from another, which the phone does not take."""
    flow = silent[-1].flow
    servers = dict.fromkeys(other.first.conversation.view.server for other in others)
    hosts = listed(map(case.address, list(servers)[:_MOST_NAMED]))
    syns = [_syns([item], "SYN")[0] for item in silent]
    answers = [
        proof(other.first, other.first.conversation.view.start, "SYN-ACK from another address")
        for other in others
    ]
    return Draft(
        CONNECTION_NO_ANSWER,
        title=f"Answers of {server_of(case, flow)} come from {hosts}, and the phone drops them",
        detail=f"The phone's SYNs go to {case.server(flow)}; SYN-ACKs to the same ports of the "
        f"phone come from {hosts}. To the phone they belong to no connection of its own.",
        proofs=tuple(sorted(syns + answers, key=lambda item: item.time)[:MAX_EVIDENCE]),
        service=flow.service,
        flow=flow,
        remedy=_OTHER_ADDRESS,
    )


_OTHER_ADDRESS = (
    "A load balancer or NAT sends the phone's packets on to that address and does not see the "
    "answers, or does not translate them back: let them return the same way, or name the "
    "publisher itself in the configuration (CAPF runs there only and is not to be balanced). If "
    "the address is the same host's, correct its route back to the phones."
)


@CONNECTION_HALF_OPEN.by_phone
def connection_half_open(case: Case) -> Iterator[Draft]:
    """SYN-ACKs are repeated and never acknowledged."""
    for (service, _), items in openings(case).items():
        open_ = [item for item in items if _half_open(item)]
        if not open_:
            continue
        last = open_[-1]
        answers = [
            proof(item.sighting, row, "SYN-ACK, never acknowledged")
            for item in open_
            for row in item.connection.server.syns
        ]
        yield Draft(
            CONNECTION_HALF_OPEN,
            title=f"The answers of {server_of(case, last.flow)} are never acknowledged",
            detail=f"{len(answers)} SYN-ACKs in {_tries(open_)} from {case.server(last.flow)}; "
            "no acknowledgement came. They are lost on the way to the phone, or its "
            "acknowledgements on the way back; a capture at the phone tells which.",
            proofs=tuple(answers[:MAX_EVIDENCE]),
            service=service,
            flow=last.flow,
        )


def _half_open(item: Opening) -> bool:
    connection = item.connection
    answers = connection.server.syns
    if len(answers) < 2 or connection.established_row is not None or connection.client.reset_rows:
        return False
    if connection.server.segments or connection.proves_requests:
        return False
    times = connection.view.table.columns.time
    return item.sighting.watched_until - int(times[answers[0]]) >= SYN_ANSWER
