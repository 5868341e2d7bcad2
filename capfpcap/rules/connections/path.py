"""Findings on the way between phone and server that two captures together prove."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from capfpcap.report import Severity
from capfpcap.rules.connections.path_loss import Loss, loss_draft, losses_by_group, stuck, too_large
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.code import Code, Family
from capfpcap.rules.model.draft import Draft
from capfpcap.rules.model.screen import ScreenRule
from capfpcap.rules.model.sight import Sight
from capfpcap.rules.model.stage import Layer
from capfpcap.rules.names.truncated_names import DNS_TRUNCATED
from capfpcap.rules.questions.tcp import TCP_SERVICES, refused_by_icmp
from capfpcap.rules.questions.wording import server_of
from capfpcap.services import Service
from capfpcap.vantage.fate import Leg
from capfpcap.vantage.flow import Flow
from capfpcap.vantage.path_segment import marks

PATH_DROPPED_TO_SERVER = Code(
    code="path-dropped-to-server",
    family=Family.CONNECTIONS,
    severity=Severity.CRITICAL,
    stage=Layer.TCP,
    screen=ScreenRule.BY_SERVICE,
    looks_for=Sight.DIFFERENCE,
    causes=(DNS_TRUNCATED,),
    services=TCP_SERVICES,
    meaning="The phone's packets are dropped on their way to the server.",
    told_by="Two captures: connection requests leave the phone again and again and never reach "
    "the server, whose capture was running and shows the phone's other traffic.",
    not_this="A capture that had ended or had not begun; a request that is lost once; a server "
    "that does not answer what reaches it.",
    remedy="Between the two points of capture, look for a firewall, an access list or a missing "
    "route that stops this port on the way from the phone to the server; captures nearer to each "
    "other narrow it down.",
)
PATH_DROPPED_TO_PHONE = Code(
    code="path-dropped-to-phone",
    family=Family.CONNECTIONS,
    severity=Severity.CRITICAL,
    stage=Layer.TCP,
    screen=ScreenRule.BY_SERVICE,
    looks_for=Sight.DIFFERENCE,
    causes=(DNS_TRUNCATED,),
    services=TCP_SERVICES,
    meaning="The server's answers are dropped on their way to the phone.",
    told_by="Two captures: answers leave the server again and again and never reach the phone.",
    not_this="An answer that is lost once; a server that does not answer.",
    remedy="Between the two points of capture, look at the way back: return route, asymmetric "
    "routing past a stateful firewall, an access list on the server's side.",
)
PATH_MTU_BLACKHOLE = Code(
    code="path-mtu-blackhole",
    family=Family.CONNECTIONS,
    severity=Severity.CRITICAL,
    stage=Layer.AS_FAR_AS_IT_CAME,
    screen=ScreenRule.BY_SERVICE,
    looks_for=Sight.DIFFERENCE | Sight.UNDONE,
    services=(*TCP_SERVICES, "tftp"),
    meaning="Large packets are lost and small ones pass: a link on the path has a smaller MTU, "
    "and the sender does not learn of it.",
    told_by="Large packets are retransmitted and never arrive, while smaller ones in the same "
    "direction do.",
    not_this="Loss that strikes small packets as well; fragmentation-needed messages that are "
    "heeded.",
    remedy="Let ICMP 'fragmentation needed' (type 3, code 4) pass, or clamp the MSS of TCP on the "
    "tunnel or VPN; test with ping and the don't-fragment bit.",
)
PATH_DROPS_DATA = Code(
    code="path-drops-data",
    family=Family.CONNECTIONS,
    severity=Severity.CRITICAL,
    stage=Layer.AS_FAR_AS_IT_CAME,
    screen=ScreenRule.BY_SERVICE,
    looks_for=Sight.DIFFERENCE,
    services=TCP_SERVICES,
    meaning="The TCP handshake passes, then the client's data is dropped on the path.",
    told_by="Two captures: retransmitted data leaves the phone and never reaches the server, "
    "though the handshake did.",
    not_this="Data that arrives and is not answered: that is the server.",
    remedy="Look for a firewall or inspection engine between the two points of capture that lets "
    "connections open and stops what is in them (TLS inspection, application control).",
)


def _blocked_to_server(case: Case, flow: Flow) -> Loss | None:
    """A connection whose SYNs all stop at one place, and to which nobody answers."""
    connection = flow.first.conversation.connection
    if connection is None or not connection.client.syns or _server_spoke(flow):
        return None
    if refused_by_icmp(case.unreachable(flow)) or connection.server.reset_rows:
        return None
    for leg in case.scene.legs(flow):
        if leg.to_server and leg.blocked and leg.counts and leg.sent is not None:
            return Loss(flow, leg, leg.lost)
    return None


def _server_spoke(flow: Flow) -> bool:
    """Whether any capture shows that the server opened the connection."""
    links = (sighting.conversation.connection for sighting in flow.sightings)
    return any(
        link is not None and (link.established_row is not None or bool(link.server.syns))
        for link in links
    )


def _blocked_to_phone(case: Case, flow: Flow) -> Loss | None:
    """A connection whose SYNs arrive and whose answers all stop at one place."""
    connection = flow.first.conversation.connection
    if connection is None or connection.established_row is not None:
        return None
    for leg in case.scene.legs(flow):
        if not leg.to_server and leg.blocked and leg.counts and leg.sent is not None:
            return Loss(flow, leg, leg.lost)
    return None


@PATH_DROPPED_TO_SERVER.by_phone
def path_dropped_to_server(case: Case) -> Iterator[Draft]:
    """SYNs leave and do not arrive."""
    for _, losses in losses_by_group(case, _blocked_to_server):
        server = server_of(case, losses[-1].flow)
        title = f"Packets to {server} are dropped on the way to the server"
        yield loss_draft(case, PATH_DROPPED_TO_SERVER, losses, title, "connection requests (SYN)")


@PATH_DROPPED_TO_PHONE.by_phone
def path_dropped_to_phone(case: Case) -> Iterator[Draft]:
    """SYN-ACKs leave and do not arrive, or the server's data after them."""
    for _, losses in losses_by_group(case, _blocked_to_phone):
        server = server_of(case, losses[-1].flow)
        title = f"Answers of {server} are dropped on the way to the phone"
        yield loss_draft(case, PATH_DROPPED_TO_PHONE, losses, title, "answers (SYN-ACK)")
    for _, losses in losses_by_group(case, _stuck_to_phone):
        server = server_of(case, losses[-1].flow)
        title = f"What {server} sends is dropped on the way to the phone"
        yield loss_draft(case, PATH_DROPPED_TO_PHONE, losses, title, "segments with data")


def _stuck_to_server(case: Case, flow: Flow) -> Loss | None:
    return _stuck_whatever_the_size(case, flow, to_server=True)


def _stuck_to_phone(case: Case, flow: Flow) -> Loss | None:
    return _stuck_whatever_the_size(case, flow, to_server=False)


def _stuck_whatever_the_size(case: Case, flow: Flow, *, to_server: bool) -> Loss | None:
    """As :func:`_stuck`, unless size explains it here or in another connection to the service."""
    loss = stuck(case, flow, to_server=to_server)
    if loss is None:
        return None
    others = (
        stuck(case, other, to_server=to_server)
        for other in case.phone.flows
        if other.service is flow.service
    )
    return None if any(other and too_large(other.leg) for other in others) else loss


@PATH_DROPS_DATA.by_phone
def path_drops_data(case: Case) -> Iterator[Draft]:
    """The client's data does not arrive."""
    for _, losses in losses_by_group(case, _stuck_to_server):
        server = server_of(case, losses[-1].flow)
        title = f"The connection to {server} opens, and the phone's data is dropped"
        yield loss_draft(case, PATH_DROPS_DATA, losses, title, "segments with the phone's data")


@PATH_MTU_BLACKHOLE.by_phone
def path_mtu_blackhole(case: Case) -> Iterator[Draft]:
    """Large packets do not arrive."""
    groups: dict[tuple[Service, bool], list[Loss]] = defaultdict(list)
    for flow in case.phone.flows:
        for to_server in (True, False):
            loss = stuck(case, flow, to_server=to_server)
            if loss is not None and too_large(loss.leg) and loss.lasted():
                groups[flow.service, to_server].append(loss)
    for (_, to_server), losses in groups.items():
        leg = losses[-1].leg
        smallest = min(passage.octets for passage in leg.dead)
        largest = max((passage.octets for passage in leg.passed), default=0)
        way = "to the server" if to_server else "to the phone"
        draft = loss_draft(
            case,
            PATH_MTU_BLACKHOLE,
            losses,
            f"Large packets {way} are lost, small ones pass",
            f"packets with {smallest} bytes of payload or more",
        )
        draft.detail += f" Packets of up to {largest} bytes of payload passed.{_announced(leg)}"
        yield draft


def _announced(leg: Leg) -> str:
    """What the receiver said of the segments that it accepts, and whether that was lowered."""
    if leg.sent is None or leg.arrived is None:
        return ""
    told = marks(leg.arrived, to_server=not leg.to_server).mss
    heard = marks(leg.sent, to_server=not leg.to_server).mss
    if told is None or heard is None:
        return ""
    receiver = "server" if leg.to_server else "phone"
    if told == heard:
        return (
            f" The MSS that the {receiver} announces, {told}, comes to {leg.origin.name} as it "
            "was: nothing between the two clamps it."
        )
    return (
        f" The MSS that the {receiver} announces, {told}, comes to {leg.origin.name} as {heard}: "
        "something between the two changes it."
    )
