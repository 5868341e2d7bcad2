"""What became of each packet between two vantage points."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from msgspec import Struct

from capfpcap.vantage.flow import Sighting, VantagePoint

FEWEST_LOST = 2
"""Packets lost one after another; one alone is lost on any network."""


class Fate(Enum):
    """What became of a packet on its way from one vantage point to the next."""

    PASSED = "passed"
    """Seen at both, as it was or cut into other segments."""
    LOST = "lost"
    """It left the first place and never came to the second."""
    UNWATCHED = "unwatched"
    """It left shortly after the second capture's last packet, which may have ended by then."""
    OUTSIDE = "outside"
    """It lies outside the time of the other capture, which proves nothing."""
    MISSED = "missed"
    """Its receiver acknowledged it: the second capture missed it, not the network."""
    UNSEEN = "unseen"
    """It came to the second place; the first capture missed it."""
    REPEATED = "repeated"
    """A copy of a packet that passed, made by the network or by a mirror port."""
    INJECTED = "injected"
    """It came to the second place, and its supposed sender never sent it."""


class Passage(NamedTuple):
    """One packet of one direction between two places."""

    fate: Fate
    sent_row: int | None
    """Row of the sender's flow table."""
    arrived_row: int | None
    """Row of the receiver's flow table; of a packet in several segments the last one."""
    octets: int
    """Payload as its IP header states it, at the place where it was seen first."""
    lost_octets: int = 0
    """Octets of it that did not arrive in any other packet either."""


class Leg(Struct, eq=False):
    """One direction of a flow between two neighbouring vantage points."""

    to_server: bool
    origin: VantagePoint
    """The point nearer the sender."""
    goal: VantagePoint
    """The point nearer the receiver."""
    sent: Sighting | None
    """The flow at the origin; None where it is not seen there."""
    arrived: Sighting | None
    passages: list[Passage]
    """In the order in which they were sent; what arrived and was not sent is at the end."""

    def of(self, *fates: Fate) -> list[Passage]:
        """The packets that met one of some fates."""
        return [passage for passage in self.passages if passage.fate in fates]

    @property
    def passed(self) -> list[Passage]:
        """The packets that crossed, those included that one of the captures missed."""
        return self.of(Fate.PASSED, Fate.MISSED, Fate.UNSEEN)

    @property
    def lost(self) -> list[Passage]:
        """The packets that were lost, or seem so where the second capture may have ended."""
        return self.of(Fate.LOST, Fate.UNWATCHED)

    @property
    def dead(self) -> list[Passage]:
        """The lost packets with payload that did not arrive in any other packet either."""
        return [passage for passage in self.lost if passage.lost_octets]

    @property
    def proven(self) -> bool:
        """Whether the second capture was surely running when most of the losses happened."""
        lost = self.lost
        return sum(passage.fate is Fate.LOST for passage in lost) * 2 >= len(lost)

    @property
    def counts(self) -> bool:
        """Whether the losses are to be believed: proven, or the sender repeats itself in vain.

        Where the second capture may just have ended, a sender that repeats nothing is heard.
        """
        connection = self.sent.conversation.connection if self.sent is not None else None
        if self.proven or connection is None:
            return True
        side = connection.side(self.to_server)
        return bool(side.repeated) or len(side.syns) > 1

    @property
    def harms(self) -> bool:
        """Whether something on the way harmed the flow for good; a packet lost once does not."""
        lost = len(self.lost if self.blocked else self.dead)
        return (lost >= FEWEST_LOST and self.counts) or bool(self.of(Fate.INJECTED))

    @property
    def blocked(self) -> bool:
        """Whether packets were sent and not one of them came through."""
        return bool(self.lost) and not self.passed
