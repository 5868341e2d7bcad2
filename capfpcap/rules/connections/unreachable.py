"""Findings on ICMP errors: a router or host says that the phone's packets cannot be delivered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from capfpcap.report import Severity
from capfpcap.rules.model.case import Case, Unreachable
from capfpcap.rules.model.code import Code, Family
from capfpcap.rules.model.draft import MAX_EVIDENCE, Draft, Proof
from capfpcap.rules.model.screen import ScreenRule
from capfpcap.rules.model.sight import Sight
from capfpcap.rules.model.stage import Layer
from capfpcap.rules.questions.needed_names import asks_for_a_needed_name
from capfpcap.rules.questions.tcp import TCP_SERVICES, served_otherwise
from capfpcap.rules.questions.wording import server_of
from capfpcap.rules.trust.other_cluster import ITL_OF_ANOTHER_CLUSTER
from capfpcap.services import Service
from capfpcap.timeline.files import TransferState
from capfpcap.vantage.flow import Flow

ICMP_UNREACHABLE = Code(
    code="icmp-unreachable",
    family=Family.CONNECTIONS,
    severity=Severity.CRITICAL,
    stage=Layer.TCP,
    screen=ScreenRule.BY_SERVICE,
    by_start=True,
    looks_for=Sight.UNREACHABLE,
    causes=(ITL_OF_ANOTHER_CLUSTER,),
    services=(*TCP_SERVICES, "dns", "tftp"),
    meaning="A router or host says that the phone's packets cannot be delivered.",
    told_by="An ICMP error that quotes the packet; the finding names the router and the reason. "
    "A warning where another server answered in its place.",
    not_this="Fragmentation needed: that is path MTU discovery at work; an error about a "
    "connection that was established all the same; one about a query for a name that no service "
    "of an enrolment uses.",
    remedy="Look at the router or host that sent the error: an access list (administratively "
    "prohibited), a missing route (network or host unreachable), a service that is down (port "
    "unreachable).",
)


@ICMP_UNREACHABLE.by_phone
def icmp_unreachable(case: Case) -> Iterator[Draft]:
    """A router says that packets of a flow cannot be delivered."""
    groups: dict[tuple[Service, int], list[tuple[Flow, Unreachable]]] = defaultdict(list)
    for flow in case.phone.flows:
        if _came_about(flow) or served_otherwise(case, flow):
            continue
        if flow.service is Service.DNS and not asks_for_a_needed_name(case, flow):
            continue
        for item in case.unreachable(flow):
            if not item.error.too_big and item.error.destination != _client(flow, item):
                groups[flow.service, item.error.router].append((flow, item))
    for (service, router), found in groups.items():
        flow, last = found[-1]
        reason = last.error.reason
        yield Draft(
            ICMP_UNREACHABLE,
            title=f"{case.address(router)} reports by ICMP that {server_of(case, flow)} is out of "
            f"reach: {reason}",
            detail=f"{len(found)} ICMP errors from {case.address(router)} about packets to "
            f"{case.address(last.error.destination)} port {last.error.destination_port}: "
            f"{reason} (type {last.error.type}, code {last.error.code}).",
            proofs=tuple(
                Proof(item.at, item.error.row, f"ICMP {item.error.reason}", among_others=True)
                for _, item in found[:MAX_EVIDENCE]
            ),
            service=service,
            flow=flow,
            severity=Severity.WARNING if _stood_in(case, service) else None,
        )


def _client(flow: Flow, item: Unreachable) -> int:
    """The client by the name that it has where the error was captured."""
    sighting = flow.seen_at(item.at) or flow.first
    return sighting.conversation.view.client


def _came_about(flow: Flow) -> bool:
    """Whether a flow was answered all the same."""
    conversation = flow.best.conversation
    if conversation.connection is not None:
        return bool(conversation.connection.server.syns or conversation.connection.server.segments)
    return any(lookup.answer_row is not None for lookup in conversation.lookups) or any(
        transfer.answer_row is not None for transfer in conversation.transfers
    )


def _stood_in(case: Case, service: Service) -> bool:
    """Whether another server gave the phone what it wanted: files, or the addresses of names."""
    if service is Service.TFTP:
        return any(item.transfer.state is TransferState.COMPLETE for item in case.phone.files)
    return service is Service.DNS and any(item.lookup.addresses for item in case.phone.lookups)
