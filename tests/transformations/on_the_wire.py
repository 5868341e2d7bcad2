"""Packets as other networks would have carried them: tags, tunnels, addresses, numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from fuzz.encapsulations import WAYS, Way
from tests.capture import builder
from tests.transformations.packets import (
    ETHERNET,
    IPV4,
    IPV6,
    beyond_switches,
    counted_from,
    identified_by,
    passed_routers,
    with_ports,
)
from tests.transformations.relation import (
    ETHERNET as ETHERNET_LINK,
)
from tests.transformations.relation import Relation, all_ethernet, to_packets, to_recordings
from tests.transformations.subjects import Recording, Recordings
from tests.vantage.records import Packet

OWN_CHOICE = range(32768, 65536)
"""Ports that clients, and servers of TFTP, choose by themselves."""
IDENTIFICATIONS = (1 << 16) - 1
MOST_ROUTERS = 40
TAGGED = b"\x81\x00"
OF_NOBODY = builder.ethernet(builder.ipv4(bytes(8), protocol=2))
"""An IGMP packet."""


def _tagged(rng: Random) -> Callable[[Packet], Packet]:
    """One or two tags of VLANs; the tagged frame keeps what it carries."""
    tags = rng.choice((("8100", 1), ("88a8", 2), ("9100", 2)))
    numbers = [rng.randrange(1, 4095) for _ in range(tags[1])]
    kinds = [tags[0], "8100"][: tags[1]]
    octets = b"".join(
        bytes.fromhex(kind) + number.to_bytes(2)
        for kind, number in zip(kinds, numbers, strict=True)
    )
    return lambda packet: _longer(packet, packet.data[:12] + octets + packet.data[12:])


def _longer(packet: Packet, data: bytes) -> Packet:
    """The packet with headers more or less before what was captured of it."""
    return replace(packet, data=data, wire=packet.wire + len(data) - len(packet.data))


def _encapsulated(chosen: Callable[[Way], bool]) -> Relation:
    names = [name for name, way in WAYS.items() if chosen(way)]

    def changed(rng: Random, recordings: Recordings) -> Recordings | None:
        way = WAYS[rng.choice(names)]
        if not all_ethernet(recordings) or not (way.keeps_frame or _is_ipv4(recordings)):
            return None
        return tuple(_recorded(one, way) for one in recordings)

    return to_recordings(changed)


def _is_ipv4(recordings: Recordings) -> bool:
    kinds = {_kind(packet) for one in recordings for packet in one.packets}
    return kinds.isdisjoint((IPV6, TAGGED))


def _kind(packet: Packet) -> bytes:
    return packet.data[ETHERNET - 2 : ETHERNET]


def _recorded(recording: Recording, way: Way) -> Recording:
    """What is no IPv4 packet stays as it is in Ethernet; elsewhere something else is there then."""
    packets = []
    for packet in recording.packets:
        frame = packet.data
        if not way.keeps_frame and _kind(packet) != IPV4:
            if way.link_type == ETHERNET_LINK:
                packets.append(packet)
                continue
            frame = OF_NOBODY
        packets.append(_longer(packet, way.wrap(frame)))
    return replace(recording.of(packets), link_type=way.link_type)


def _ports(rng: Random) -> Callable[[Packet], Packet]:
    by, first, count = rng.randrange(1, len(OWN_CHOICE)), OWN_CHOICE.start, len(OWN_CHOICE)

    def other(port: int) -> int:
        return (port - first + by) % count + first if port in OWN_CHOICE else port

    return lambda packet: with_ports(packet, other)


def _link_addresses(rng: Random) -> Callable[[Packet], Packet]:
    other = rng.randrange(1, 1 << 24)
    return lambda packet: beyond_switches(packet, other)


def _sequence_numbers(rng: Random) -> Callable[[Packet], Packet]:
    ahead = rng.randrange(1, 1 << 32)
    return lambda packet: counted_from(packet, ahead)


def _renumbered_between(rng: Random, recordings: Recordings) -> Recordings | None:
    """A firewall between two vantage points that rewrites sequence numbers."""
    if len(recordings) < 2 or not all_ethernet(recordings):
        return None
    ahead, first = rng.randrange(1, 1 << 32), recordings[0]
    packets = [counted_from(packet, ahead) for packet in first.packets]
    return first.of(packets), *recordings[1:]


def _identifications(rng: Random) -> Callable[[Packet], Packet]:
    ahead = rng.randrange(1, IDENTIFICATIONS)
    return lambda packet: identified_by(
        packet, lambda number: (number - 1 + ahead) % IDENTIFICATIONS + 1
    )


def _lowered(rng: Random) -> Callable[[Packet], Packet]:
    routers = rng.randrange(1, MOST_ROUTERS)
    return lambda packet: passed_routers(packet, routers)


RELATIONS: dict[str, Relation] = {
    "vlan": to_packets(_tagged),
    "shim": _encapsulated(lambda way: way.link_type == ETHERNET_LINK and not way.keeps_frame),
    "tunnel": _encapsulated(lambda way: way.keeps_frame),
    "link-type": _encapsulated(lambda way: way.link_type != ETHERNET_LINK),
    "ports": to_packets(_ports),
    "macs": to_packets(_link_addresses),
    "sequence-numbers": to_packets(_sequence_numbers),
    "renumbered-between": to_recordings(_renumbered_between),
    "ip-ids": to_packets(_identifications),
    "ttl": to_packets(_lowered),
}
