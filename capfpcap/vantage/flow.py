"""A flow as all captures together show it."""

from __future__ import annotations

from dataclasses import dataclass

from capfpcap.flows.service import Service
from capfpcap.flows.table import FlowTable
from capfpcap.timeline.conversation import Conversation
from capfpcap.vantage.role import ALONG_THE_WAY, Role


@dataclass(eq=False)
class VantagePoint:
    """One place where packets were recorded: one capture file, or the files of one ring."""

    ids: tuple[str, ...]
    """The report's name of each file, parallel to :attr:`Capture.files`."""
    table: FlowTable
    role: Role
    role_given: bool

    @property
    def name(self) -> str:
        """The report's name of the vantage point: that of its first file."""
        return self.ids[0]

    @property
    def place(self) -> int:
        """Position on the way from client to server, for sorting."""
        return ALONG_THE_WAY.index(self.role)


@dataclass(eq=False, slots=True)
class Sighting:
    """A flow as one vantage point saw it."""

    at: VantagePoint
    conversation: Conversation

    @property
    def watched_until(self) -> int:
        """Time of the capture's last packet of any kind, nanoseconds since 1970 UTC."""
        end = self.at.table.end
        return self.conversation.view.last_time if end is None else end


@dataclass(eq=False, slots=True)
class Flow:
    """One flow with everything that any capture shows of it."""

    sightings: list[Sighting]
    """From the client's end of the path to the server's; never empty."""
    service: Service
    started: int
    """Time of its first packet at the first sighting, nanoseconds since 1970 UTC."""
    id: str = ""
    phone: str | None = None
    """Name of the phone it belongs to."""

    @property
    def first(self) -> Sighting:
        """The sighting nearest the client: its times and packets are the client's own."""
        return self.sightings[0]

    @property
    def best(self) -> Sighting:
        """The sighting in which the least is missing; the one nearest the client if equal."""
        if len(self.sightings) == 1:
            return self.sightings[0]
        return min(self.sightings, key=lambda sighting: sighting.conversation.missing)

    @property
    def ended(self) -> int:
        """Time of its last packet at the first sighting."""
        return self.first.conversation.view.last_time
