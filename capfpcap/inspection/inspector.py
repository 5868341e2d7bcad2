"""Takes packets of a scene apart, field by field, beside all of their bytes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from operator import itemgetter

from capf_dissectors.outline import Node

from capfpcap.capture.columns import PacketColumns
from capfpcap.capture.files.frames import Frame, FrameError, frame_reader
from capfpcap.capture.sequence import wrapped
from capfpcap.flows.connection import Connection
from capfpcap.inspection.carried import carried_by
from capfpcap.inspection.model import Inspection
from capfpcap.inspection.opened import TRAILER, open_frame
from capfpcap.inspection.tcp_header import Beginnings
from capfpcap.inspection.views import Payload, Views
from capfpcap.rules.model.case import Scene
from capfpcap.timeline.events import conversation_events
from capfpcap.vantage.flow import Flow, Sighting, VantagePoint


class Inspector:
    """Packets of one scene; frames are read from their files again. One thread at a time."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._places: dict[int, tuple[list[int], list[tuple[Flow, Sighting]]]] = {}

    def sighting(self, point: int, row: int) -> tuple[Flow, Sighting]:
        """The flow that a row of a vantage point belongs to, and what is seen of it there.

        Raises:
            LookupError: there is no such row.
        """
        starts, found = self._sightings(point)
        place = bisect_right(starts, row) - 1
        if place < 0 or row >= found[place][1].conversation.view.stop:
            raise LookupError(f"the captures hold no packet {row}")
        return found[place]

    def _sightings(self, point: int) -> tuple[list[int], list[tuple[Flow, Sighting]]]:
        """All of a vantage point with the rows at which they start, ascending."""
        if point not in self._places:
            at = self._scene.points[point]
            pairs = [
                (sighting.conversation.view.start, (flow, sighting))
                for flow in self._scene.flows
                for sighting in flow.sightings
                if sighting.at is at
            ]
            pairs.sort(key=itemgetter(0))
            self._places[point] = [start for start, _ in pairs], [pair for _, pair in pairs]
        return self._places[point]

    def frame(self, point: int, row: int, *, among_others: bool = False) -> Frame:
        """The frame of a row, read from its file again.

        Raises:
            FrameError: it cannot be had, or the file holds another packet there now.
        """
        at = self._scene.points[point]
        columns = _columns(at, among_others)
        path = at.table.capture.files[int(columns.file[row])].path
        frame = frame_reader(path).read(int(columns.frame[row]))
        if frame.time != at.recorded_time(row, among_others=among_others):
            raise FrameError(f"{path} was changed since it was read")
        return frame

    def packet(self, point: int, row: int, *, among_others: bool = False) -> Inspection:
        """A row of a vantage point's table, or of its other packets, taken apart.

        Raises:
            LookupError: there is no such row.
        """
        at = self._scene.points[point]
        columns = _columns(at, among_others)
        if not 0 <= row < len(columns):
            raise LookupError(f"the captures hold no packet {row}")
        remarks: tuple[str, ...] = ()
        try:
            frame = self.frame(point, row, among_others=among_others)
        except FrameError as error:
            frame, remarks = None, (f"{error}: only its payload is shown",)
        title = f"{at.ids[int(columns.file[row])]} frame {int(columns.frame[row])}"
        if among_others:
            return _control(title, frame, at, row, remarks)
        return self._of_flow(title, frame, point, row, remarks)

    def _of_flow(
        self, title: str, frame: Frame | None, point: int, row: int, remarks: tuple[str, ...]
    ) -> Inspection:
        table, views = self._scene.points[point].table, Views()
        _, sighting = self.sighting(point, row)
        conversation, from_client = sighting.conversation, bool(table.to_server[row])
        events = [event for event in conversation_events(conversation) if event.row == row]
        opened = open_frame(
            frame,
            int(table.columns.frame[row]),
            table.capture.payloads.read(table.columns, row),
            _beginnings(conversation.connection, from_client=from_client),
            views,
        )
        payload = Payload(table, row, from_client, opened.payload, views)
        carried = carried_by(payload, conversation, events)
        label = ", ".join(event.label for event in events)
        return Inspection(
            title=f"{title}: {label}" if label else title,
            fields=(*opened.nodes, *carried),
            views=tuple(views.views),
            remarks=remarks,
            focus=_focus(opened.nodes, carried),
        )


def _focus(opened: Sequence[Node], carried: Sequence[Node]) -> int:
    """What a packet is about: the file that it completes, else the first of what it carries.

    A packet that carries nothing is about its innermost header, whatever fills its frame up.
    """
    headers = len(opened)
    files = [number for number, node in enumerate(carried, headers) if node.view != carried[0].view]
    if carried and files and carried[0].view == 0:
        return files[-1]
    if carried:
        return headers
    filled = bool(opened) and opened[-1].name == TRAILER
    return max(headers - 1 - filled, 0)


def _control(
    title: str, frame: Frame | None, at: VantagePoint, row: int, remarks: tuple[str, ...]
) -> Inspection:
    """A packet of ICMP, or of SIP in the clear."""
    table, views = at.table, Views()
    stored = table.capture.payloads.read(table.others, row)
    number = int(table.others.frame[row])
    opened = open_frame(frame, number, stored if frame is None else b"", Beginnings(), views)
    return Inspection(
        title=f"{title}: {'SIP' if int(table.others.destination_port[row]) else 'ICMP'}",
        fields=tuple(opened.nodes),
        views=tuple(views.views),
        remarks=remarks,
        focus=_focus(opened.nodes, ()),
    )


def _columns(at: VantagePoint, among_others: bool) -> PacketColumns:
    return at.table.others if among_others else at.table.columns


def _beginnings(connection: Connection | None, *, from_client: bool) -> Beginnings:
    if connection is None:
        return Beginnings()
    return Beginnings(_syn(connection, from_client), _syn(connection, not from_client))


def _syn(connection: Connection, from_client: bool) -> int | None:
    """The sequence number of a side's SYN, one before that of its first octet."""
    first = connection.start(from_client)
    return None if first is None else wrapped(first - 1)
