"""What segments carry of HTTP and of DNS over TCP."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from capf_dissectors import dns, http
from capf_dissectors.outline import Node, Outliner, outlined
from capf_dissectors.outline.dns import outline_dns
from capf_dissectors.outline.http import outline_http

from capfpcap.flows.connection import Connection
from capfpcap.flows.reassembly import assemble
from capfpcap.inspection.datagrams import completed_file, protocol
from capfpcap.inspection.views import StreamPayload
from capfpcap.timeline.files import FileTransfer


def http_segment(
    carried: StreamPayload, connection: Connection, transfers: Sequence[FileTransfer]
) -> list[Node]:
    """The messages that a segment completes, with the file in one, or its part of one."""
    nodes = []
    for start, end in _messages(carried, connection):
        if carried.stream.row_completing(start, end) == carried.payload.row:
            place = carried.place(start, end, "HTTP message")
            if place is not None:
                nodes.append(protocol("HTTP", place, outline_http))
    return nodes + completed_file(carried.payload, transfers)


def _messages(carried: StreamPayload, connection: Connection) -> Iterator[tuple[int, int]]:
    """Where in the stream of the packet's direction messages begin and end."""
    requests, responses = (
        assemble(side.segments) for side in (connection.client, connection.server)
    )
    closed = connection.server.fin_row is not None or bool(connection.server.reset_rows)
    for exchange in http.dissect(requests.pieces, responses.pieces, closed).exchanges:
        message = exchange.request if carried.payload.from_client else exchange.response
        if message is not None:
            yield message.offset, message.end


def dns_segment(carried: StreamPayload) -> list[Node]:
    """The DNS messages that a segment completes, each behind its length (RFC 7766)."""
    nodes = []
    for message in dns.dissect_stream(carried.stream.pieces):
        if carried.stream.row_completing(message.offset, message.end) == carried.payload.row:
            place = carried.place(message.offset, message.end, "DNS message")
            if place is not None:
                nodes.append(protocol("DNS", place, _dns_behind_length))
    return nodes


def _dns_behind_length(data: bytes, start: int, end: int) -> tuple[Node, ...]:
    def read(walk: Outliner) -> None:
        walk.number("Length", 2)
        walk.nodes += outline_dns(data, walk.position, end)
        walk.position = end

    return outlined(read, data, start, end)
