"""The verdict on every packet of one direction of a flow between two vantage points.

TCP is compared by octets where packets differ: a network card that splits and joins segments makes
of one large segment several, and that is no loss. What its receiver acknowledged did arrive,
however little the capture there shows of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from capfpcap.capture.columns import TcpFlag
from capfpcap.capture.sequence import ahead
from capfpcap.flows.covered import Covered
from capfpcap.services import Service
from capfpcap.vantage.copies import CopiesOf
from capfpcap.vantage.fate import Fate, Leg, Passage
from capfpcap.vantage.flow import Flow, Sighting, VantagePoint
from capfpcap.vantage.packets import Packet, Pairing, pair_packets, read_packets
from capfpcap.vantage.pairing import initial_numbers

_SYN, _RST = int(TcpFlag.SYN), int(TcpFlag.RST)
_Station = tuple[VantagePoint, Sighting | None]
_NEAR_THE_END = 1_000_000
"""Nanoseconds before a capture's last packet in which what was sent may arrive too late for it."""


def read_legs(flow: Flow) -> list[Leg]:
    """Both directions of a flow between each two neighbouring vantage points.

    A place that records one direction of all traffic lies on the way of that direction only.
    """
    stations: list[_Station] = [(sighting.at, sighting) for sighting in flow.sightings]
    stations += [(point, None) for point in flow.unseen_at]
    stations.sort(key=lambda station: station[0].number)
    legs = [_read_leg(near, far, to_server=True) for near, far in _neighbours(stations, up=True)]
    legs += [_read_leg(far, near, to_server=False) for near, far in _neighbours(stations, up=False)]
    return sorted(legs, key=lambda leg: min(leg.origin.number, leg.goal.number))


def _neighbours(stations: list[_Station], *, up: bool) -> Iterator[tuple[_Station, _Station]]:
    """Each two places next to each other on the way of one direction."""
    return pairwise([station for station in stations if not station[0].table.lacks(to_server=up)])


def _read_leg(
    origin: _Station,
    goal: _Station,
    *,
    to_server: bool,
) -> Leg:
    leg = Leg(to_server, origin[0], goal[0], origin[1], goal[1], [])
    if leg.sent is not None:
        sent, arrived = read_packets(leg.sent, leg.arrived, to_server=to_server)
    elif leg.arrived is not None:
        arrived, sent = read_packets(leg.arrived, None, to_server=to_server)
    else:
        return leg
    pairing = pair_packets(sent, arrived, _uncertainty(leg))
    leg.passages = list(_passages(leg, pairing, arrived))
    return leg


def _uncertainty(leg: Leg) -> int:
    """Nanoseconds by which the clocks of a leg's ends may differ still."""
    clocks = (leg.origin.clock, leg.goal.clock)
    return sum(clock.error or 0 for clock in clocks if clock is not None)


def _passages(leg: Leg, pairing: Pairing, arrived: list[Packet]) -> Iterator[Passage]:
    resegmented, unpaired = _octets(pairing.only_arrived), _octets(pairing.only_sent)
    judge = _Judge(leg, arrived, CopiesOf(leg, pairing, arrived))
    found = [Passage(Fate.PASSED, one.row, other.row, one.octets) for one, other in pairing.pairs]
    for packet in pairing.only_sent:
        lacking = packet.octets - _covered(resegmented, packet)
        if packet.octets and not lacking and not packet.head:
            row = resegmented.last_row(packet.offset)
            found.append(Passage(Fate.PASSED, packet.row, row, packet.octets))
        else:
            fate, lost = judge.unarrived(packet), judge.lacking(packet)
            found.append(Passage(fate, packet.row, None, packet.octets, lost))
    copied = [packet for packet, at_origin in pairing.copies if at_origin]
    found += [Passage(Fate.REPEATED, packet.row, None, packet.octets) for packet in copied]
    yield from sorted(found, key=lambda passage: passage.sent_row or 0)
    for packet, at_origin in pairing.copies:
        if not at_origin:
            yield Passage(Fate.REPEATED, None, packet.row, packet.octets)
    for packet in pairing.only_arrived:
        if not packet.octets or packet.head or _covered(unpaired, packet) < packet.octets:
            yield Passage(judge.unsent(packet), None, packet.row, packet.octets)


def _octets(packets: Iterable[Packet]) -> Covered:
    """Which octets of a stream some segments carry."""
    return Covered(
        (packet.offset, packet.offset + packet.octets, packet.row)
        for packet in packets
        if packet.octets
    )


def _covered(octets: Covered, packet: Packet) -> int:
    """How many octets of a segment are among others."""
    return octets.covered(packet.offset, packet.offset + packet.octets)


class _Judge:
    """Decides on the packets of a leg that only one of its ends shows."""

    def __init__(self, leg: Leg, arrived: list[Packet], copies: CopiesOf) -> None:
        self._leg = leg
        self._octets = _octets(arrived)
        self._copies = copies
        self._controls = {packet.control for packet in arrived if packet.control}
        self._datagrams = {packet.head for packet in arrived}
        self._heads = {head[:4] for head in self._datagrams if head}
        self._slack = max(2 * _uncertainty(leg), _NEAR_THE_END)
        self._answers: set[bytes] | None = None
        self._counted = (
            leg.sent is not None
            and leg.arrived is not None
            and initial_numbers(leg.sent, leg.arrived, from_client=leg.to_server) != (0, 0)
        )
        """Whether the offsets of packets are stream offsets."""

    def unarrived(self, packet: Packet) -> Fate:
        """What became of a packet that only the origin shows."""
        goal = self._leg.goal
        begin, end, assumed = goal.watched_from, goal.watched_until, goal.assumed_until
        if begin is None or end is None or assumed is None or self._blind(goal):
            return Fate.OUTSIDE
        if not begin <= packet.time <= assumed:
            return Fate.OUTSIDE
        if self._acknowledged(packet):
            return Fate.MISSED if packet.time <= end else Fate.OUTSIDE
        return Fate.LOST if packet.time <= end - self._slack else Fate.UNWATCHED

    def _blind(self, point: VantagePoint) -> bool:
        """Whether a place records the other direction only, or nothing compares the clocks."""
        if self._leg.origin.clock is None or self._leg.goal.clock is None:
            return True
        return point.table.lacks(to_server=self._leg.to_server)

    def lacking(self, packet: Packet) -> int:
        """Octets of a packet of which no other packet brought a copy."""
        if packet.head:
            return 0 if packet.head in self._datagrams else packet.octets
        return packet.octets - _covered(self._octets, packet)

    def unsent(self, packet: Packet) -> Fate:
        """What a packet is that only the goal shows."""
        origin = self._leg.origin
        begin, end = origin.watched_from, origin.watched_until
        if begin is None or end is None or self._blind(origin):
            return Fate.OUTSIDE
        if not begin + self._slack <= packet.time <= end:
            return Fate.OUTSIDE
        return Fate.INJECTED if packet.control & _RST else Fate.UNSEEN

    def _acknowledged(self, packet: Packet) -> bool:
        """Whether the receiver had the packet though no copy of it is in the capture there."""
        if packet.head:
            return packet.head[:4] not in self._heads and self._answered(packet.head)
        if packet.control & _RST or not (packet.control or packet.octets):
            return False
        if packet.control & _SYN:
            return packet.control not in self._controls and self._came_about()
        if packet.control and not packet.octets:
            return packet.control not in self._controls and self._confirmed(packet, 1)
        if _covered(self._octets, packet) == packet.octets:
            return self._copies.all_came(packet)
        return self._confirmed(packet, packet.octets) and not self._copies.was_lacked(packet)

    def _confirmed(self, packet: Packet, octets: int) -> bool:
        """Whether the receiver acknowledged the octets of a segment, as either capture shows."""
        for sighting in (self._leg.sent, self._leg.arrived):
            connection = sighting and sighting.conversation.connection
            if connection:
                side = connection.side(self._leg.to_server)
                number = packet.number
                start = packet.offset if self._counted else ahead(number, side.initial or 0)
                end = start + octets
                through = max(side.acknowledged or 0, start)
                if side.acknowledged is not None and side.acknowledged >= end:
                    return True
                selected = connection.selected(self._leg.to_server).covered
                if selected.covered(through, end) == end - through > 0:
                    return True
        return False

    def _came_about(self) -> bool:
        """Whether the other side answered a SYN, or the client a SYN-ACK."""
        for sighting in (self._leg.sent, self._leg.arrived):
            connection = sighting and sighting.conversation.connection
            if connection and self._leg.to_server and connection.server.syns:
                return True
            if connection and self._leg.to_server and sighting is self._leg.arrived:
                return connection.answered
            if connection and not self._leg.to_server and connection.established_row is not None:
                return True
        return False

    def _answered(self, head: bytes) -> bool:
        """Whether a datagram was answered: a DNS query, a TFTP request, block, or ACK."""
        if self._answers is None:
            self._answers = set(self._heads_of_answers())
        return any(answer in self._answers for answer in _answers_to(head, self._service))

    @property
    def _service(self) -> Service | None:
        seen = self._leg.sent or self._leg.arrived
        return None if seen is None else seen.conversation.view.service

    def _heads_of_answers(self) -> Iterator[bytes]:
        """The first octets of what the receiver sent, at both ends of the leg."""
        length = 2 if self._service is Service.DNS else 4
        for sighting in (self._leg.sent, self._leg.arrived):
            if sighting is None:
                continue
            view = sighting.conversation.view
            for up, payload in zip(view.directions(), view.payloads(), strict=True):
                if up != self._leg.to_server:
                    yield payload[:length]


def _answers_to(head: bytes, service: Service | None) -> tuple[bytes, ...]:
    """How answers to a datagram begin (RFC 1035, section 4.1.1; RFC 1350, section 5)."""
    if service is Service.DNS:
        return () if len(head) > 2 and head[2] & 0x80 else (head[:2],)
    number = int.from_bytes(head[2:4], "big")
    following = ((number + 1) & 0xFFFF).to_bytes(2, "big")
    match head[:2]:
        case b"\0\1":
            return (b"\0\3\0\1",)
        case b"\0\3":
            return (b"\0\4" + head[2:4],)
        case b"\0\4":
            return (b"\0\3" + following,)
        case _:
            return ()
