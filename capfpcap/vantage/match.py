"""Which flows of several captures are the same flow.

A TCP connection is known by its addresses, ports and the client's initial sequence number; a UDP
flow by its addresses and ports.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator

from capfpcap.capture.ports import TFTP
from capfpcap.flows.icmp import IcmpError
from capfpcap.timeline.conversation import Conversation, read_conversation
from capfpcap.vantage.flow import Flow, Sighting, VantagePoint


def match_flows(points: Iterable[VantagePoint]) -> list[Flow]:
    """The flows of all captures, each once, in the order of their first packets."""
    flows: dict[Hashable, Flow] = {}
    for point in sorted(points, key=lambda point: point.place):
        for number, view in enumerate(point.table.views):
            conversation = read_conversation(view)
            sighting = Sighting(point, conversation)
            key = _key(conversation)
            known = flows.get(key)
            if known is None:
                flows[key] = Flow([sighting], view.service, view.first_time)
            elif all(seen.at is not point for seen in known.sightings):
                known.sightings.append(sighting)
            else:
                flows[key, point.name, number] = Flow([sighting], view.service, view.first_time)
    matched = sorted(flows.values(), key=lambda flow: flow.started)
    for number, flow in enumerate(matched, 1):
        flow.id = f"f{number}"
    return matched


def _key(conversation: Conversation) -> Hashable:
    view, connection = conversation.view, conversation.connection
    initial = connection.client.initial if connection and connection.client.syns else None
    ends = (view.client, view.client_port, view.server, view.server_port)
    return (view.service, *ends, connection is not None, initial)


def tie_errors(
    flows: list[Flow], point: VantagePoint, errors: list[IcmpError]
) -> Iterator[tuple[Flow, IcmpError]]:
    """ICMP errors with the flows whose packets they quote: the latest of those ends before them."""
    if not errors:
        return
    by_ends: dict[tuple[int, int, int, int], list[tuple[int, Flow]]] = {}
    for flow in flows:
        for sighting in flow.sightings:
            if sighting.at is point:
                view = sighting.conversation.view
                ends = (view.client, view.client_port, view.server, view.server_port)
                by_ends.setdefault(ends, []).append((view.first_time, flow))
    for error in errors:
        for ends in _quoted_ends(error):
            before = [item for item in by_ends.get(ends, ()) if item[0] <= error.time]
            if before:
                yield before[-1][1], error
                break


def _quoted_ends(error: IcmpError) -> Iterator[tuple[int, int, int, int]]:
    """The ends of the flow that a quoted packet may belong to: either way, or of a TFTP client."""
    source, destination = (
        (error.source, error.source_port),
        (
            error.destination,
            error.destination_port,
        ),
    )
    yield (*source, *destination)
    yield (*destination, *source)
    yield (*source, 0, TFTP)
    yield (*destination, 0, TFTP)
