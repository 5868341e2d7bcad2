"""Tells who only looked whether a port answers from a phone that wanted something of it."""

from __future__ import annotations

from collections.abc import Sequence

from capfpcap.flows.connection import Connection
from capfpcap.vantage.flow import Flow

PATIENCE = 3_000_000_000
"""Nanoseconds in which a SYN without an answer is sent again (RFC 6298; RFC 2988 before it)."""


def only_knocked(flows: Sequence[Flow]) -> bool:
    """Whether a client sent each server one SYN and nothing else, and had the time to go on.

    A phone sends its SYN again where nothing answers, and goes on where something does. That it was
    refused, by a reset or an ICMP error, is another matter: then there is no more to be sent.
    """
    servers = {(flow.first.conversation.view.server, flow.service) for flow in flows}
    return len(servers) == len(flows) and all(map(_is_knock, flows))


def _is_knock(flow: Flow) -> bool:
    return all(
        sighting.conversation.connection is not None
        and _is_lone(sighting.conversation.connection)
        and (sighting.at.table.end or 0) - sighting.conversation.view.first_time >= PATIENCE
        for sighting in flow.sightings
    )


def _is_lone(connection: Connection) -> bool:
    """Whether the client's only packet is a SYN, resets aside, and the server said no more."""
    client, server = connection.client, connection.server
    return (
        len(client.syns) == 1 == client.packets - len(client.reset_rows)
        and not server.segments
        and not connection.refused
    )
