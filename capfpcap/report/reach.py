"""The matrix of ``capfpcap reach``: which services each phone reaches, each way.

Its JSON rendering is a contract like the report's: keys are always present, what is not known is
null, and a field is never given another meaning.
"""

from __future__ import annotations

import msgspec

from capfpcap.report import Capture, Endpoint, PathSegment, Reach, Tool, Verdict

SCHEMA_VERSION = 1


class Between(msgspec.Struct, frozen=True, kw_only=True):
    """Two neighbouring captures, by :attr:`Capture.id`, in the direction of the packets."""

    origin: str = msgspec.field(name="from")
    """The last capture that shows the packets."""
    goal: str = msgspec.field(name="to")
    """The next one on their way, which lacks them."""


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """One direction."""

    state: Reach
    sent: int | None
    """Packets that left; null where no two captures can be compared."""
    lost: int | None
    """Of these, packets that did not arrive."""
    largest_payload: int | None
    """Octets of transport payload of the largest packet that arrived."""
    dropped_between: Between | None
    """Where packets vanish for good."""
    hint: str | None
    """What would tell, where the state is unknown."""


class ServiceReach(msgspec.Struct, frozen=True, kw_only=True):
    """One service at one server."""

    service: str
    """``dns``, ``tftp``, ``http``, ``tvs`` or ``capf``."""
    server: Endpoint | None
    """Null for a service that the phone did not use."""
    needed: bool
    """Whether the enrolment depends on it."""
    flows: int
    """How many flows went to this server."""
    to_server: Way
    to_client: Way
    round_trip_s: float | None
    """The shortest time from a request to its answer, the server's own time included."""
    path_segments: tuple[PathSegment, ...]
    """What changed on the way, of the last flow that several captures show."""


class PhoneReach(msgspec.Struct, frozen=True, kw_only=True):
    """What one phone reaches."""

    name: str
    addresses: tuple[str, ...]
    state: Reach
    """``passes`` where all that it needs passes both ways."""
    services: tuple[ServiceReach, ...]


class ReachReport(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that ``capfpcap reach`` has to say."""

    schema_version: int
    tool: Tool
    verdict: Verdict
    captures: tuple[Capture, ...]
    phones: tuple[PhoneReach, ...]
    notes: tuple[str, ...]
