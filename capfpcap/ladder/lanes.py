"""The lanes of a ladder, from left to right: phone, vantage points and routers, servers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from msgspec import Struct

from capfpcap.capture.addresses import AddressTable
from capfpcap.ladder.model import Lane, LaneKind, Point
from capfpcap.rules.model.case import Unreachable
from capfpcap.services import Purpose, Service, in_order
from capfpcap.vantage.flow import Flow, VantagePoint
from capfpcap.vantage.path_segment import server_end

MOST_HOSTS = 4
"""Lanes of one service; servers beyond share the last one."""
MOST_ROUTERS = 3
"""Lanes of routers that send ICMP errors; those beyond share the last one."""

_KINDS = {kind.value: kind for kind in LaneKind}
_ORDER = in_order(tuple(Purpose))
"""Services from left to right, as an enrolment asks them one after the other."""

_Key = tuple[Service | None, int]
"""A service and the address of its server; of a router None."""


class _Host(Struct):
    """A lane while it is made."""

    kind: LaneKind
    title: str
    codes: list[int]
    ports: set[int]
    behind: int = 0
    """Of a router: number of the vantage point on the way that it stands behind, or -1."""


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
    """Give each host that takes part a lane, and each vantage point if several show the flows.

    ``phone`` and ``client`` are the phone's name and addresses.
    """
    servers, of_flows = _servers(flows)
    own = _clients(flows)
    routers, of_codes = _routers(errors, servers, own, flows)
    shown = [point for point in points if any(map(partial(_concerns, point), flows))]
    along: list[VantagePoint | _Host] = [*routers, *(shown if len(shown) > 1 else ())]
    along.sort(key=_place_on_the_way)
    numbers = {id(item): number for number, item in enumerate((own, *along, *servers))}
    first = Lane(
        kind=LaneKind.PHONE, title=phone or "client", addresses=client, port=None, point=None
    )
    return Lanes(
        (first, *(_lane(item, points, addresses) for item in [*along, *servers])),
        tuple(_described(point, numbers.get(id(point))) for point in points),
        {flow: numbers[id(host)] for flow, host in of_flows.items()},
        {code: numbers[id(host)] for code, host in of_codes.items()},
    )


def _concerns(point: VantagePoint, flow: Flow) -> bool:
    """Whether a vantage point shows a flow, or should have."""
    return flow.seen_at(point) is not None or any(one is point for one in flow.unseen_at)


def _place_on_the_way(item: VantagePoint | _Host) -> tuple[int, bool]:
    if isinstance(item, _Host):
        return item.behind, True
    return item.number, False


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
            kind = _KINDS.get(service.value, LaneKind.OTHER)
            known[key] = _Host(kind, service.facts.lane, [], set())
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
    errors: Iterable[Unreachable], servers: Sequence[_Host], own: _Host, flows: Sequence[Flow]
) -> tuple[list[_Host], dict[int, _Host]]:
    """The senders of ICMP errors that are no end of the flows, and the lane of each sender.

    Each stands where its first error tells: behind the vantage point that an error to the phone
    came by, before the one that an error to a server came by.
    """
    of_codes = {code: host for host in (*reversed(servers), own) for code in host.codes}
    clients = {one.conversation.view.client for flow in flows for one in flow.sightings}
    routers: list[_Host] = []
    for item in errors:
        code = item.error.router
        if code in of_codes:
            continue
        if len(routers) < MOST_ROUTERS:
            to_server = item.error.destination in clients
            behind = item.at.number - to_server
            routers.append(_Host(LaneKind.ROUTER, "router", [], set(), behind))
        of_codes[code] = routers[-1]
        routers[-1].codes.append(code)
    return routers, of_codes


def _each_once(hosts: Iterable[_Host]) -> list[_Host]:
    return list({id(host): host for host in hosts}.values())


def _lane(
    item: VantagePoint | _Host, points: Sequence[VantagePoint], addresses: AddressTable
) -> Lane:
    if not isinstance(item, _Host):
        index = next(index for index, one in enumerate(points) if one is item)
        return Lane(kind=LaneKind.POINT, title=item.name, addresses=(), port=None, point=index)
    return Lane(
        kind=item.kind,
        title=item.title,
        addresses=tuple(map(addresses.text, item.codes)),
        port=min(item.ports) if len(item.ports) == 1 else None,
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
