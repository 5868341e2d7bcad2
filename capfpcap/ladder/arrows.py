"""What happened in a flow as arrows between lanes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from msgspec import Struct

from capfpcap.capture.addresses import AddressTable
from capfpcap.capture.columns import PacketColumns
from capfpcap.ladder.lanes import Lanes
from capfpcap.ladder.model import Delivery, Layer, Message, Moment, Seen
from capfpcap.report import Certainty, Endpoint
from capfpcap.rules.model.draft import Draft
from capfpcap.services import Service
from capfpcap.timeline.event import Event, EventKind
from capfpcap.vantage.events import Place, SeenEvent, seen_events
from capfpcap.vantage.fate import Leg
from capfpcap.vantage.flow import Flow, VantagePoint

MAX_OF_A_FLOW = 4_000
"""Messages of one flow; a CAPF session has some fifty, a flood of SYNs any number."""

_LAYERS = {kind: Layer(kind.value) for kind in EventKind}
PHONE_LANE = 0
HALF = 0.5
"""From a lane to the middle between it and its neighbour."""

Packet = tuple[int, int, bool]
"""Index of a vantage point, a row, and whether that is one of its table's others."""


class Setting(Struct, frozen=True, eq=False):
    """What arrows are drawn into."""

    points: Sequence[VantagePoint]
    lanes: Lanes
    addresses: AddressTable
    findings: dict[Packet, list[int]]
    """Indexes of the findings that name a packet as evidence."""

    def index(self, point: VantagePoint) -> int:
        """Of a vantage point among all."""
        return next(index for index, one in enumerate(self.points) if one is point)

    def lane(self, point: int) -> int | None:
        """The lane of a vantage point by its index."""
        return self.lanes.points[point].lane

    def named_by(self, seen: Sequence[Seen]) -> tuple[int, ...]:
        """The findings that name a message as evidence."""
        packets = [(one.point, one.row, one.among_others) for one in seen]
        found = (self.findings.get(packet, ()) for packet in packets)
        return tuple(sorted({index for some in found for index in some}))

    def seen(self, point: VantagePoint, row: int, first: int | None, *, others: bool) -> Seen:
        """A packet at one vantage point; ``first`` is its time where it was seen first."""
        columns = point.table.others if others else point.table.columns
        time = int(columns.time[row])
        return Seen(
            point=self.index(point),
            row=row,
            among_others=others,
            capture=point.ids[int(columns.file[row])],
            frame=int(columns.frame[row]),
            time=Moment(time),
            delay_ns=0 if first is None else time - first,
        )

    def ends(self, columns: PacketColumns, row: int) -> tuple[Endpoint, Endpoint]:
        """Source and destination of a packet."""
        source, destination = int(columns.source[row]), int(columns.destination[row])
        return (
            Endpoint(address=self.addresses.text(source), port=int(columns.source_port[row])),
            Endpoint(
                address=self.addresses.text(destination), port=int(columns.destination_port[row])
            ),
        )


def evidence_of(drafts: Sequence[Draft], points: Sequence[VantagePoint]) -> dict[Packet, list[int]]:
    """Which findings, by index, name which packets."""
    numbers = {id(point): index for index, point in enumerate(points)}
    named: dict[Packet, list[int]] = {}
    for index, draft in enumerate(drafts):
        for proof in draft.frames:
            packet = numbers[id(proof.at)], proof.row, proof.among_others
            named.setdefault(packet, []).append(index)
    return named


def arrows_of(flow: Flow, setting: Setting) -> tuple[list[Message], int]:
    """The messages of a flow in order of time, and how many more there are."""
    also: list[Place] = [
        (setting.points[point].name, row) for point, row, others in setting.findings if not others
    ]
    events = sorted(seen_events(flow, also), key=_in_time)
    kept, left_out = _bounded(events)
    return list(_messages(flow, kept, setting)), left_out


def _in_time(seen: SeenEvent) -> tuple[int, int, int]:
    return seen.time, seen.sighting.at.number, seen.event.row


def _bounded(events: list[SeenEvent]) -> tuple[list[SeenEvent], int]:
    """The beginning and the end of what happened; the middle goes where it is too much."""
    left_out = len(events) - MAX_OF_A_FLOW
    if left_out <= 0:
        return events, 0
    end = MAX_OF_A_FLOW // 4
    return events[: MAX_OF_A_FLOW - end] + events[-end:], left_out


def _messages(flow: Flow, events: Sequence[SeenEvent], setting: Setting) -> Iterator[Message]:
    items: Counter[tuple[Place, Layer]] = Counter()
    for event in events:
        place = event.sighting.at.name, event.event.row
        layer = _layer(flow, event.event)
        yield _message(flow, event, layer, items[place, layer], setting)
        items[place, layer] += 1


def _layer(flow: Flow, event: Event) -> Layer:
    if event.kind is EventKind.DATA and flow.service is Service.CAPF:
        return Layer.CAPF
    return _LAYERS[event.kind]


def _message(flow: Flow, seen: SeenEvent, layer: Layer, item: int, setting: Setting) -> Message:
    event, columns = seen.event, seen.sighting.at.table.columns
    places = _places(seen, setting)
    server = setting.lanes.of_servers[flow.id]
    sender, receiver = (PHONE_LANE, server) if event.from_client else (server, PHONE_LANE)
    delivery = delivery_of(flow, seen)
    between = None if seen.fate is None else _between(seen.fate[1], setting)
    tail, head = _course(sender, receiver, delivery, between, setting)
    source, destination = setting.ends(columns, event.row)
    size = int(columns.payload_length[event.row]) if event.size is None else event.size
    return Message(
        time=Moment(seen.time),
        delta_ns=None,
        flow=flow.id,
        layer=layer,
        kind=event.what,
        label=event.label,
        text=event.text,
        from_client=event.from_client,
        sender=sender,
        receiver=receiver,
        tail=tail,
        head=head,
        source=source,
        destination=destination,
        seen=places,
        delivery=delivery,
        between=between,
        delivery_text=seen.fate_text,
        in_part=seen.in_part,
        repetition=event.repetition,
        size=size,
        certainty=None if event.certainty is None else Certainty(event.certainty.value),
        item=item,
        flight=None,
        findings=setting.named_by(places),
    )


def _places(seen: SeenEvent, setting: Setting) -> tuple[Seen, ...]:
    """Where an event's packet was seen, one after the other."""
    first = setting.seen(seen.sighting.at, seen.event.row, None, others=False)
    onward = (
        setting.seen(one.sighting.at, one.row, seen.time, others=False) for one in seen.onward
    )
    return (first, *onward)


def delivery_of(flow: Flow, seen: SeenEvent) -> Delivery:
    """What became of an event's packet."""
    if seen.fate is not None:
        return Delivery(seen.fate[0].value)
    stations = [*(sighting.at for sighting in flow.sightings), *flow.unseen_at]
    up = seen.event.from_client
    passable = [point for point in stations if not point.table.lacks(to_server=up)]
    if not seen.onward or not passable:
        return Delivery.SEEN
    farthest = (max if up else min)(passable, key=lambda point: point.number)
    return Delivery.ARRIVED if seen.onward[-1].sighting.at is farthest else Delivery.SEEN


def _between(leg: Leg, setting: Setting) -> tuple[int, int]:
    return setting.index(leg.origin), setting.index(leg.goal)


def _course(
    sender: int,
    receiver: int,
    delivery: Delivery,
    between: tuple[int, int] | None,
    setting: Setting,
) -> tuple[float, float]:
    """Where an arrow starts and ends."""
    step = HALF if receiver > sender else -HALF
    tail, head = float(sender), float(receiver)
    origin, goal = (None, None) if between is None else map(setting.lane, between)
    if delivery.ends_on_the_way and origin is not None:
        head = origin + step
    if delivery is Delivery.INJECTED and goal is not None:
        tail = goal - step
    return tail, head
