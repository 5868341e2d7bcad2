"""The packets of one direction of a flow at one vantage point, as they compare with another's.

A TCP packet is known by control bits, length, and sequence numbers counted from each side's initial
one; a datagram by its length and first octets. What a host sends again has the same key: then IP
identifications tell the copies apart, or else the clocks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import NamedTuple

from msgspec import Struct

from capfpcap.capture.columns import TcpFlag
from capfpcap.capture.sequence import ahead
from capfpcap.vantage.flow import Sighting
from capfpcap.vantage.pairing import initial_numbers

DATAGRAM_HEAD = 24
"""Octets that tell a datagram: DNS header and the beginning of a name; TFTP block and content."""
_ECHO = 100_000_000
"""Nanoseconds within which a network's copy follows; hosts repeat after 200 ms at the soonest."""
_CONTROL = int(TcpFlag.SYN | TcpFlag.FIN | TcpFlag.RST)
_ACKNOWLEDGES = int(TcpFlag.ACK)
_RST = int(TcpFlag.RST)


class Packet(NamedTuple):
    """One packet of one direction."""

    row: int
    time: int
    key: Hashable
    identification: int
    control: int
    """SYN, FIN and RST bits; 0 for UDP."""
    offset: int
    """Of its first octet: the stream offset, or the sequence number; for UDP 0."""
    number: int
    """The sequence number itself; for UDP 0."""
    octets: int
    head: bytes
    """First octets of a datagram; empty for TCP."""


class Pairing(Struct):
    """Which packets of one place are which of the other."""

    pairs: list[tuple[Packet, Packet]]
    only_sent: list[Packet]
    only_arrived: list[Packet]
    copies: list[tuple[Packet, bool]]
    """Copies of other packets, and whether the copy was made before the first place."""


def read_packets(
    sent: Sighting, arrived: Sighting | None, *, to_server: bool
) -> tuple[list[Packet], list[Packet]]:
    """One direction of a flow at both places, with keys that can be compared."""
    if arrived is None:
        return _read(sent, to_server, 0, 0, DATAGRAM_HEAD), []
    own = initial_numbers(sent, arrived, from_client=to_server)
    peers = initial_numbers(sent, arrived, from_client=not to_server)
    head = min(_shortest(sent), _shortest(arrived))
    return (
        _read(sent, to_server, own[0], peers[0], head),
        _read(arrived, to_server, own[1], peers[1], head),
    )


def _shortest(sighting: Sighting) -> int:
    """Octets of each datagram that can be compared: what the snap length left of the shortest."""
    view = sighting.conversation.view
    columns = view.table.columns
    captured, stated = columns.captured_length[view.rows], columns.payload_length[view.rows]
    cut = captured < stated
    return min(DATAGRAM_HEAD, int(captured[cut].min())) if cut.any() else DATAGRAM_HEAD


def _read(sighting: Sighting, to_server: bool, own: int, peers: int, head: int) -> list[Packet]:
    view = sighting.conversation.view
    columns, rows = view.table.columns, view.rows
    tcp = sighting.conversation.connection is not None
    packets = []
    for row, up, time, identification, flags, sequence, acknowledged, octets in zip(
        range(view.start, view.stop),
        view.directions(),
        columns.time[rows].tolist(),
        columns.identification[rows].tolist(),
        columns.flags[rows].tolist(),
        columns.sequence[rows].tolist(),
        columns.acknowledgement[rows].tolist(),
        columns.payload_length[rows].tolist(),
        strict=True,
    ):
        if up != to_server:
            continue
        if not tcp:
            first = view.table.capture.payloads.read(columns, row)[:head]
            packets.append(
                Packet(row, time, (octets, first), identification, 0, 0, 0, octets, first)
            )
            continue
        control = flags & _CONTROL
        offset = ahead(sequence, own)
        confirmed = ahead(acknowledged, peers) if flags & _ACKNOWLEDGES else None
        key = _tcp_key(control, offset, confirmed, octets)
        packets.append(
            Packet(row, time, key, identification, control, offset, sequence, octets, b"")
        )
    return packets


def _tcp_key(control: int, offset: int, confirmed: int | None, octets: int) -> Hashable:
    """What tells a segment: of a reset nothing else, of a pure ACK what it acknowledges."""
    if control & _RST:
        return _RST
    if control or octets:
        return control, offset, octets
    return offset, confirmed, None, None


def pair_packets(sent: Sequence[Packet], arrived: Sequence[Packet], slack: int) -> Pairing:
    """Pair packets of equal keys; ``slack`` is how far apart the clocks may be, nanoseconds."""
    pairing = Pairing([], [], [], [])
    here, there = _by_key(sent), _by_key(arrived)
    for key, packets in here.items():
        _pair_group(packets, there.pop(key, []), slack, pairing)
    for packets in there.values():
        _pair_group([], packets, slack, pairing)
    pairing.only_sent.sort()
    pairing.only_arrived.sort()
    return pairing


def _by_key(packets: Sequence[Packet]) -> dict[Hashable, list[Packet]]:
    groups: dict[Hashable, list[Packet]] = defaultdict(list)
    for packet in packets:
        groups[packet.key].append(packet)
    return groups


def _pair_group(sent: list[Packet], arrived: list[Packet], slack: int, pairing: Pairing) -> None:
    """Pair the packets of one key."""
    sent = _without_copies(sent, pairing, at_origin=True)
    arrived = _without_copies(arrived, pairing, at_origin=False)
    if len(sent) == len(arrived) == 1:
        pairing.pairs.append((sent[0], arrived[0]))
        return
    sent, arrived = _by_identification(sent, arrived, pairing)
    _by_time(sent, arrived, slack, pairing)


def _without_copies(packets: list[Packet], pairing: Pairing, *, at_origin: bool) -> list[Packet]:
    """Packets whose IP identification says that a host sent them as separate ones."""
    if len(packets) < 2:
        return packets
    kept: list[Packet] = []
    last: dict[int, int] = {}
    for packet in packets:
        before = last.get(packet.identification)
        if before is not None and packet.identification and packet.time - before <= _ECHO:
            pairing.copies.append((packet, at_origin))
        else:
            kept.append(packet)
        last[packet.identification] = packet.time
    return kept


def _by_identification(
    sent: list[Packet], arrived: list[Packet], pairing: Pairing
) -> tuple[list[Packet], list[Packet]]:
    """Pair what has equal IP identifications; returns the rest that has none.

    Where some are equal, nothing on the way rewrites them, and what differs is another packet.
    """
    known = {packet.identification: packet for packet in sent if packet.identification}
    pairs = [
        (known.pop(packet.identification), packet)
        for packet in arrived
        if packet.identification in known
    ]
    if not pairs:
        return sent, arrived
    pairing.pairs += pairs
    paired = {packet.row for packet, _ in pairs}, {packet.row for _, packet in pairs}
    left = [packet for packet in sent if packet.row not in paired[0]]
    far_left = [packet for packet in arrived if packet.row not in paired[1]]
    pairing.only_sent += [packet for packet in left if packet.identification]
    pairing.only_arrived += [packet for packet in far_left if packet.identification]
    return (
        [packet for packet in left if not packet.identification],
        [packet for packet in far_left if not packet.identification],
    )


def _by_time(sent: list[Packet], arrived: list[Packet], slack: int, pairing: Pairing) -> None:
    """Pair each arrival with the latest packet that was sent before it."""
    if len(sent) == len(arrived):
        pairing.pairs += zip(sent, arrived, strict=True)
        return
    at = 0
    for packet in arrived:
        latest = at - 1
        while latest + 1 < len(sent) and sent[latest + 1].time <= packet.time + slack:
            latest += 1
        if latest < at:
            pairing.only_arrived.append(packet)
            continue
        pairing.only_sent += sent[at:latest]
        pairing.pairs.append((sent[latest], packet))
        at = latest + 1
    pairing.only_sent += sent[at:]
