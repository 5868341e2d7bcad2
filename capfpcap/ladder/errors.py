"""ICMP errors about packets of a flow as arrows; one that several captures show is one arrow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from capfpcap.flows.icmp import IcmpError
from capfpcap.ladder.arrows import HALF, PHONE_LANE, Setting
from capfpcap.ladder.model import Delivery, Kind, Layer, Message, Moment
from capfpcap.rules.model.case import Unreachable
from capfpcap.vantage.flow import Flow
from capfpcap.vantage.icmp_events import each_once

MAX_ERRORS = 1_000
"""ICMP errors of one flow that are shown."""


def errors_of(flow: Flow, errors: Sequence[Unreachable], setting: Setting) -> Iterator[Message]:
    """The ICMP errors about one flow, in order of time."""
    for sightings in each_once(errors[:MAX_ERRORS]):
        yield _message(flow, sightings, setting)


def _message(flow: Flow, sightings: list[Unreachable], setting: Setting) -> Message:
    first = sightings[0]
    error, columns = first.error, first.at.table.others
    to_client = _is_to_client(flow, first)
    sender = setting.lanes.of_routers[error.router]
    receiver = PHONE_LANE if to_client else setting.lanes.of_servers[flow.id]
    source, destination = setting.ends(columns, error.row)
    seen = tuple(
        setting.seen(item.at, item.error.row, None if item is first else error.time, others=True)
        for item in sightings
    )
    return Message(
        time=Moment(error.time),
        delta_ns=None,
        flow=flow.id,
        layer=Layer.ICMP,
        kind=Kind.ICMP_ERROR,
        label=f"ICMP {error.reason}",
        text=_words(error, setting),
        from_client=not to_client,
        sender=sender,
        receiver=receiver,
        tail=_start(sender, receiver),
        head=float(receiver),
        source=source,
        destination=destination,
        seen=seen,
        delivery=Delivery.SEEN,
        between=None,
        delivery_text=None,
        in_part=False,
        repetition=0,
        size=int(columns.payload_length[error.row]),
        certainty=None,
        item=0,
        flight=None,
        findings=setting.named_by(seen),
    )


def _start(sender: int, receiver: int) -> float:
    """Where an error's arrow starts: beside its receiver's lane where both are the same host."""
    if sender != receiver:
        return float(sender)
    return receiver - HALF if receiver else HALF


def _words(error: IcmpError, setting: Setting) -> str:
    mtu = f", MTU of the next link {error.next_mtu}" if error.next_mtu else ""
    quoted = f"{setting.addresses.text(error.destination)} port {error.destination_port}"
    return f"ICMP {error.reason}{mtu}, about a packet to {quoted}"


def _is_to_client(flow: Flow, item: Unreachable) -> bool:
    """Whether the packet that an error quotes is the client's."""
    sighting = flow.seen_at(item.at) or flow.first
    return item.error.source == sighting.conversation.view.client
