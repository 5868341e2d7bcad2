"""At which stage of the chain a finding strikes: its code says it, some with the help of the flow.

Any service can refuse a connection. Of CAPF that is the stage *TCP*; of a file server it is the
stage *files*, for what the phone did not get is its files.
"""

from __future__ import annotations

from enum import Enum, auto

from capfpcap.report import Stage
from capfpcap.services import Purpose, Service
from capfpcap.timeline.conversation import Conversation
from capfpcap.vantage.flow import Flow


class Layer(Enum):
    """The stage of a fault that the connection to any service can have."""

    TCP = auto()
    """It keeps TCP from opening."""
    TLS = auto()
    """It is one of TLS."""
    AS_FAR_AS_IT_CAME = auto()
    """It strikes sooner or later: the flow shows what had been reached."""


_OF_PURPOSE = {
    Purpose.NAMES: Stage.NAMES,
    Purpose.FILES: Stage.FILES,
    Purpose.TRUST: Stage.TVS,
}
"""Whose services are one stage from their SYN to their last byte."""


def stage_of(declared: Stage | Layer, service: Service | None, flow: Flow | None) -> Stage:
    """The stage of one finding, from what its code declares."""
    if isinstance(declared, Stage):
        return declared
    if service is not None and service.facts.purpose in _OF_PURPOSE:
        return _OF_PURPOSE[service.facts.purpose]
    if declared is Layer.AS_FAR_AS_IT_CAME:
        return _reached(service, flow)
    return Stage.TCP if declared is Layer.TCP else Stage.TLS


def _reached(service: Service | None, flow: Flow | None) -> Stage:
    """How far a connection had come."""
    if flow is None:
        return Stage.TLS
    if not any(_opened(sighting.conversation) for sighting in flow.sightings):
        return Stage.TCP
    session = flow.best.conversation.session
    established = session is not None and session.handshake_complete
    return Stage.CAPF if established and service is Service.CAPF else Stage.TLS


def _opened(conversation: Conversation) -> bool:
    """Whether the server answered the SYN, or data went both ways where no SYN was captured."""
    connection = conversation.connection
    if connection is None:
        return False
    both_ways = bool(connection.client.segments and connection.server.segments)
    return bool(connection.server.syns) or both_ways
