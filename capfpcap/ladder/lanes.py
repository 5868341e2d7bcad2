"""The lanes of a ladder, from left to right: phone, vantage points and routers, servers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from capfpcap.capture.columns import AddressTable
from capfpcap.flows.service import Service
from capfpcap.ladder.model import Lane, LaneKind, Point
from capfpcap.rules.case import Unreachable
from capfpcap.vantage.flow import Flow, VantagePoint
from capfpcap.vantage.stretch import server_end

MOST_HOSTS = 4
"""Lanes of one service; servers beyond share the last one."""
MOST_ROUTERS = 3
"""Lanes of routers that send ICMP errors; those beyond share the last one."""

_KINDS = {
    Service.DNS: (LaneKind.DNS, "DNS"),
    Service.TFTP: (LaneKind.TFTP, "TFTP"),
    Service.HTTP: (LaneKind.HTTP, "HTTP"),
    Service.TVS: (LaneKind.TVS, "TVS"),
    Service.CAPF: (LaneKind.CAPF, "CAPF"),
    Service.SIP_TLS: (LaneKind.SIP, "SIP/TLS"),
    Service.SCCP_TLS: (LaneKind.SCCP, "SCCP/TLS"),
    Service.OTHER: (LaneKind.OTHER, "other"),
}
_ORDER = tuple(_KINDS)
"""Services from left to right, as an enrolment asks them one after the other."""

_Key = tuple[Service | None, int]
"""A service and the address of its server; of a router None."""


class _Host(Struct):
    """A lane while it is made."""

    kind: LaneKind
    title: str
    codes: list[int]
    ports: set[int]
    seen_up_to: int = 0
    """Of a router: number of the last vantage point on the way that saw its errors."""


class Lanes(Struct, frozen=True):
    """All lanes, and who has which."""

    lanes: tuple[Lane, ...]
    points: tuple[Point, ...]
    of_servers: dict[str, int]
    """By the id of a flow."""
    of_routers: dict[int, int]
    """By the code of an address; phone and servers have their own lanes."""


def lay_out(
    phone: str | None,
    client: tuple[str, ...],
    points: Sequence[VantagePoint],
    flows: Sequence[Flow],
    errors: Iterable[Unreachable],
    addresses: AddressTable,
) -> Lanes:
    """Give each host that takes part a lane, and each vantage point if there are several.

    ``phone`` and ``client`` are the phone's name and addresses. A router stands behind the last
    vantage point that saw its errors.
    """
    servers, of_flows = _servers(flows)
    routers, of_codes = _routers(errors, servers, _clients(flows))
    shown = sorted(points, key=lambda point: point.number) if len(points) > 1 else []
    lanes = [
        Lane(kind=LaneKind.PHONE, title=phone or "client", addresses=client, port=None, point=None)
    ]
    places: dict[int, int] = {}
    of_points: dict[int, int] = {}
    for number in range(-1, len(shown)):
        if number >= 0:
            of_points[id(shown[number])] = len(lanes)
            lanes.append(_lane_of_point(shown[number], points))
        for router in routers:
            if router.seen_up_to == number or (not shown and number == -1):
                places[id(router)] = len(lanes)
                lanes.append(_lane_of_host(router, addresses))
    for server in servers:
        places[id(server)] = len(lanes)
        lanes.append(_lane_of_host(server, addresses))
    return Lanes(
        tuple(lanes),
        tuple(_described(point, of_points.get(id(point))) for point in points),
        {flow: places[id(host)] for flow, host in of_flows.items()},
        {code: places.get(id(host), 0) for code, host in of_codes.items()},
    )


def _servers(flows: Sequence[Flow]) -> tuple[list[_Host], dict[str, _Host]]:
    """The servers in their order, and that of each flow."""
    known: dict[_Key, _Host] = {}
    of_flows: dict[str, _Host] = {}
    for flow in sorted(flows, key=lambda one: _ORDER.index(one.service)):
        service = flow.service
        code = server_end(flow.first).address
        alike = [host for (of, _), host in known.items() if of is service]
        key = service, code
        if key not in known and len(set(map(id, alike))) >= MOST_HOSTS:
            known[key] = alike[-1]
        if key not in known:
            kind, title = _KINDS[service]
            known[key] = _Host(kind, title, [], set())
        host = of_flows[flow.id] = known[key]
        host.ports.add(server_end(flow.first).port)
        for sighting in flow.sightings:
            there = server_end(sighting).address
            if there not in host.codes:
                host.codes.append(there)
    return _each_once(known.values()), of_flows


def _clients(flows: Sequence[Flow]) -> _Host:
    """The phone, with every address that it has where it is seen first, not behind a NAT."""
    views = (flow.first.conversation.view for flow in flows)
    return _Host(LaneKind.PHONE, "", list({view.client for view in views}), set())


def _routers(
    errors: Iterable[Unreachable], servers: Sequence[_Host], phone: _Host
) -> tuple[list[_Host], dict[int, _Host]]:
    """The senders of ICMP errors that are no end of the flows, and the lane of each sender."""
    of_codes = {code: host for host in (*reversed(servers), phone) for code in host.codes}
    routers: list[_Host] = []
    for item in errors:
        code = item.error.router
        if code not in of_codes:
            if len(routers) < MOST_ROUTERS:
                routers.append(_Host(LaneKind.ROUTER, "router", [], set(), item.at.number))
            of_codes[code] = routers[-1]
            routers[-1].codes.append(code)
        host = of_codes[code]
        host.seen_up_to = max(host.seen_up_to, item.at.number)
    return routers, of_codes


def _each_once(hosts: Iterable[_Host]) -> list[_Host]:
    return list({id(host): host for host in hosts}.values())


def _lane_of_point(point: VantagePoint, points: Sequence[VantagePoint]) -> Lane:
    index = next(index for index, one in enumerate(points) if one is point)
    return Lane(kind=LaneKind.POINT, title=point.name, addresses=(), port=None, point=index)


def _lane_of_host(host: _Host, addresses: AddressTable) -> Lane:
    return Lane(
        kind=host.kind,
        title=host.title,
        addresses=tuple(map(addresses.text, host.codes)),
        port=min(host.ports) if len(host.ports) == 1 else None,
        point=None,
    )


def _described(point: VantagePoint, lane: int | None) -> Point:
    return Point(
        name=point.name,
        role=point.role,
        captures=point.ids,
        lane=lane,
        clock_error_ns=point.clock.error if point.clock is not None else None,
    )
