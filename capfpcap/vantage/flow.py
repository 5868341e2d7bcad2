"""A flow as all captures together show it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from msgspec import Struct
from msgspec.structs import replace

from capfpcap.flows.table import FlowTable
from capfpcap.services import Service
from capfpcap.timeline.conversation import Conversation
from capfpcap.vantage.clock import Clock
from capfpcap.vantage.role import ALONG_THE_WAY, Role

AFTER_LAST_PACKET = 10_000_000_000
"""Nanoseconds for which a capture is taken to have gone on behind its last packet.

A file does not say when recording was stopped. A server that is not reached any more is quiet.
"""


class VantagePoint(Struct, eq=False, dict=True):
    """One place where packets were recorded: one capture file, or the files of one ring."""

    ids: tuple[str, ...]
    """The report's name of each file, parallel to :attr:`Capture.files`."""
    table: FlowTable
    role: Role
    role_given: bool
    clock: Clock | None = None
    """How its clock compares with that of the first capture of its group; None: not known."""
    number: int = 0
    """Position among all points on the way from the clients to the servers, from 0."""
    group: int = 0
    """Points with equal numbers share flows, directly or by way of others; between others neither
    times nor addresses can be compared."""
    stopped: bool = False
    """Whether other captures prove that this one had ended with its last packet."""
    until: int | None = None
    """The end of what is judged, by the common clock, where that is not all that it recorded."""
    _recorded: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]] | None = None
    """The times that the files have, of flows and of other rows, where the columns differ."""

    def set_clock(self, clock: Clock) -> None:
        """From now on all times of the table are those of the common clock.

        What the files say stays known to :meth:`recorded_time`.
        """
        self.clock = clock
        if not clock.differs:
            return
        table = self.table
        self._recorded = table.columns.time, table.others.time
        table.columns = replace(table.columns, time=clock.common_times(table.columns.time))
        table.others = replace(table.others, time=clock.common_times(table.others.time))

    def recorded_time(self, row: int, *, among_others: bool = False) -> int:
        """The time of a row as its file has it, nanoseconds since 1970 UTC."""
        if self._recorded is None:
            table = self.table
            return int((table.others if among_others else table.columns).time[row])
        return int(self._recorded[among_others][row])

    def spot(self, capture: str, frame: int) -> tuple[int, bool] | None:
        """The row that a frame of one of the files is, and whether it is among the other rows.

        None where the file is none of this vantage point's, or the frame is not kept.
        """
        if capture not in self.ids:
            return None
        file = self.ids.index(capture)
        for among_others, columns in ((False, self.table.columns), (True, self.table.others)):
            rows = np.flatnonzero((columns.frame == frame) & (columns.file == file))
            if len(rows):
                return int(rows[0]), among_others
        return None

    @property
    def watched_from(self) -> int | None:
        """Time of the capture's first packet of any kind, by the common clock."""
        firsts = [file.first for file in self.table.capture.files if file.first is not None]
        return self._common(min(firsts, default=None))

    @property
    def watched_until(self) -> int | None:
        """Time of the capture's last packet of any kind that is judged, by the common clock."""
        end = self._common(self.table.end)
        return end if end is None or self.until is None else min(end, self.until)

    @property
    def assumed_until(self) -> int | None:
        """Until when the capture may well have gone on, by the common clock."""
        end = self._common(self.table.end)
        if end is not None and not self.stopped:
            end += AFTER_LAST_PACKET
        return end if end is None or self.until is None else min(end, self.until)

    def _common(self, time: int | None) -> int | None:
        return time if time is None or self.clock is None else self.clock.common(time)

    @property
    def name(self) -> str:
        """The report's name of the vantage point: that of its first file."""
        return self.ids[0]

    @property
    def place(self) -> int:
        """Position on the way from client to server, for sorting."""
        return ALONG_THE_WAY.index(self.role)


def clock_base(point: VantagePoint, points: Iterable[VantagePoint]) -> VantagePoint:
    """The point of those in one group whose clock the others are compared with: the first one."""
    group = (other for other in points if other.group == point.group)
    return min(group, key=lambda other: other.number, default=point)


class Sighting(Struct, eq=False):
    """A flow as one vantage point saw it."""

    at: VantagePoint
    conversation: Conversation

    @property
    def watched_until(self) -> int:
        """Time of the capture's last packet of any kind, nanoseconds since 1970 UTC.

        Of a client that begins too much, that of the last beginning that is looked at.
        """
        end, view, clock = self.at.watched_until, self.conversation.view, self.at.clock
        ends = [busy.until for busy in view.table.busy if busy.address == view.client]
        common = ends if clock is None else map(clock.common, ends)
        last: int = min([view.last_time if end is None else end, *common])
        return last

    @property
    def first_time(self) -> int:
        """Time of the flow's first packet here."""
        return self.conversation.view.first_time


class Flow(Struct, eq=False):
    """One flow with everything that any capture shows of it."""

    sightings: list[Sighting]
    """From the client's end of the path to the server's; never empty."""
    service: Service
    started: int
    """Time of its first packet at the first sighting, nanoseconds since 1970 UTC."""
    id: str = ""
    phone: str | None = None
    """Name of the phone it belongs to."""
    differs: bool = False
    """Whether captures show it differently: what left one did not reach the other as it was."""
    unseen_at: tuple[VantagePoint, ...] = ()
    """Vantage points that its packets should have passed and that show none of them."""
    unshown_at: tuple[VantagePoint, ...] = ()
    """Places beside its server that show none of it, though it was answered: by something on the
    way, or the capture there leaves it out."""

    @property
    def first(self) -> Sighting:
        """The sighting nearest the client: its times and packets are the client's own."""
        return self.sightings[0]

    @property
    def last(self) -> Sighting:
        """The sighting nearest the server."""
        return self.sightings[-1]

    @property
    def best(self) -> Sighting:
        """The sighting in which the least is missing; the one nearest the client if equal."""
        if len(self.sightings) == 1:
            return self.sightings[0]
        return min(self.sightings, key=self._lacking)

    def _lacking(self, sighting: Sighting) -> tuple[bool, int, int]:
        """Whether one place lacks a flow's beginning or a direction; exchanges; other things.

        What a place further on shows has passed the ones before it.
        """
        conversation, at = sighting.conversation, sighting.at.table
        connection = conversation.connection
        most = max([seen.conversation.exchanges for seen in self.sightings])
        unread, missing = most - conversation.exchanges, conversation.missing
        if not self.differs:
            return False, unread, missing
        if connection is None or connection.mid_session or connection.is_half or at.one_sided:
            return connection is not None, unread, missing
        for other in self.sightings:
            link = other.conversation.connection
            if link is not None and other is not sighting and not link.mid_session:
                from_client = other.at.number > sighting.at.number
                beyond = link.side(from_client).sent - connection.side(from_client).sent
                missing += max(beyond, 0)
        return False, unread, missing + connection.skipped_by_reset

    def seen_at(self, point: VantagePoint) -> Sighting | None:
        """What one vantage point shows of it."""
        for sighting in self.sightings:
            if sighting.at is point:
                return sighting
        return None

    @property
    def ended(self) -> int:
        """Time of its last packet at the first sighting."""
        return self.first.conversation.view.last_time
