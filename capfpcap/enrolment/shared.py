"""Whose a connection is that names no device, where several phones stand behind one address.

A NAT gives its address to all phones of an office. Files tell their device; a connection to CAPF
or TVS does not, and is one's only where no other phone could have made it then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from capf_dissectors.capf_shape import SessionState
from msgspec import Struct

from capfpcap.enrolment.phone import Phone
from capfpcap.flows.service import Service
from capfpcap.vantage.flow import Flow

NEXT_STEP = 10_000_000_000
"""Nanoseconds after its files in which a phone turns to TVS and CAPF."""
PRESENT = 900_000_000_000
"""Nanoseconds after its last file in which a phone may still retry: it does so every 30 s."""
_CALLED = (Service.CAPF, Service.TVS)


class _Device(Struct):
    """What one device did last."""

    told: int
    """When it asked for a file with its name, nanoseconds since 1970 UTC."""
    call: Flow | None = None
    """Its last connection to CAPF since."""

    def is_due(self, moment: int) -> bool:
        """Whether its first connection is to be expected."""
        return self.call is None and moment - self.told <= NEXT_STEP

    def may_retry(self, moment: int) -> bool:
        """Whether its last connection to CAPF came to no good end before a moment."""
        if self.call is None or moment - self.told > PRESENT:
            return False
        conversation = self.call.first.conversation
        session = conversation.session
        done = session is not None and session.shape.state is SessionState.COMPLETE
        return not done and conversation.view.last_time < moment


def flows_by_name(named: Iterable[tuple[Flow, str | None]], address: str) -> dict[str, list[Flow]]:
    """The flows of one address by device name, in the order of the flows.

    ``named`` has each flow with the name that it tells. A flow that names no device belongs to the
    name told last before it, or to the first one; a connection that several phones may have made
    belongs to none of them, but to the address.
    """
    named = list(named)
    names = list(dict.fromkeys([name for _, name in named if name is not None]))
    current = names[0] if names else address
    if len(names) < 2:
        return {current: [flow for flow, _ in named]}
    groups: dict[str, list[Flow]] = defaultdict(list)
    devices: dict[str, _Device] = {}
    for flow, name in named:
        if name is not None:
            current = name
            devices[name] = _Device(flow.started)
        owner = current
        if name is None and len(devices) > 1 and flow.service in _CALLED:
            owner = _caller(devices, flow.started, current, address)
        if flow.service is Service.CAPF and owner in devices:
            devices[owner].call = flow
        groups[owner].append(flow)
    return groups


def _caller(devices: dict[str, _Device], moment: int, current: str, address: str) -> str:
    """The device that made a connection, or the address where more than one may have."""
    due = [name for name, device in devices.items() if device.is_due(moment)]
    callers = due or [name for name, device in devices.items() if device.may_retry(moment)]
    if len(callers) > 1:
        return address
    return callers[0] if callers else current


def share(neighbours: Sequence[Phone]) -> None:
    """Tell phones behind one address, and that address, what they have in common.

    Whoever made a connection trusts the list that all of them loaded, if it is the same.
    """
    calls = any(not phone.is_named and phone.attempts for phone in neighbours)
    lists = [item for phone in neighbours for item in phone.trust_lists]
    alike = len({item.read.sha256 for item in lists}) == 1
    for phone in neighbours:
        phone.is_several = not phone.is_named
        phone.may_have_called = calls and phone.is_named
        if alike and not phone.is_named and not phone.trust_lists:
            phone.trust_lists = lists[:1]
