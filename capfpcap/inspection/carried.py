"""What a packet carries, by the service that it belongs to."""

from __future__ import annotations

from collections.abc import Sequence

from capf_dissectors.outline import Node, plural

from capfpcap.flows.connection import Connection
from capfpcap.flows.reassembly import assemble
from capfpcap.inspection.datagrams import dns_datagram, tftp_datagram
from capfpcap.inspection.tls import tls_segment
from capfpcap.inspection.views import Payload, StreamPayload
from capfpcap.inspection.web import dns_segment, http_segment
from capfpcap.services import Service
from capfpcap.timeline.conversation import Conversation
from capfpcap.timeline.event import Event


def carried_by(payload: Payload, conversation: Conversation, events: Sequence[Event]) -> list[Node]:
    """The fields of a payload; its bytes alone where nothing is known of them."""
    nodes = _known(payload, conversation, events)
    place = payload.place
    if nodes or place.start == place.end:
        return nodes
    value = plural(place.end - place.start, "byte")
    return [Node("Payload", value, place.start, place.end, view=place.view)]


def _known(payload: Payload, conversation: Conversation, events: Sequence[Event]) -> list[Node]:
    connection, service = conversation.connection, conversation.view.service
    if payload.place.start == payload.place.end:
        return []
    if connection is None:
        if service is Service.DNS:
            return dns_datagram(payload)
        return tftp_datagram(payload, conversation.transfers)
    segment = _in_stream(payload, conversation, connection)
    if segment.segment is None:
        return []
    if conversation.session is not None:
        return tls_segment(segment, conversation.session, events)
    if service is Service.HTTP:
        return http_segment(segment, connection, conversation.transfers)
    return dns_segment(segment) if service is Service.DNS else []


def _in_stream(
    payload: Payload, conversation: Conversation, connection: Connection
) -> StreamPayload:
    segments = connection.side(payload.from_client).segments
    session = conversation.session
    if session is None:
        return StreamPayload(payload, assemble(segments), segments)
    stream = session.client_stream if payload.from_client else session.server_stream
    return StreamPayload(payload, stream, segments)
