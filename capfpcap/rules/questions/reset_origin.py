"""Whether a RST came from the host whose address it carries, as far as the captures tell."""

from __future__ import annotations

from capfpcap.flows.connection import Connection
from capfpcap.rules.model.case import Case
from capfpcap.vantage.fate import Fate, Leg
from capfpcap.vantage.flow import Flow, Sighting, VantagePoint
from capfpcap.vantage.path.resets import (
    foreign_wherever_seen,
    goes_on_after_reset,
    has_foreign_reset,
    lacks_request,
)


def came_from_elsewhere(case: Case, flow: Flow, sighting: Sighting, link: Connection) -> bool:
    """Whether a reset of a connection was not sent by the host whose address it carries.

    Captures at both ends prove it or disprove it; otherwise TTLs tell.
    """
    return bool(injected_legs(case, flow) or foreign_wherever_seen(flow, sighting, link))


def injected_legs(case: Case, flow: Flow) -> list[Leg]:
    """The legs on which a reset arrived that its supposed sender, as its own capture shows, lacks.

    A capture that misses other packets of the phone may have missed the reset: then its TTL must
    tell as well.
    """
    return [
        leg
        for leg in case.scene.legs(flow)
        if leg.of(Fate.INJECTED)
        and (has_foreign_reset(leg) or not misses_packets(case, leg.origin))
    ]


def unlike_its_sender(case: Case, flow: Flow, leg: Leg) -> bool:
    """Whether a reset that its sender's capture lacks differs otherwise from what the sender does.

    It has another TTL; or what it answers never came to its sender; or its sender speaks on, as
    nobody does who gave a connection up.
    """
    if has_foreign_reset(leg):
        return True
    opposite = (other for other in case.scene.legs(flow) if other.goal is leg.origin)
    return any(other.lost for other in opposite) or goes_on_after_reset(leg)


def misses_packets(case: Case, point: VantagePoint) -> int:
    """How many packets of a phone's flows a capture lacks that surely came by."""
    compared = sum(
        len(leg.of(Fate.UNSEEN)) if leg.origin is point else len(leg.of(Fate.MISSED))
        for flow in case.phone.flows
        for leg in case.scene.legs(flow)
        if point in (leg.origin, leg.goal)
    )
    return compared + sum(lacks_request(flow, point) for flow in case.phone.flows)
