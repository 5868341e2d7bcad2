"""Whether packets of a flow arrive, each way, as all captures together prove it."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from capfpcap.flows.connection import Connection
from capfpcap.vantage.fate import FEWEST_LOST, Fate, Leg
from capfpcap.vantage.flow import Flow, Sighting
from capfpcap.vantage.path.holes import lasting_hole
from capfpcap.vantage.role import SERVERS_OWN, Role


class Reachability(Enum):
    """What is known of one direction; the value is the report's."""

    PASSES = "passes"
    DROPPED = "dropped"
    """Packets left again and again and did not arrive."""
    UNKNOWN = "unknown"

    __hash__ = object.__hash__
    """By identity, which is quicker than by name."""


def reachability(flow: Flow, legs: Sequence[Leg]) -> tuple[Reachability, Reachability]:
    """Whether the server hears the client, and the client the server.

    ``legs`` are those of the flow where captures show it differently. A direction on which some
    packets pass and others are dropped for good counts as dropped.
    """
    heard_by_server = heard_by_client = False
    for sighting in flow.sightings:
        up, down = _arrivals(sighting)
        heard_by_server, heard_by_client = heard_by_server or up, heard_by_client or down
    if flow.unshown_at and not _agreed(flow):
        return Reachability.UNKNOWN, Reachability.UNKNOWN
    if not legs:
        lacking = _lacking(flow)
        return _alone(heard_by_server, True in lacking), _alone(heard_by_client, False in lacking)
    fewest = fewest_lost(legs)
    return (
        _one_way([leg for leg in legs if leg.to_server], heard_by_server, fewest),
        _one_way([leg for leg in legs if not leg.to_server], heard_by_client, fewest),
    )


_HEARD = {True: Reachability.PASSES, False: Reachability.UNKNOWN}


def _agreed(flow: Flow) -> bool:
    """Whether a TLS handshake was completed, so that it does not matter what stands between."""
    sessions = (sighting.conversation.session for sighting in flow.sightings)
    return any(session is not None and session.handshake_complete for session in sessions)


def _lacking(flow: Flow) -> list[bool]:
    """Whose octets (True: the client's) never came to the host beside a capture."""
    return [
        hole.from_client
        for sighting in flow.sightings
        if (session := sighting.conversation.session) is not None
        and not session.whole
        and (hole := lasting_hole(sighting, session.connection)) is not None
    ]


def _alone(heard: bool, lacking: bool) -> Reachability:
    return Reachability.DROPPED if lacking else _HEARD[heard]


def _one_way(legs: list[Leg], heard: bool, fewest: int) -> Reachability:
    return Reachability.DROPPED if any(drops(leg, fewest) for leg in legs) else _HEARD[heard]


def drops(leg: Leg, fewest: int) -> bool:
    """Whether at least so many packets were lost for good on a leg."""
    return leg.counts and len(leg.lost if leg.blocked else leg.dead) >= fewest


def fewest_lost(legs: Sequence[Leg]) -> int:
    """How many packets of a flow must be lost for its way to count as one that drops.

    What makes resets in a host's name does not hand on what it answers: then one is enough, for
    nobody repeats it.
    """
    return 1 if any(leg.of(Fate.INJECTED) for leg in legs) else FEWEST_LOST


def _arrivals(sighting: Sighting) -> tuple[bool, bool]:
    """Whether the server heard the client and the client the server, as one capture proves.

    An answer proves that the question arrived; a packet beside its receiver, that it did. The
    answer of a SYN proxy proves nothing of the server.
    """
    conversation, role = sighting.conversation, sighting.at.role
    connection = conversation.connection
    if connection is not None:
        if connection.never_opened and role not in SERVERS_OWN:
            return False, False
        return (
            (connection.heard and not _stuck(connection, from_client=True))
            or (role in SERVERS_OWN and connection.client.packets > 0),
            (connection.established_row is not None and not _stuck(connection, from_client=False))
            or (role is Role.PHONE and _comes_to_phone(connection)),
        )
    heard = answered = False
    for lookup in conversation.lookups:
        heard = heard or lookup.answer_row is not None
    for transfer in conversation.transfers:
        heard = heard or transfer.answer_row is not None
        answered = answered or transfer.end_row is not None
    asked = bool(conversation.lookups or conversation.transfers)
    return heard or (asked and role in SERVERS_OWN), answered or (heard and role is Role.PHONE)


def _comes_to_phone(connection: Connection) -> bool:
    """Whether what a capture beside the phone shows of the server came to the phone itself.

    A mirror may show what a switch then drops: a phone acknowledges a SYN-ACK, or resets it.
    """
    server = connection.server
    if connection.established_row is not None or len(server.syns) < FEWEST_LOST:
        return server.packets > 0
    return bool(connection.client.reset_rows)


def _stuck(connection: Connection, *, from_client: bool) -> bool:
    """Whether a side repeats data in vain: neither its packets nor the answers are sure to pass."""
    if not connection.repeats:
        return False
    side = connection.side(from_client)
    return len(side.repeated) >= FEWEST_LOST and side.unacknowledged > 1
