"""Flows for the report."""

from __future__ import annotations

from capf_dissectors.tls import Alert as AlertMessage
from capf_dissectors.tls import AlertLevel, alert_name, cipher_suite_name

from capfpcap import report
from capfpcap.capture.columns import AddressTable, IpProtocol
from capfpcap.compose.basics import describe_certificate, timestamp
from capfpcap.flows.service import Service
from capfpcap.flows.summary import FlowSummary, summarise
from capfpcap.report import Reach
from capfpcap.rules.case import Scene
from capfpcap.timeline.session import Said
from capfpcap.vantage.flow import Flow, Sighting, VantagePoint

_LEVELS = {AlertLevel.WARNING: "warning", AlertLevel.FATAL: "fatal"}
_PASSES = {True: Reach.PASSES, False: Reach.UNKNOWN}


def describe_flows(scene: Scene) -> tuple[report.Flow, ...]:
    """Every flow of every capture, in order of their first packets."""
    summaries = {point.name: summarise(point.table) for point in scene.points}
    return tuple(_describe(flow, scene.addresses, summaries) for flow in scene.flows)


def _describe(
    flow: Flow, addresses: AddressTable, summaries: dict[str, dict[int, FlowSummary]]
) -> report.Flow:
    view = flow.first.conversation.view
    seen = {
        sighting.at.name: report.SeenAt(
            **summaries[sighting.at.name][sighting.conversation.view.start]._asdict()
        )
        for sighting in flow.sightings
    }
    tcp = int(view.table.columns.protocol[view.start]) == IpProtocol.TCP
    return report.Flow(
        id=flow.id,
        service=flow.service.value,
        transport="tcp" if tcp else "udp",
        phone=flow.phone,
        client=report.Endpoint(address=addresses.text(view.client), port=view.client_port),
        server=report.Endpoint(address=addresses.text(server_of(flow)), port=view.server_port),
        start=timestamp(view.first_time),
        end=timestamp(view.last_time),
        seen_at=seen,
        reachability=_reachability(flow),
        tls=_tls(flow),
        capf=report.Capf(decrypted=False, messages=()) if flow.service is Service.CAPF else None,
    )


def server_of(flow: Flow) -> int:
    """The address of the server; of a TFTP flow the one that was asked first."""
    conversation = flow.first.conversation
    if conversation.view.server or not conversation.transfers:
        return conversation.view.server
    return conversation.transfers[0].server


def _reachability(flow: Flow) -> report.Reachability:
    """Which directions are proven to pass: an answer proves that the question arrived."""
    to_server = to_client = False
    for sighting in flow.sightings:
        up, down = _arrivals(sighting)
        to_server, to_client = to_server or up, to_client or down
    return report.Reachability(to_server=_PASSES[to_server], to_client=_PASSES[to_client])


def _arrivals(sighting: Sighting) -> tuple[bool, bool]:
    """Whether the server heard the client and the client the server, as one capture proves."""
    conversation = sighting.conversation
    connection = conversation.connection
    if connection is not None:
        heard = bool(connection.server.syns or connection.server.segments)
        heard = heard or connection.client.acknowledged is not None
        return heard, connection.established_row is not None
    answered = any(lookup.answer_row is not None for lookup in conversation.lookups) or any(
        transfer.answer_row is not None for transfer in conversation.transfers
    )
    completed = any(transfer.end_row is not None for transfer in conversation.transfers)
    return answered, completed or (answered and sighting.at.role.value == "phone")


def _tls(flow: Flow) -> report.Tls | None:
    sighting = flow.best
    session = sighting.conversation.session
    if session is None:
        return None
    suite = session.cipher_suite
    return report.Tls(
        version=session.version_name,
        cipher_suite=None if suite is None else cipher_suite_name(suite),
        server_certificate=describe_certificate(session.server_leaf),
        alerts=tuple(
            _alert(sighting.at, said)
            for said in session.alerts
            if isinstance(said.message, AlertMessage) and not said.message.encrypted
        ),
    )


def _alert(at: VantagePoint, said: Said) -> report.Alert:
    message = said.message
    assert isinstance(message, AlertMessage)
    assert message.level is not None and message.description is not None
    columns = at.table.columns
    return report.Alert(
        by="client" if said.from_client else "server",
        level=_LEVELS.get(AlertLevel(message.level), str(message.level))
        if message.level in (AlertLevel.WARNING, AlertLevel.FATAL)
        else str(message.level),
        description=alert_name(message.description),
        frames={at.ids[int(columns.file[said.row])]: int(columns.frame[said.row])},
    )
