"""What flows of two captures must fulfil, beside a key in common, to be the same flow.

A request that every phone sends is no identity, nor is one small number: counters of phones of one
model begin alike. So short keys need an address or a port that agrees, or several packets that do;
and what a stream carries of its own must never differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from capfpcap.capture.ports import TFTP
from capfpcap.capture.sequence import ahead, wrapped
from capfpcap.flows.connection import Connection, Side
from capfpcap.services import Service
from capfpcap.timeline.conversation import Conversation
from capfpcap.timeline.files import FileTransfer, device_name

FIRST_OCTETS = 28
"""Octets of a stream's beginning that tell it: 11 of TLS headers and version, 17 of the random.

As many are left of a ClientHello by a snap length of 96 behind Ethernet, IPv4, TCP and options.
"""
MOST_KEYS = 64
"""Packets, transfers or lookups of one flow that are compared."""
_IN_STEP = 2
"""Packets with equal IP identifications that are more than a coincidence."""


def beginnings(conversation: Conversation) -> dict[bool, bytes]:
    """How the client's stream and the server's begin, where the capture holds enough of them."""
    connection = conversation.connection
    if connection is None or connection.mid_session:
        return {}
    found = {up: _first_octets(connection.side(up)) for up in (True, False)}
    return {up: octets for up, octets in found.items() if octets is not None}


def _first_octets(side: Side) -> bytes | None:
    for segment in side.segments:
        if segment.offset == 0 and len(segment.data) >= FIRST_OCTETS:
            return segment.data[:FIRST_OCTETS]
    return None


def streams_agree(one: Conversation, other: Conversation) -> bool:
    """Whether no side begins its stream with other octets at one place than at the other."""
    if one.connection is None or other.connection is None:
        return one.connection is other.connection
    here, there = beginnings(one), beginnings(other)
    return all(octets == there.get(up, octets) for up, octets in here.items())


def openings_agree(one: Conversation, other: Conversation) -> bool:
    """Whether connections with equal ends and initial sequence number of the client are one.

    What a SYN proxy answers in the server's place has another initial sequence number; phones that
    always begin with the same one say other things.
    """
    here, there = one.connection, other.connection
    if here is None or there is None:
        return False
    starts = {here.server_start, there.server_start} - {None}
    return len(starts) < 2 or streams_agree(one, other)


def an_end_agrees(one: Conversation, other: Conversation) -> bool:
    """Whether the client has the same address, or the same port of its own choice."""
    here, there = one.view, other.view
    return here.client == there.client or here.client_port == there.client_port


def in_step(
    one: Conversation, other: Conversation, least: int = _IN_STEP, *, of_server: bool | None = None
) -> bool:
    """Whether several packets have IP identifications in common, of equal direction and length.

    ``of_server`` says whose packets count; None: of both.
    """
    shared = _identified(one) & _identified(other)
    return sum(of_server is None or up != of_server for up, _, _ in shared) >= least


def _identified(conversation: Conversation) -> set[tuple[bool, int, int]]:
    """The first packets that have an IP identification: direction, length and identification."""
    view = conversation.view
    rows = slice(view.start, min(view.stop, view.start + MOST_KEYS))
    columns = view.table.columns
    found = zip(
        view.table.directions(rows),
        columns.payload_length[rows].tolist(),
        columns.identification[rows].tolist(),
        strict=True,
    )
    return {packet for packet in found if packet[2]}


def starts_agree(one: Conversation, other: Conversation) -> bool:
    """Whether connections with one initial sequence number show more in common than that."""
    if not streams_agree(one, other):
        return False
    here, there = one.view, other.view
    same_server = (here.server, here.server_port) == (there.server, there.server_port)
    return an_end_agrees(one, other) or in_step(one, other, 1 if same_server else _IN_STEP)


def packets_agree(one: Conversation, other: Conversation) -> bool:
    """Whether two connections have several packets in step."""
    return streams_agree(one, other) and in_step(one, other)


def may_be_one_exchange(one: Conversation, other: Conversation) -> bool:
    """Whether nothing tells that two UDP flows are different ones.

    Hosts and files are the same again when a phone starts again. Client and server both choose a
    port for each transfer (RFC 1350, section 4), and what translates the client's leaves the
    server's as it is. What leaves a client its address leaves it its port.
    """
    if one.view.client == other.view.client and one.view.client_port != other.view.client_port:
        return False
    if one.view.service is Service.DNS:
        asked, others = questions(one), questions(other)
        return not asked or not others or not asked.isdisjoint(others)
    names, others_names = _names(one), _names(other)
    if names and others_names and names.isdisjoint(others_names):
        return False
    ports, others_ports = _answering_ports(one), _answering_ports(other)
    return not ports or not others_ports or bool(ports & others_ports)


def _names(conversation: Conversation) -> set[str]:
    return {transfer.name for transfer in islice(conversation.transfers, MOST_KEYS)}


def _answering_ports(conversation: Conversation) -> set[int]:
    """The ports from which a TFTP server answered."""
    transfers = islice(conversation.transfers, MOST_KEYS)
    return {port for transfer in transfers if (port := answering_port(transfer)) is not None}


def answering_port(transfer: FileTransfer) -> int | None:
    """The port from which a TFTP server answered."""
    if transfer.answer_row is None:
        return None
    return int(transfer.view.table.columns.source_port[transfer.answer_row])


def is_one_exchange(one: Conversation, other: Conversation) -> bool:
    """Whether two UDP flows with a name and a number in common are surely the same one.

    The number is a query's id, an IP identification of a request, or the port of an answer. What a
    host counts from its start on is the same for all that start alike, as PXE's and phones of one
    model do: so something of the server must agree, or the name be the phone's own.
    """
    if not may_be_one_exchange(one, other):
        return False
    alike = one.view.client_port == other.view.client_port
    alike = alike or in_step(one, other, 1, of_server=False)
    if _server_agrees(one, other):
        return alike or _is_own(one, other)
    return alike and _is_own(one, other)


def _server_agrees(one: Conversation, other: Conversation) -> bool:
    """Whether two UDP flows have a port of the server's own choice or one of its packets alike."""
    shared = (_answering_ports(one) & _answering_ports(other)) - {TFTP}
    return bool(shared) or in_step(one, other, 1, of_server=True)


def _is_own(one: Conversation, other: Conversation) -> bool:
    """Whether two TFTP flows ask for the file of one device."""
    return any(device_name(name) is not None for name in _names(one) & _names(other))


def datagrams_agree(one: Conversation, other: Conversation) -> bool:
    """Whether two UDP flows between the same ends have a number of their own in common.

    That is a query's id, the port of a server's answer, or an IP identification.
    """
    if not may_be_one_exchange(one, other):
        return False
    if one.view.service is Service.DNS and one.lookups and other.lookups:
        return True
    return _server_agrees(one, other) or in_step(one, other, 1)


def questions(conversation: Conversation) -> set[tuple[str, str, bytes]]:
    """DNS questions: name, type and the id of the query (RFC 1035, section 4.1.1)."""
    table = conversation.view.table
    return {
        (lookup.name, lookup.type, table.capture.payloads.read(table.columns, row)[:2])
        for lookup in islice(conversation.lookups, MOST_KEYS)
        for row in lookup.query_rows[:1]
    }


def numbers_agree(one: Conversation, other: Conversation) -> bool:
    """Whether two connections between the same ends show octets with the same numbers.

    If a capture lacks the SYN, its sequence numbers must lie in what the other shows.
    """
    first, second = one.connection, other.connection
    if first is None or second is None or not streams_agree(one, other):
        return False
    if first.client.syns and second.client.syns:
        return in_step(one, other)
    return any(
        _overlap(first.side(from_client), second.side(from_client)) for from_client in (True, False)
    )


def _overlap(one: Side, other: Side) -> bool:
    """Whether the octets that two captures show of a side have sequence numbers in common."""
    if one.initial is None or other.initial is None:
        return False
    in_one = ahead(other.initial, one.initial) <= max(one.sent, one.acknowledged or 0)
    in_other = ahead(one.initial, other.initial) <= max(other.sent, other.acknowledged or 0)
    return in_one or in_other


def may_be_one(one: Conversation, other: Conversation) -> bool:
    """Whether two connections between the same ends at the same time can be the same one.

    Something on the way may have rewritten the sequence numbers.
    """
    first, second = one.connection, other.connection
    if first is None or second is None:
        return first is second
    if not streams_agree(one, other):
        return False
    return bool(first.client.syns) == bool(second.client.syns) or numbers_agree(one, other)


def segments(connection: Connection) -> Iterator[tuple[bool, int, int, bytes]]:
    """The first segments with data: direction, sequence number, length, first octets."""
    for from_client in (True, False):
        side = connection.side(from_client)
        if side.initial is None:
            continue
        for segment in islice(side.segments, MOST_KEYS):
            number = wrapped(side.initial + segment.offset)
            yield from_client, number, segment.length, segment.data[:FIRST_OCTETS]


def segments_agree(one: Conversation, other: Conversation) -> bool:
    """Whether connections with one segment in common have an end or another segment in common."""
    first, second = one.connection, other.connection
    if first is None or second is None or not streams_agree(one, other):
        return False
    return an_end_agrees(one, other) or len(set(segments(first)) & set(segments(second))) > 1
