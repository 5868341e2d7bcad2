"""A phone that is told to enrol and does not turn to CAPF, as far as the captures would show it."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, auto

from capfpcap.enrolment.loaded import (
    NO_OPERATION,
    LoadedConfiguration,
    asks_for_operation,
    capf_hosts,
)
from capfpcap.report import Certainty, Severity, Stage
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.code import Code, Family
from capfpcap.rules.model.draft import Draft, proof
from capfpcap.rules.model.sight import Sight
from capfpcap.rules.model.timeouts import NEXT_STEP, SECOND
from capfpcap.rules.questions.needed_names import is_address
from capfpcap.rules.trust.held_lists import ITL_STALE_ON_PHONE
from capfpcap.services import Service
from capfpcap.timeline.files import TransferState
from capfpcap.vantage.flow import VantagePoint
from capfpcap.vantage.role import SERVERS_OWN, Role

_BY_STRING = 1
_SOON = 60 * SECOND
"""Nanoseconds in which a phone has connected to CAPF at least once, name and all."""

CAPF_NOT_ATTEMPTED = Code(
    code="capf-not-attempted",
    family=Family.CAPF,
    severity=Severity.WARNING,
    stage=Stage.CAPF,
    screen=None,
    looks_for=Sight.NO_ATTEMPT,
    services=("capf",),
    causes=(ITL_STALE_ON_PHONE,),
    last_resort=True,
    meaning="The phone's configuration asks for a certificate operation and the phone does not "
    "connect to CAPF.",
    told_by="The configuration asks for an operation, its files are fine, and no connection "
    "followed while the capture went on. Info where CAPF is given by name and no packet shows "
    "whether its connections pass this capture point.",
    not_this="Authentication by string, where the phone waits for its user; a capture that ends "
    "soon after the configuration; a capture at a server that is not the CAPF server.",
    remedy="Reset the phone and capture again from its start. If its own capture shows no "
    "connection either, look at its status messages and console log.",
)


class _View(Enum):
    """Whether connections to the CAPF host pass the place where a configuration was seen."""

    SURE = auto()
    NONE = auto()
    UNKNOWN = auto()


@CAPF_NOT_ATTEMPTED.by_phone
def not_attempted(case: Case) -> Iterator[Draft]:
    """A configuration that asks for an operation, and then nothing."""
    loaded = _asking(case)
    if loaded is None or loaded.configuration is None:
        return
    configuration = loaded.configuration
    host = capf_hosts(configuration)[0]
    view = _view(case, loaded.sighting.at, host)
    row = loaded.transfer.end_row
    if view is _View.NONE or row is None:
        return
    name, sure = loaded.transfer.name, view is _View.SURE
    yield Draft(
        CAPF_NOT_ATTEMPTED,
        title=f"The phone does not connect to CAPF at {host}"
        if sure
        else f"No connection to CAPF at {host} is seen here",
        detail=f"{name} asks for an operation (capfAuthMode {configuration.capf_auth_mode}) with "
        f"{host}; no connection to CAPF followed while the capture went on."
        + (_AWAY_FROM_PHONE * (loaded.sighting.at.role is not Role.PHONE) if sure else _FROM_HERE),
        proofs=(proof(loaded.sighting, row, f"{name} whole"),),
        service=Service.CAPF,
        flow=loaded.flow,
        certainty=Certainty.LIKELY if sure else Certainty.POSSIBLE,
        severity=None if sure else Severity.INFO,
    )


_AWAY_FROM_PHONE = (
    " Packets that are lost between the phone and this point of capture look the same from here."
)
_FROM_HERE = (
    " No packet tells that name's address: if it is another server's, the connection does not pass "
    "the server where this was captured. A capture at the phone tells."
)


def is_overdue(case: Case) -> bool:
    """Whether a connection to CAPF was due, did not come, and would have been seen."""
    loaded = _asking(case)
    if loaded is None or loaded.configuration is None:
        return False
    host = capf_hosts(loaded.configuration)[0]
    return _view(case, loaded.sighting.at, host) is _View.SURE


def asks_for_nothing(case: Case) -> bool:
    """Whether the last configuration asks for no certificate operation, and the phone for none.

    So it is at a PBX without CAPF, and with CUCM where no operation is pending. What only an
    enrolment needs, such as a trust list with a CAPF record, is not missed then.
    """
    phone = case.phone
    loaded = phone.configurations[-1].configuration if phone.configurations else None
    if loaded is None or phone.attempts or phone.may_have_called:
        return False
    return not asks_for_operation(loaded)


def is_known_to_stay_away(case: Case) -> bool:
    """Whether a phone that is not seen to connect to CAPF surely did not, or has no reason to.

    Elsewhere than at a phone or on its way, only its configuration says what would be seen. A
    capture that ends before a connection was due says nothing, nor does a configuration that cannot
    be read.
    """
    if asks_for_nothing(case):
        return True
    loaded = case.phone.configurations[-1] if case.phone.configurations else None
    configuration = case.phone.configuration
    if configuration is not None and configuration.capf_auth_mode in NO_OPERATION:
        return True
    if loaded is None or loaded.sighting.watched_until - loaded.time < NEXT_STEP:
        return False
    if loaded.configuration is None and not loaded.encrypted:
        return False
    hosts = capf_hosts(configuration) if configuration is not None else []
    host = hosts[0] if hosts else ""
    points = {
        sighting.at.name: sighting.at for flow in case.phone.flows for sighting in flow.sightings
    }
    return any(_view(case, point, host) is _View.SURE for point in points.values())


def _asking(case: Case) -> LoadedConfiguration | None:
    """The last configuration, if after it a connection to CAPF was due and did not come."""
    phone = case.phone
    loaded = phone.configurations[-1] if phone.configurations else None
    if loaded is None or loaded.configuration is None:
        return None
    if phone.attempts or phone.may_have_called:
        return None
    configuration = loaded.configuration
    if not asks_for_operation(configuration) or configuration.capf_auth_mode == _BY_STRING:
        return None
    if loaded.sighting.watched_until - loaded.time < NEXT_STEP or _by_other_address(case, loaded):
        return None
    whole = (item.transfer.state is TransferState.COMPLETE for item in phone.files)
    return loaded if any(whole) else None


def _by_other_address(case: Case, loaded: LoadedConfiguration) -> bool:
    """Whether a nameless client of the other IP version turned to CAPF after a configuration.

    It may be the same phone: many files come by IPv4 and CAPF is reached by IPv6, or the other way.
    """
    versions = set(map(_is_version6, case.phone.addresses))
    return any(
        loaded.time < attempt.started < loaded.time + _SOON
        for other in case.scene.nameless
        if versions.isdisjoint(map(_is_version6, other.addresses))
        for attempt in other.attempts
    )


def _is_version6(address: str) -> bool:
    return ":" in address


def _view(case: Case, point: VantagePoint, host: str) -> _View:
    """Whether connections to the CAPF host pass the place where the configuration was seen.

    Beside a server only that server's traffic is recorded: files of a subscriber, fetched before
    the phone turns to the publisher, say nothing of what follows. So it may be at any place on the
    way, unless the phone's traffic with several servers passes it.
    """
    if point.role is Role.PHONE or (point.role not in SERVERS_OWN and _sees_several(case, point)):
        return _View.SURE
    phone = case.phone
    recorded = {
        item.transfer.server for item in phone.files if item.flow.seen_at(point) is not None
    }
    addresses = _addresses(case, host)
    if addresses:
        here = not addresses.isdisjoint(map(case.address, recorded))
        return _View.SURE if here else _View.NONE
    if point.role_given and point.role is Role.PUBLISHER:
        return _View.SURE
    capf_servers = case.scene.around.capf_servers
    if not capf_servers:
        return _View.UNKNOWN
    return _View.NONE if recorded.isdisjoint(capf_servers) else _View.SURE


def _sees_several(case: Case, point: VantagePoint) -> bool:
    """Whether a place shows the phone's traffic with more than one server."""
    views = (flow.seen_at(point) for flow in case.phone.flows)
    return len({seen.conversation.view.server for seen in views if seen is not None}) > 1


def _addresses(case: Case, host: str) -> set[str]:
    """The addresses of the CAPF host that any packet tells."""
    name = host.rstrip(".").lower()
    found = {
        address
        for item in case.phone.lookups
        if item.lookup.name == name or item.lookup.name.startswith(f"{name}.")
        for address in item.lookup.addresses
    }
    return found or ({host} if is_address(host) else set())
