"""What tells, in the packets themselves, that two captures show the same flow.

Addresses and ports may be translated between two vantage points, clocks may differ, a firewall may
rewrite TCP sequence numbers, a capture may begin late or hold only the beginning of each packet. So
there are several ways to know a flow, the surest first; each is a tier of :data:`TIERS`, and flows
that one tier leaves over are tried with the next.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from capfpcap.flows.connection import Connection, Side
from capfpcap.flows.service import Service
from capfpcap.timeline.conversation import Conversation

FIRST_WORDS = 28
"""Octets of a stream's beginning that tell it: 11 of TLS headers and version, 17 of the random.

As many are left of a ClientHello by a snap length of 96 behind Ethernet, IPv4, TCP and options.
"""
_MOST_KEYS = 64
"""Keys that one flow has in one tier."""
_MASK = (1 << 32) - 1

KeysOf = Callable[[Conversation], Iterable[Hashable]]


class Tier(NamedTuple):
    """One way to know a flow again."""

    keys: KeysOf
    agrees: Callable[[Conversation, Conversation], bool] | None = None
    """What two flows with a common key must also fulfil."""
    loose: bool = False
    """Other flows may have the same key: the flows must lie together in time, too."""
    crowded: int | None = None
    """The key is so short that more pairs of flows than this would meet by chance."""


def _service(conversation: Conversation) -> Service:
    return conversation.view.service


def _ends(conversation: Conversation) -> Hashable:
    view = conversation.view
    return (
        view.service,
        view.client,
        view.client_port,
        view.server,
        view.server_port,
        conversation.connection is None,
    )


def _opened(conversation: Conversation) -> Connection | None:
    """The connection whose client's SYN the capture holds."""
    connection = conversation.connection
    return connection if connection is not None and connection.client.syns else None


def _by_ends_and_start(conversation: Conversation) -> Iterator[Hashable]:
    """Addresses, ports and the client's initial sequence number; for UDP the former alone."""
    if conversation.connection is None:
        yield _ends(conversation)
    elif conversation.connection.client_start is not None:
        yield _ends(conversation), conversation.connection.client_start


def _by_both_starts(conversation: Conversation) -> Iterator[Hashable]:
    """Both initial sequence numbers: 64 bits that no translation of addresses touches.

    A SYN-ACK alone says them both.
    """
    connection = conversation.connection
    if connection is not None and connection.server.syns and connection.client.initial is not None:
        yield connection.client.initial, connection.server.initial


def _by_start_and_packet(conversation: Conversation) -> Iterator[Hashable]:
    """The client's initial sequence number with the IP identification of one of its SYNs."""
    connection = _opened(conversation)
    if connection is None:
        return
    for _, identification in _identified_syns(connection):
        yield connection.client.initial, identification


def _by_start_and_one_end(conversation: Conversation) -> Iterator[Hashable]:
    """The client's initial sequence number with the end that was not translated."""
    connection = _opened(conversation)
    if connection is not None:
        view = conversation.view
        yield connection.client.initial, view.server, view.server_port
        yield connection.client.initial, view.client, None
        yield connection.client.initial, view.client_port, view.service


def _by_start(conversation: Conversation) -> Iterator[Hashable]:
    """The client's initial sequence number alone: 32 bits."""
    connection = _opened(conversation)
    if connection is not None:
        yield _service(conversation), connection.client.initial


def _by_packet(conversation: Conversation) -> Iterator[Hashable]:
    """IP identification and window of a SYN, where addresses, ports and numbers are rewritten."""
    connection = _opened(conversation)
    if connection is None:
        return
    columns = conversation.view.table.columns
    for row, identification in _identified_syns(connection):
        yield _service(conversation), identification, int(columns.window[row])


def _identified_syns(connection: Connection) -> Iterator[tuple[int, int]]:
    """The client's SYNs that have an IP identification: row and identification of each."""
    identifications = connection.view.table.columns.identification
    for row in connection.client.syns[:_MOST_KEYS]:
        if identification := int(identifications[row]):
            yield row, identification


def _by_first_words(conversation: Conversation) -> Iterator[Hashable]:
    """How each side's stream begins: a ClientHello's random, a request for a phone's own file."""
    connection = conversation.connection
    if connection is None or connection.mid_session:
        return
    for from_client in (True, False):
        words = _beginning(connection.side(from_client))
        if words is not None:
            yield _service(conversation), from_client, words


def _beginning(side: Side) -> bytes | None:
    for segment in side.segments:
        if segment.offset == 0 and len(segment.data) >= FIRST_WORDS:
            return segment.data[:FIRST_WORDS]
    return None


def _by_exchange(conversation: Conversation) -> Iterator[Hashable]:
    """DNS by id and question; TFTP by file, server's answering port and first content."""
    if conversation.connection is not None:
        return
    for lookup in islice(conversation.lookups, _MOST_KEYS):
        row = lookup.query_rows[0]
        yield lookup.name, lookup.type, _octets(conversation, row, 2)
    if _service(conversation) is not Service.TFTP:
        return
    columns = conversation.view.table.columns
    for transfer in islice(conversation.transfers, _MOST_KEYS):
        yield transfer.name, len(conversation.transfers)
        if transfer.answer_row is not None:
            yield transfer.name, int(columns.source_port[transfer.answer_row]), None


def _by_request(conversation: Conversation) -> Iterator[Hashable]:
    """TFTP by file and IP identification of a request, wherever its answers are lost."""
    columns = conversation.view.table.columns
    for name, row in _requests(conversation):
        identification = int(columns.identification[row])
        if identification:
            yield name, identification


def _by_requested_name(conversation: Conversation) -> Iterator[Hashable]:
    """TFTP by file alone."""
    for name, _ in _requests(conversation):
        yield name


def _may_be_one_transfer(one: Conversation, other: Conversation) -> bool:
    """Whether two TFTP flows with a name in common can be the same one.

    Hosts and files are the same again when a phone starts anew. Client and server both
    choose a port for each transfer (RFC 1350, section 4), and what translates the client's leaves
    the server's as it is. What leaves a client its address leaves it its port.
    """
    if _service(one) is not Service.TFTP or one.view.client_port == other.view.client_port:
        return True
    if one.view.client == other.view.client:
        return False
    ports, others = _answering_ports(one), _answering_ports(other)
    return not ports or not others or bool(ports & others)


def _answering_ports(conversation: Conversation) -> set[int]:
    """The ports from which a TFTP server answered."""
    ports = conversation.view.table.columns.source_port
    return {
        int(ports[transfer.answer_row])
        for transfer in islice(conversation.transfers, _MOST_KEYS)
        if transfer.answer_row is not None
    }


def _requests(conversation: Conversation) -> Iterator[tuple[str, int]]:
    """The names and rows of a flow's TFTP requests."""
    if conversation.connection is None and _service(conversation) is Service.TFTP:
        for transfer in islice(conversation.transfers, _MOST_KEYS):
            for row in transfer.request_rows[:_MOST_KEYS]:
                yield transfer.name, row


def _octets(conversation: Conversation, row: int, count: int) -> bytes:
    table = conversation.view.table
    return table.capture.payloads.read(table.columns, row)[:count]


def _by_ends(conversation: Conversation) -> Iterator[Hashable]:
    """Addresses and ports, where one capture began in mid-session or numbers were rewritten."""
    yield _ends(conversation)


def _may_be_one(one: Conversation, other: Conversation) -> bool:
    """Whether two connections with equal ends can be the same one.

    If a capture lacks the SYN, its sequence numbers must lie in what the other shows; two SYNs with
    different numbers are one only where the data, if both show any, does not differ.
    """
    first, second = one.connection, other.connection
    if first is None or second is None:
        return first is second
    if bool(first.client.syns) == bool(second.client.syns):
        words = {_beginning(first.client), _beginning(second.client)} - {None}
        return not first.client.syns or len(words) < 2
    return any(
        _overlap(first.side(from_client), second.side(from_client)) for from_client in (True, False)
    )


def _overlap(one: Side, other: Side) -> bool:
    """Whether the octets that two captures show of a side have sequence numbers in common."""
    if one.initial is None or other.initial is None:
        return False
    ahead = (other.initial - one.initial) & _MASK
    behind = (one.initial - other.initial) & _MASK
    return ahead <= max(one.sent, one.acknowledged or 0) or behind <= max(
        other.sent, other.acknowledged or 0
    )


def _by_numbers(conversation: Conversation) -> Iterator[Hashable]:
    """Sequence number, length and first octets of segments: open connections behind a NAT."""
    connection = conversation.connection
    if connection is None:
        return
    for from_client in (True, False):
        side = connection.side(from_client)
        if side.initial is None:
            continue
        for segment in islice(side.segments, _MOST_KEYS):
            number = (side.initial + segment.offset) & _MASK
            yield from_client, number, segment.length, segment.data[:FIRST_WORDS]


TIERS = (
    Tier(_by_ends_and_start),
    Tier(_by_both_starts),
    Tier(_by_start_and_packet),
    Tier(_by_start_and_one_end),
    Tier(_by_request, agrees=_may_be_one_transfer, loose=True),
    Tier(_by_exchange, agrees=_may_be_one_transfer, loose=True),
    Tier(_by_requested_name, agrees=_may_be_one_transfer, loose=True),
    Tier(_by_first_words, loose=True),
    Tier(_by_start, loose=True, crowded=1 << 22),
    Tier(_by_packet, loose=True, crowded=1 << 16),
    Tier(_by_ends, agrees=_may_be_one, loose=True),
    Tier(_by_numbers, loose=True),
)
"""From the surest to the least sure; what a flow has no key for, it passes."""
