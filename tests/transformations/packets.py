"""Fields of packets changed as hosts, routers and firewalls would have set them otherwise.

What an ICMP error quotes is changed like the packet itself. Checksums stay as they are: captures
are full of wrong ones, since network cards compute them.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

from tests.vantage.records import ACK, TCP, UDP, Packet

ETHERNET = 14
IPV4, IPV6 = b"\x08\x00", b"\x86\xdd"
ICMP, ICMPV6 = 1, 58
IPV6_HEADER = 40
SACK = 5
"""Kind of the TCP option with selective acknowledgements (RFC 2018)."""
MASK = (1 << 32) - 1


@dataclass(frozen=True)
class Header:
    """Where an IP header lies in a frame, and what is behind it."""

    at: int
    version: int
    protocol: int
    transport: int
    """Where the transport header begins."""
    end: int
    """Behind the last captured octet of the packet."""

    def has(self, octets: int) -> bool:
        """Whether so many octets of the transport header are there."""
        return self.transport + octets <= self.end


def header_of(packet: Packet, at: int = ETHERNET) -> Header | None:
    """The IP header at a place of an Ethernet frame; None where there is none that is whole."""
    data = packet.data
    kind = data[at - 2 : at] if at == ETHERNET else b""
    if len(data) >= at + 20 and data[at] >> 4 == 4 and kind in (IPV4, b""):
        length = (data[at] & 15) * 4
        (fragment,) = struct.unpack_from(">H", data, at + 6)
        first = length >= 20 and fragment & 0x1FFF == 0
        return Header(at, 4, data[at + 9] if first else 0, at + length, len(data))
    if len(data) >= at + IPV6_HEADER and data[at] >> 4 == 6 and kind in (IPV6, b""):
        return Header(at, 6, data[at + 6], at + IPV6_HEADER, len(data))
    return None


def headers_of(packet: Packet) -> list[Header]:
    """The packet's own IP header, and that which an ICMP error quotes."""
    own = header_of(packet)
    if own is None:
        return []
    quoting = own.protocol in (ICMP, ICMPV6) and own.has(8 + 20)
    quoted = header_of(packet, own.transport + 8) if quoting else None
    return [own] if quoted is None else [own, quoted]


def with_ports(packet: Packet, port: Callable[[int], int]) -> Packet:
    """With each port of TCP and UDP replaced."""
    for header in headers_of(packet):
        if header.protocol in (TCP, UDP) and header.has(4):
            ports = struct.unpack_from(">HH", packet.data, header.transport)
            packet = packet.patched(header.transport, struct.pack(">HH", *map(port, ports)))
    return packet


def counted_from(packet: Packet, ahead: int) -> Packet:
    """With the sequence numbers of both sides so much higher, all that acknowledges them too."""
    for header in headers_of(packet):
        if header.protocol == TCP and header.has(8):
            packet = _numbers_moved(packet, header, ahead)
    return packet


def _numbers_moved(packet: Packet, header: Header, ahead: int) -> Packet:
    at = header.transport
    acknowledges = header.has(14) and packet.data[at + 13] & ACK
    places = [at + 4, *([at + 8] if acknowledges else []), *_selected(packet.data, header)]
    for place in places:
        (number,) = struct.unpack_from(">I", packet.data, place)
        packet = packet.patched(place, struct.pack(">I", (number + ahead) & MASK))
    return packet


def _selected(data: bytes, header: Header) -> list[int]:
    """Where the edges of selective acknowledgements lie."""
    if not header.has(20):
        return []
    at, found = header.transport + 20, list[int]()
    end = min(header.transport + (data[header.transport + 12] >> 4) * 4, header.end)
    while at + 1 < end and data[at]:
        length = 1 if data[at] == 1 else max(2, data[at + 1])
        if data[at] == SACK:
            found += range(at + 2, min(at + length, end - 3), 4)
        at += length
    return found


def identified_by(packet: Packet, number: Callable[[int], int]) -> Packet:
    """With another IP identification; what has none keeps none."""
    for header in headers_of(packet):
        if header.version == 4:
            (own,) = struct.unpack_from(">H", packet.data, header.at + 4)
            if own:
                packet = packet.patched(header.at + 4, struct.pack(">H", number(own)))
    return packet


def passed_routers(packet: Packet, routers: int) -> Packet:
    """With a TTL or hop limit lowered by so many routers."""
    header = header_of(packet)
    if header is None:
        return packet
    at = header.at + (8 if header.version == 4 else 7)
    return packet.patched(at, bytes([max(1, packet.data[at] - routers)]))


def beyond_switches(packet: Packet, other: int) -> Packet:
    """With other link-layer addresses, but for those of groups; ``other`` has 24 bits."""
    for at in (0, 6):
        address = packet.data[at : at + 6]
        if len(address) == 6 and not address[0] & 1:
            low = int.from_bytes(address[3:]) ^ other
            packet = packet.patched(at, address[:3] + low.to_bytes(3))
    return packet
