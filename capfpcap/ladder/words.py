"""The words that a ladder chooses from."""

from __future__ import annotations

from enum import Enum

from capfpcap.timeline.event import What as Kind

__all__ = ["Delivery", "GapKind", "GroupKind", "Kind", "LaneKind", "Layer"]


class Layer(Enum):
    """Which protocol a message is of."""

    DNS = "dns"
    FILE = "file"
    """TFTP or HTTP."""
    TCP = "tcp"
    TLS = "tls"
    CAPF = "capf"
    """Application data of a connection to CAPF."""
    DATA = "data"
    """Application data of other services, and what other distributions' dissectors read."""
    ICMP = "icmp"


class Delivery(Enum):
    """What became of a message, as far as the captures carry."""

    SEEN = "seen"
    """One capture alone can show it: whether it arrived is not known from where it was seen."""
    ARRIVED = "arrived"
    """Seen at every capture on its way that should show it."""
    LOST = "lost"
    """It left one capture and never came to the next."""
    UNWATCHED = "unwatched"
    """It did not come to the next capture, which may have ended by then."""
    MISSED = "missed"
    """It arrived, for it was acknowledged: the next capture missed it, not the network."""
    UNSEEN = "unseen"
    """It came to one capture, and the one before missed it."""
    INJECTED = "injected"
    """It came to one capture, and its supposed sender never sent it."""

    @property
    def ends_on_the_way(self) -> bool:
        """Whether its arrow breaks off before it reaches its receiver."""
        return self in (Delivery.LOST, Delivery.UNWATCHED)


class LaneKind(Enum):
    """What a lane stands for."""

    PHONE = "phone"
    POINT = "point"
    """A vantage point, where there are several."""
    ROUTER = "router"
    """A host that sends ICMP errors and is neither phone nor server."""
    DNS = "dns"
    TFTP = "tftp"
    HTTP = "http"
    TVS = "tvs"
    CAPF = "capf"
    SIP = "sip-tls"
    SCCP = "sccp-tls"
    OTHER = "other"


class GapKind(Enum):
    """Why nothing happens for a while."""

    KEY_GENERATION = "key-generation"
    """The phone generates its key pair, as far as sizes tell."""
    SILENCE = "silence"
    """No traffic of those that the ladder is about."""


class GroupKind(Enum):
    """What rows that stand together have in common."""

    FLOW = "flow"
    """Rows of one flow with no other between them; a flow that others interrupt has several."""
    FLIGHT = "flight"
    """Messages that one side sends in a flow before the other one speaks."""
