"""Which clients are phones, what they are called, and which flows are theirs.

A phone tells its device name in the names of the files that it asks for. A client that talks to
CAPF or TVS is a phone too, known by its address as long as nothing tells its name. A client that
only resolves names or opens SIP or SCCP connections may be anything and is not taken for a phone.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from capfpcap.capture.columns import AddressTable
from capfpcap.enrolment.phone import Phone, settle
from capfpcap.flows.service import Service
from capfpcap.timeline.files import FileKind, device_name, file_kind
from capfpcap.vantage.flow import Flow
from capfpcap.vantage.role import Role

_MAC_NAME = re.compile(r"(?:SEP|ATA)([0-9A-F]{12})", re.IGNORECASE)
_TELLING = frozenset({Service.CAPF, Service.TVS})


def identify_phones(flows: Iterable[Flow], addresses: AddressTable) -> list[Phone]:
    """The phones among the clients of ``flows``, each with its flows, in order of appearance.

    Sets :attr:`Flow.phone` of every flow that is some phone's.
    """
    by_client: dict[int, list[Flow]] = defaultdict(list)
    for flow in flows:
        by_client[flow.first.conversation.view.client].append(flow)
    phones: dict[str, Phone] = {}
    for client, theirs in by_client.items():
        if any(_tells_a_phone(flow) for flow in theirs):
            for name, group in _by_name(theirs, addresses.text(client)).items():
                _add(phones, name, addresses.text(client), group)
    found = list(phones.values())
    for phone in found:
        settle(phone)
    return sorted(found, key=lambda phone: phone.flows[0].started)


def _tells_a_phone(flow: Flow) -> bool:
    """Whether only a phone has such a flow."""
    if flow.service in _TELLING:
        return True
    return any(
        device_name(transfer.name) is not None or file_kind(transfer.name) is not FileKind.OTHER
        for transfer in flow.first.conversation.transfers
    )


def _by_name(flows: list[Flow], address: str) -> dict[str, list[Flow]]:
    """The flows of one address by device name; several phones may hide behind one address.

    A flow that names no device belongs to the name told last before it, or to the first one.
    """
    named = [(flow, _name_in(flow)) for flow in flows]
    current = next((name for _, name in named if name is not None), address)
    groups: dict[str, list[Flow]] = defaultdict(list)
    for flow, name in named:
        current = name or current
        groups[current].append(flow)
    return groups


def _name_in(flow: Flow) -> str | None:
    """The device name that the file names of a flow tell."""
    for transfer in flow.first.conversation.transfers:
        name = device_name(transfer.name)
        if name is not None:
            return name
    return None


def _add(phones: dict[str, Phone], name: str, address: str, flows: list[Flow]) -> None:
    phone = phones.get(name)
    if phone is None:
        phone = phones[name] = Phone(name, _mac(name, flows), ())
    if address not in phone.addresses:
        phone.addresses = (*phone.addresses, address)
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
    return ":".join(digits[index : index + 2] for index in range(0, 12, 2))


def _mac_on_the_link(flows: list[Flow]) -> int:
    """The client's link-layer address where a capture was taken at the phone itself."""
    for flow in flows:
        view = flow.first.conversation.view
        if flow.first.at.role is not Role.PHONE:
            continue
        rows = [row for row, up in enumerate(view.directions(), view.start) if up]
        if rows:
            return int(view.table.columns.source_mac[rows[0]])
    return 0
