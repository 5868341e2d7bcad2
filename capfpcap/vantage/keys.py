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

from capf_dissectors.tls.messages import HELLO_RETRY_REQUEST_RANDOM
from capf_dissectors.tls.registries import ContentType, HandshakeType

from capfpcap.flows.connection import Connection
from capfpcap.services import Service
from capfpcap.timeline.conversation import Conversation
from capfpcap.timeline.files import FileTransfer
from capfpcap.vantage import agree
from capfpcap.vantage.agree import FIRST_OCTETS, MOST_KEYS, beginnings

_RANDOM = 11
"""Octets of a stream before the random of its hello: TLS headers and version."""
_HELLOS = (HandshakeType.CLIENT_HELLO, HandshakeType.SERVER_HELLO)
_NO_RANDOM = HELLO_RETRY_REQUEST_RANDOM[: FIRST_OCTETS - _RANDOM]

KeysOf = Callable[[Conversation], Iterable[Hashable]]


class Tier(NamedTuple):
    """One way to know a flow again."""

    keys: KeysOf
    agrees: Callable[[Conversation, Conversation], bool] | None = None
    """What two flows with a common key must also fulfil."""
    surely: bool = True
    """Whether such flows are one whatever the clocks say, and tell how these compare.

    Others are one only where surer ones told that: where they lie together in time, and the client
    has the same address or one that the surer ones know to be its own.
    """
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
    """Addresses, ports and the client's initial sequence number."""
    connection = conversation.connection
    if connection is not None and connection.client_start is not None:
        yield _ends(conversation), connection.client_start


def _by_datagram_ends(conversation: Conversation) -> Iterator[Hashable]:
    """Addresses and ports of UDP flows."""
    if conversation.connection is None:
        yield _ends(conversation)


def _by_both_starts(conversation: Conversation) -> Iterator[Hashable]:
    """Both initial sequence numbers: 64 bits that no translation of addresses touches.

    A SYN-ACK alone says them both.
    """
    connection = conversation.connection
    if connection is not None and connection.server.syns and connection.client.initial is not None:
        yield connection.client.initial, connection.server.initial


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
    for row in connection.client.syns[:MOST_KEYS]:
        if identification := int(columns.identification[row]):
            yield _service(conversation), identification, int(columns.window[row])


def _by_randoms(conversation: Conversation) -> Iterator[Hashable]:
    """The random octets of each side's hello, which nobody says twice (RFC 5246, 7.4.1.2)."""
    for from_client, octets in beginnings(conversation).items():
        is_hello = octets[0] == ContentType.HANDSHAKE and octets[5] in _HELLOS
        if is_hello and octets[_RANDOM:] != _NO_RANDOM:
            yield _service(conversation), from_client, octets[_RANDOM:]


def _by_first_octets(conversation: Conversation) -> Iterator[Hashable]:
    """How each side's stream begins: a request for a phone's own file, or any other."""
    for from_client, octets in beginnings(conversation).items():
        yield _service(conversation), from_client, octets


def _by_number(conversation: Conversation) -> Iterator[Hashable]:
    """UDP by what is asked and a number: the query's id, the request's, the answer's port."""
    if conversation.connection is not None:
        return
    yield from agree.questions(conversation)
    for transfer in _transfers(conversation):
        port = agree.answering_port(transfer)
        if port is not None:
            yield transfer.name, True, port
        identifications = conversation.view.table.columns.identification
        for row in transfer.request_rows[:MOST_KEYS]:
            if identification := int(identifications[row]):
                yield transfer.name, False, identification


def _by_requested_name(conversation: Conversation) -> Iterator[Hashable]:
    """UDP by what is asked alone."""
    if conversation.connection is None:
        yield from ((lookup.name, lookup.type) for lookup in conversation.lookups[:MOST_KEYS])
        yield from (transfer.name for transfer in _transfers(conversation))


def _transfers(conversation: Conversation) -> Iterator[FileTransfer]:
    """A flow's transfers by TFTP."""
    if _service(conversation) is Service.TFTP:
        yield from islice(conversation.transfers, MOST_KEYS)


def _by_ends(conversation: Conversation) -> Iterator[Hashable]:
    """Addresses and ports, where one capture began in mid-session or numbers were rewritten."""
    yield _ends(conversation)


def _by_segments(conversation: Conversation) -> Iterator[Hashable]:
    """Sequence number, length and first octets of segments: open connections behind a NAT."""
    if conversation.connection is not None:
        yield from agree.segments(conversation.connection)


TIERS = (
    Tier(_by_ends_and_start, agree.openings_agree),
    Tier(_by_datagram_ends, agree.datagrams_agree),
    Tier(_by_both_starts, agree.streams_agree),
    Tier(_by_start, agree.starts_agree, crowded=1 << 22),
    Tier(_by_number, agree.is_one_exchange),
    Tier(_by_randoms),
    Tier(_by_packet, agree.packets_agree, crowded=1 << 8),
    Tier(_by_ends, agree.numbers_agree),
    Tier(_by_segments, agree.segments_agree),
    Tier(_by_number, agree.may_be_one_exchange, surely=False),
    Tier(_by_requested_name, agree.may_be_one_exchange, surely=False),
    Tier(_by_first_octets, agree.streams_agree, surely=False),
    Tier(_by_start, agree.streams_agree, surely=False, crowded=1 << 22),
    Tier(_by_packet, agree.streams_agree, surely=False, crowded=1 << 16),
    Tier(_by_ends, agree.may_be_one, surely=False),
)
"""From the surest to the least sure; what a flow has no key for, it passes."""
