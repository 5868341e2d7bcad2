"""Whose a connection is that names no device, where several phones stand behind one address.

A NAT gives its address to all phones of an office. Files tell their device; a connection to CAPF
or TVS does not, and is one's only where no other phone could have made it then: because it has no
reason to, turns to another server, or has its session already.
"""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from capf_dissectors.capf_shape import Operation, SessionState
from capf_dissectors.configuration import PhoneConfiguration
from msgspec import Struct

from capfpcap.capture.addresses import AddressTable
from capfpcap.capture.ports import CAPF
from capfpcap.enrolment.loaded import LoadedConfiguration, asks_for_operation, load
from capfpcap.enrolment.phone import Phone
from capfpcap.services import Service
from capfpcap.timeline.files import FileKind
from capfpcap.vantage.flow import Flow
from capfpcap.vantage.heard import as_heard

NEXT_STEP = 10_000_000_000
"""Nanoseconds after its files in which a phone turns to TVS and CAPF."""
PRESENT = 900_000_000_000
"""Nanoseconds after its last file in which a phone may still retry: it does so every 30 s."""
MAX_DEVICES = 256
"""Phones behind one address that may call at a time: those that told their names last."""
_CALLED = (Service.CAPF, Service.TVS)
_LISTS = (FileKind.ITL, FileKind.CTL)

_Place: TypeAlias = tuple[str, int]
"""Address and port of a CAPF server."""
_Named: TypeAlias = tuple[Flow, str | None]
"""A flow with the device name that it tells."""


class Sharing(NamedTuple):
    """What phones behind one address did in connections of which nobody knows whose they are."""

    enrolments: list[tuple[int, Operation]]
    """The whole sessions: when each began, nanoseconds since 1970 UTC, and what it did."""
    all_enrolled: bool
    """Whether there is one for each phone that is not known to have enrolled by itself."""


class Parted(NamedTuple):
    """The flows of one address."""

    groups: dict[str, list[Flow]]
    """By device name, in the order of the flows."""
    shared: dict[str, frozenset[str]]
    """Names of groups whose connections may be any of several devices', with these devices."""


class _Device(Struct):
    """What one device did last."""

    told: int
    """When it asked for a file with its name, nanoseconds since 1970 UTC."""
    places: frozenset[_Place] | None = None
    """Where its configuration has it turn to for CAPF, nowhere included; None: not known."""
    call: Flow | None = None
    """Its last connection to CAPF since."""
    may_have_called: bool = False
    """Whether a connection since may be its own or another's."""
    wants_list: bool = False
    """Whether it asked for a trust list of its own name last: next comes that of all."""

    def turns_to(self, place: _Place) -> bool:
        """Whether its configuration leaves it open that it turns to a CAPF server."""
        return self.places is None or place in self.places

    def is_due(self, moment: int) -> bool:
        """Whether its first connection is to be expected."""
        return self.call is None and moment - self.told <= NEXT_STEP

    def may_retry(self, moment: int) -> bool:
        """Whether its last connection to CAPF came to no good end before a moment, or may have."""
        if moment - self.told > PRESENT:
            return False
        if self.call is None:
            return self.may_have_called
        conversation = self.call.first.conversation
        session = conversation.session
        done = session is not None and session.shape.state is SessionState.COMPLETE
        return not done and conversation.view.last_time < moment


def parted_by_name(named: Iterable[_Named], address: str, addresses: AddressTable) -> Parted:
    """The flows of one address by device name.

    A flow that names no device belongs to the name told last before it, or to the first one; a
    connection that several phones may have made belongs to none of them, but to the address.
    """
    named = list(named)
    names = list(dict.fromkeys([name for _, name in named if name is not None]))
    current = names[0] if names else address
    if len(names) < 2:
        return Parted({current: [flow for flow, _ in named]}, {})
    groups: dict[str, list[Flow]] = defaultdict(list)
    open_: list[tuple[Flow, frozenset[str]]] = []
    devices: dict[str, _Device] = {}
    resolved = _resolved(named)
    for flow, name in named:
        if name is not None:
            current = name
            known = devices.get(name)
            places = _places_in(flow, resolved, None if known is None else known.places)
            devices.pop(name, None)
            devices[name] = _Device(flow.started, places, wants_list=_asks_for_list(flow))
            if len(devices) > MAX_DEVICES:
                del devices[next(iter(devices))]
        owners = [current]
        if name is None and _asks_for_list(flow):
            owners = [_loader(devices) or current]
        elif name is None and len(devices) > 1 and flow.service in _CALLED:
            owners = _callers(devices, flow, addresses) or owners
        _note(flow, [devices[owner] for owner in owners if owner in devices])
        if len(owners) > 1:
            open_.append((flow, frozenset(owners)))
        else:
            groups[owners[0]].append(flow)
    shared: dict[str, frozenset[str]] = {}
    for number, (callers, flows) in enumerate(_by_callers(open_), 1):
        group = address if number == 1 else f"{address} ({number})"
        groups[group], shared[group] = flows, callers
    return Parted(groups, shared)


def _note(flow: Flow, callers: Sequence[_Device]) -> None:
    """Remember who made a connection, or may have."""
    if len(callers) > 1:
        for caller in callers:
            caller.may_have_called = True
    elif flow.service is Service.CAPF:
        for caller in callers:
            caller.call = flow


def _by_callers(
    open_: Sequence[tuple[Flow, frozenset[str]]],
) -> list[tuple[frozenset[str], list[Flow]]]:
    """Connections that one device may have made of several, together with all such devices."""
    linked: dict[str, str] = {}
    for _, callers in open_:
        roots = {_root(linked, caller) for caller in callers}
        first = min(roots)
        linked.update(dict.fromkeys(roots, first))
    flows: dict[str, list[Flow]] = defaultdict(list)
    owners: dict[str, set[str]] = defaultdict(set)
    for flow, callers in open_:
        root = _root(linked, next(iter(callers)))
        flows[root].append(flow)
        owners[root] |= callers
    return [(frozenset(owners[root]), some) for root, some in flows.items()]


def _root(linked: dict[str, str], name: str) -> str:
    """The device that stands for all that are linked with one."""
    while (before := linked.setdefault(name, name)) != name:
        linked[name] = linked[before]
        name = before
    return name


def _asks_for_list(flow: Flow) -> bool:
    transfers = flow.first.conversation.transfers
    return bool(transfers) and transfers[-1].kind in _LISTS


def _loader(devices: Mapping[str, _Device]) -> str | None:
    """The device that loads the list of all next: of several the one that waits longest."""
    waiting = [(device.told, name) for name, device in devices.items() if device.wants_list]
    if not waiting:
        return None
    _, name = min(waiting)
    devices[name].wants_list = False
    return name


def _callers(devices: Mapping[str, _Device], flow: Flow, addresses: AddressTable) -> list[str]:
    """The devices that may have made a connection: those that have a reason, if there are any."""
    view, moment = flow.first.conversation.view, flow.started
    place = addresses.text(view.server), view.server_port
    of_capf = flow.service is Service.CAPF
    meant = {name: device for name, device in devices.items() if of_capf and device.turns_to(place)}
    for some in (meant, devices):
        due = [name for name, device in some.items() if device.is_due(moment)]
        callers = due or [name for name, device in some.items() if device.may_retry(moment)]
        if callers:
            return callers
    return []


def _resolved(named: Sequence[_Named]) -> dict[str, set[str]]:
    """The addresses that names were resolved to, from anybody behind the address."""
    found: dict[str, set[str]] = defaultdict(set)
    for flow, _ in named:
        for lookup in flow.best.conversation.lookups:
            found[lookup.name].update(lookup.addresses)
    return found


def _places_in(
    flow: Flow, resolved: Mapping[str, set[str]], known: frozenset[_Place] | None
) -> frozenset[_Place] | None:
    """Where the configuration that a flow brought has its phone turn to; without one ``known``."""
    sighting = as_heard(flow)
    for transfer in sighting.conversation.transfers:
        loaded = load(flow, sighting, transfer)
        if isinstance(loaded, LoadedConfiguration):
            parsed = loaded.configuration
            return None if parsed is None else _places(parsed, resolved)
    return known


def _places(
    configuration: PhoneConfiguration, resolved: Mapping[str, set[str]]
) -> frozenset[_Place] | None:
    if not asks_for_operation(configuration):
        return frozenset()
    places: set[_Place] = set()
    for server in configuration.capf_servers:
        hosts = set(_addresses_of(server.host, resolved)) if server.host else set()
        if server.host and not hosts:
            return None
        places.update((host, server.port or CAPF) for host in hosts)
    return frozenset(places)


def _addresses_of(host: str, resolved: Mapping[str, set[str]]) -> Iterator[str]:
    try:
        yield str(ipaddress.ip_address(host))
    except ValueError:
        yield from resolved.get(host.lower().rstrip("."), ())


def share(shared: Phone, neighbours: Sequence[Phone]) -> None:
    """Tell phones that may have made the same connections, and what stands for them, of that.

    Whoever made a connection trusts the list that all of them loaded, if it is the same.
    """
    shared.stands_for = tuple([phone.name for phone in neighbours])
    lists = [item for phone in neighbours for item in phone.trust_lists]
    if len({item.read.sha256 for item in lists}) == 1:
        shared.trust_lists = lists[:1]
    for phone in neighbours if shared.attempts else ():
        phone.shared_with = shared.name
