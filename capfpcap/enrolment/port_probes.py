"""Tells who only looked whether a port answers from a phone that wanted something of it."""

from __future__ import annotations

from collections.abc import Sequence

from capfpcap.flows.connection import Connection
from capfpcap.vantage.flow import Flow, Sighting

PATIENCE = 3_000_000_000
"""Nanoseconds in which a SYN without an answer is sent again (RFC 6298; RFC 2988 before it)."""


def only_probed(flows: Sequence[Flow]) -> bool:
    """Whether a client sent each server one SYN and nothing else, and had the time to go on.

    A phone sends its SYN again where nothing answers, and goes on where something does. That it was
    refused, by a reset or an ICMP error, is another matter: then there is no more to be sent. Who
    resets each answer may do so as often as it likes: so do scanners, and load balancers that look
    whether a service is up.
    """
    servers = {(flow.first.conversation.view.server, flow.service) for flow in flows}
    if len(servers) != len(flows) and not all(map(_resets_the_answer, flows)):
        return False
    return all(map(_is_probe, flows))


def _resets_the_answer(flow: Flow) -> bool:
    """Whether a client only opens a connection half, and resets it as soon as it is answered."""
    connection = flow.first.conversation.connection
    return (
        connection is not None
        and bool(connection.server.syns)
        and bool(connection.client.reset_rows)
        and connection.established_row is None
    )


def _is_probe(flow: Flow) -> bool:
    return all(
        sighting.conversation.connection is not None
        and _is_lone(sighting.conversation.connection)
        and _is_over(sighting)
        for sighting in flow.sightings
    )


def _is_over(sighting: Sighting) -> bool:
    """Whether the client had the time to go on, or said itself that it does not."""
    view, connection = sighting.conversation.view, sighting.conversation.connection
    gave_up = connection is not None and bool(connection.client.reset_rows)
    return gave_up or (sighting.at.table.end or 0) - view.first_time >= PATIENCE


def _is_lone(connection: Connection) -> bool:
    """Whether the client's only packet is a SYN, resets aside, and the server said no more."""
    client, server = connection.client, connection.server
    return (
        len(client.syns) == 1 == client.packets - len(client.reset_rows)
        and not server.segments
        and not connection.refused
    )
