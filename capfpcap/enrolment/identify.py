"""Which clients are phones, what they are called, and which flows are theirs.

A phone tells its device name in the names of the files that it asks for, and inside TLS to CAPF and
TVS, where keys reveal it. A client that talks to
CAPF or TVS is a phone too, known by its address as long as nothing tells its name. A client that
only resolves names or opens SIP or SCCP connections may be anything and is not taken for a phone.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Container, Iterable
from itertools import islice
from operator import attrgetter

from capfpcap.capture.addresses import FIRST_IPV6, AddressTable
from capfpcap.enrolment.choice import mac_text
from capfpcap.enrolment.phone import Phone, settle
from capfpcap.enrolment.port_probes import only_probed
from capfpcap.enrolment.shared import parted_by_name, share
from capfpcap.services import Service
from capfpcap.timeline.files import FileKind, device_name, file_kind
from capfpcap.vantage.flow import Flow
from capfpcap.vantage.role import Role

_MAC_NAME = re.compile(r"(?:SEP|ATA)([0-9A-F]{12})", re.IGNORECASE)
_TELLING = frozenset({Service.CAPF, Service.TVS})

_Named = tuple[Flow, str | None]
"""A flow with the device name that it tells."""


MOST_PHONES = 1 << 16
"""Phones of all captures; the largest clusters have fewer. What is told of each is kept."""
MOST_NAMES = 1 << 14
"""Device names that are told apart behind one address: more than ports of it serve at a time."""
_TOO_MANY_NAMES = f"speaks for more than {MOST_NAMES:,} phones: the others are not judged"
_TOO_MANY_PHONES = f"there are more than {MOST_PHONES:,} phones: the others are not judged"


def identify_phones(
    flows: Iterable[Flow],
    addresses: AddressTable,
    rejected: Container[str] = (),
    notes: list[str] | None = None,
) -> list[Phone]:
    """The phones among the clients of ``flows``, each with its flows, in order of appearance.

    Sets :attr:`Flow.phone` of every flow that is some phone's. ``rejected`` are the ids of flows
    that an ICMP error is about; ``notes`` takes what is left out.
    """
    flows = list(flows)
    own = _translations(flows)
    by_client: dict[int, list[Flow]] = defaultdict(list)
    for flow in flows:
        client = flow.sightings[0].conversation.view.client
        by_client[own.get(client, client)].append(flow)
    phones: dict[str, Phone] = {}
    shared: dict[str, frozenset[str]] = {}
    for clients in _by_host(by_client):
        if len(phones) >= MOST_PHONES:
            if notes is not None:
                notes.append(_TOO_MANY_PHONES)
            break
        address = addresses.text(clients[0])
        theirs = sorted(
            (flow for client in clients for flow in by_client[client]), key=attrgetter("started")
        )
        for named in _by_network([(flow, _name_in(flow)) for flow in theirs]):
            if any(name is not None for _, name in named) or _tell_a_phone(named, rejected):
                parted = parted_by_name(named, address, addresses)
                if notes is not None and len(parted.groups) > MOST_NAMES:
                    notes.append(f"{address} {_TOO_MANY_NAMES}")
                for name, group in islice(parted.groups.items(), MOST_NAMES):
                    _add(phones, name, addresses, group)
                for name, callers in parted.shared.items():
                    shared[name] = shared.get(name, frozenset()) | callers
    found = list(phones.values())
    for phone in found:
        settle(phone)
    for name, owners in shared.items():
        if name in phones:
            known = [phones[owner] for owner in owners if owner in phones]
            share(phones[name], sorted(known, key=_first_seen))
    return sorted(found, key=lambda phone: phone.flows[0].started)


def _first_seen(phone: Phone) -> tuple[int, str]:
    return phone.flows[0].started, phone.name


def _translations(flows: Iterable[Flow]) -> dict[int, int]:
    """Addresses behind which a NAT hides one phone alone, with the phone's own address.

    Flows that several captures show tell them.
    """
    hidden: dict[int, set[int]] = defaultdict(set)
    for flow in flows:
        if len(flow.sightings) > 1:
            first = flow.sightings[0].conversation.view.client
            for sighting in flow.sightings[1:]:
                hidden[sighting.conversation.view.client].add(first)
    return {
        outside: min(inside)
        for outside, inside in hidden.items()
        if len(inside) == 1 and outside not in inside
    }


def _by_host(by_client: dict[int, list[Flow]]) -> list[tuple[int, ...]]:
    """Client addresses, an IPv4 and an IPv6 address of one host together.

    They are one host's where a link-layer address stands behind these two and no other in a
    capture: the phone's own beside the phone, the router's where it leads to a single phone.
    """
    behind: dict[tuple[str, int], set[int]] = defaultdict(set)
    if any(client >= FIRST_IPV6 for client in by_client):
        for client, flows in by_client.items():
            for name, flow in {flow.first.at.name: flow for flow in reversed(flows)}.items():
                if mac := _source_mac(flow):
                    behind[name, mac].add(client)
    pairs = {
        (min(clients), max(clients))
        for clients in behind.values()
        if len(clients) == 2 and min(clients) < FIRST_IPV6 <= max(clients)
    }
    count = Counter(client for pair in pairs for client in pair)
    sure = sorted(pair for pair in pairs if count[pair[0]] == count[pair[1]] == 1)
    paired = {client for pair in sure for client in pair}
    return [*sure, *((client,) for client in by_client if client not in paired)]


def _by_network(named: list[_Named]) -> list[list[_Named]]:
    """The flows of one address, apart where it is not the same phone's in all captures.

    Captures that share no flow may be of networks or times in which an address is another host's:
    so it is where a device of another name has it. One without a name is taken for the one with a
    name only where each capture shows what the other could not.
    """
    groups: dict[int, list[_Named]] = defaultdict(list)
    for item in named:
        groups[item[0].first.at.group].append(item)
    if len(groups) < 2:
        return [named]
    apart: list[tuple[set[str], list[int]]] = []
    nameless: list[int] = []
    for number, items in groups.items():
        names = {name for _, name in items if name is not None}
        if not names:
            nameless.append(number)
            continue
        same = next((one for one in apart if not names.isdisjoint(one[0])), None)
        if same is None:
            apart.append((names, [number]))
        else:
            same[0].update(names)
            same[1].append(number)
    if len(apart) == 1:
        own = apart[0][1]
        shown = [item for number in own for item in groups[number]]
        joining = [number for number in nameless if _add_to_each_other(shown, groups[number])]
        own += joining
        nameless = [number for number in nameless if number not in joining]
    parts = [numbers for _, numbers in apart] + ([nameless] if nameless else [])
    return [[item for item in named if item[0].first.at.group in part] for part in parts]


def _add_to_each_other(some: list[_Named], others: list[_Named]) -> bool:
    """Whether captures without a common flow can show one phone at one time.

    Beside the phone all of it is seen, and beside a server all that goes there: so neither shows
    the phone itself, and no server is shown by both. A connection between the same ports is the
    same one, though something on the way left nothing else of it alike.
    """
    if not _connections(some).isdisjoint(_connections(others)):
        return True
    if any(flow.first.at.role is Role.PHONE for flow, _ in (*some, *others)):
        return False
    servers, others_servers = (
        {flow.first.conversation.view.asked for flow, _ in named} for named in (some, others)
    )
    return servers.isdisjoint(others_servers)


def _connections(named: list[_Named]) -> set[tuple[int, int, int]]:
    """Ports of the client, and address and port of the server."""
    views = [flow.first.conversation.view for flow, _ in named]
    return {(view.client_port, view.server, view.server_port) for view in views if view.server_port}


def _tell_a_phone(named: Iterable[_Named], rejected: Container[str]) -> bool:
    """Whether flows that name no device are a phone's all the same."""
    telling = [flow for flow, _ in named if _tells_a_phone(flow)]
    return any(flow.id in rejected for flow in telling) or bool(
        telling and not only_probed(telling)
    )


def _tells_a_phone(flow: Flow) -> bool:
    """Whether only a phone has such a flow, even where it names no device."""
    if flow.service in _TELLING:
        return True
    return any(
        file_kind(transfer.name) is not FileKind.OTHER
        for transfer in flow.first.conversation.transfers
    )


def _name_in(flow: Flow) -> str | None:
    """The device name that the file names of a flow tell, or its messages if keys reveal them."""
    for transfer in flow.sightings[0].conversation.transfers:
        name = device_name(transfer.name)
        if name is not None:
            return name
    return _name_said_in(flow) if flow.service in _TELLING else None


def _name_said_in(flow: Flow) -> str | None:
    for sighting in flow.sightings:
        session = sighting.conversation.session
        if session is not None and session.messages is not None:
            from capfpcap.timeline.plaintext.messages import device_named_in  # noqa: PLC0415 - keys

            name = device_named_in(session.messages)
            if name is not None:
                return name
    return None


def _add(phones: dict[str, Phone], name: str, addresses: AddressTable, flows: list[Flow]) -> None:
    phone = phones.get(name)
    if phone is None:
        phone = phones[name] = Phone(name, _mac(name, flows), ())
    clients = dict.fromkeys([flow.sightings[0].conversation.view.client for flow in flows])
    texts = [addresses.text(client) for client in clients]
    phone.addresses = tuple(dict.fromkeys([*phone.addresses, *texts]))
    phone.flows += flows


def _mac(name: str, flows: list[Flow]) -> str | None:
    """The MAC address in the device name, or that of its frames in its own capture."""
    told = _MAC_NAME.fullmatch(name)
    if told:
        digits = told[1].lower()
    else:
        number = _mac_on_the_link(flows)
        if not number:
            return None
        digits = f"{number:012x}"
    return mac_text(digits)


def _mac_on_the_link(flows: list[Flow]) -> int:
    """The client's link-layer address where a capture was taken at the phone itself."""
    for flow in flows:
        if flow.first.at.role is Role.PHONE:
            return _source_mac(flow)
    return 0


def _source_mac(flow: Flow) -> int:
    """The link-layer source of the client's first packet; 0 where there is none."""
    view = flow.first.conversation.view
    rows = [row for row, up in enumerate(view.directions(), view.start) if up]
    return int(view.table.columns.source_mac[rows[0]]) if rows else 0
