"""Flows for the report."""

from __future__ import annotations

from collections.abc import Sequence

from capf_dissectors.tls import Alert as AlertMessage
from capf_dissectors.tls import AlertLevel, alert_name, cipher_suite_name

from capfpcap import report
from capfpcap.capture.addresses import AddressTable
from capfpcap.compose.basics import describe_certificate, timestamp
from capfpcap.compose.capf import describe_capf
from capfpcap.compose.path_segments import describe_path_segments, endpoint
from capfpcap.enrolment.phone import Phone
from capfpcap.flows.summary import summarise
from capfpcap.flows.table import FlowTable, FlowView
from capfpcap.report import Reach
from capfpcap.rules.model.case import Scene
from capfpcap.services import Service
from capfpcap.timeline.plugins import plugin_of
from capfpcap.timeline.session import Said
from capfpcap.vantage.flow import Flow, VantagePoint
from capfpcap.vantage.path_segment import End, server_end
from capfpcap.vantage.reachability import Reachability, reachability

_NAMES = {service: service.value for service in Service}
_LEVELS = {AlertLevel.WARNING: "warning", AlertLevel.FATAL: "fatal"}
_REACHABILITY = {
    (up, down): report.Reachability(to_server=Reach(up.value), to_client=Reach(down.value))
    for up in Reachability
    for down in Reachability
}


def describe_flows(scene: Scene, flows: Sequence[Flow]) -> tuple[report.Flow, ...]:
    """Some flows of a scene, in their order."""
    shown: dict[VantagePoint, list[FlowView]] = {point: [] for point in scene.points}
    for flow in flows:
        for sighting in flow.sightings:
            shown[sighting.at].append(sighting.conversation.view)
    seen = {point.name: _seen_at(point.table, views) for point, views in shown.items()}
    servers = _Servers(scene.addresses)
    phones: dict[str | None, Phone] = {phone.name: phone for phone in scene.phones}
    return tuple([_describe(flow, scene, seen, servers, phones) for flow in flows])


class _Servers(dict[End, report.Endpoint]):
    """Servers as the report names them; there are few, and each has many flows."""

    def __init__(self, addresses: AddressTable) -> None:
        super().__init__()
        self._addresses = addresses

    def __missing__(self, server: End) -> report.Endpoint:
        described = self[server] = endpoint(server, self._addresses)
        return described


def _seen_at(table: FlowTable, views: Sequence[FlowView]) -> dict[int, report.SeenAt]:
    """Each of some flows as one capture shows it, by the row at which it starts."""
    return {
        start: report.SeenAt(
            packets_to_server=summary[0],
            packets_to_client=summary[1],
            bytes_to_server=summary[2],
            bytes_to_client=summary[3],
            history=summary[4],
        )
        for start, summary in summarise(table, views).items()
    }


def _describe(
    flow: Flow,
    scene: Scene,
    seen: dict[str, dict[int, report.SeenAt]],
    servers: _Servers,
    phones: dict[str | None, Phone],
) -> report.Flow:
    sightings, service, addresses = flow.sightings, flow.service, scene.addresses
    phone = phones.get(flow.phone)
    conversation = sightings[0].conversation
    view = conversation.view
    return report.Flow(
        id=flow.id,
        service=_NAMES[service] if service is not Service.OTHER else _plugin(view.server_port),
        transport="tcp" if conversation.connection is not None else "udp",
        phone=None if phone is None or phone.is_several else phone.name,
        client=report.Endpoint(address=addresses.text(view.client), port=view.client_port),
        server=servers[server_end(sightings[0])],
        start=timestamp(flow.started),
        end=timestamp(view.last_time),
        seen_at={
            (name := sighting.at.ids[0]): seen[name][sighting.conversation.view.start]
            for sighting in sightings
        },
        path_segments=describe_path_segments(flow, addresses) if len(sightings) > 1 else (),
        reachability=_REACHABILITY[reachability(flow, scene.legs(flow) if flow.differs else ())],
        tls=None if conversation.session is None else _tls(flow),
        capf=describe_capf(flow, phone) if service is Service.CAPF else None,
    )


def _plugin(port: int) -> str:
    """The name of the dissector that reads a protocol which is none of the enrolment's."""
    plugin = plugin_of(port)
    return plugin.name if plugin is not None else Service.OTHER.value


def server_of(flow: Flow) -> int:
    """The address of the server; of a TFTP flow the one that was asked first."""
    return server_end(flow.first).address


def _tls(flow: Flow) -> report.Tls | None:
    sighting = flow.best
    session = sighting.conversation.session
    if session is None:
        return None
    suite = session.cipher_suite
    return report.Tls(
        version=session.version_name,
        cipher_suite=None if suite is None else cipher_suite_name(suite),
        established=session.handshake_complete,
        server_certificate=describe_certificate(session.server_leaf),
        alerts=tuple([_alert(sighting.at, said) for said in session.readable_alerts]),
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
