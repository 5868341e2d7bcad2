"""A path that is explored loses packets on purpose."""

from __future__ import annotations

import struct
from pathlib import Path

from tests.vantage.records import CAPTURES, IP, TCP, Packet, codes, joined, read

CAPF_PORT = 3804
ICMP, UNREACHABLE, FRAGMENTATION_NEEDED = 1, 3, 4
ROUTER = bytes([10, 122, 138, 1])
QUOTED = 28
"""Octets of a packet that an ICMP error quotes: its IP header and eight more (RFC 792)."""


def too_big(packet: Packet, mtu: int) -> Packet:
    """What a router sends to the sender of a packet that does not fit the next link (RFC 1191)."""
    quoted = packet.data[IP : IP + QUOTED]
    error = struct.pack(">BBHHH", UNREACHABLE, FRAGMENTATION_NEEDED, 0, 0, mtu) + quoted
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(error), 1, 0, 64, ICMP, 0)
    data = packet.data[:IP] + head + ROUTER + packet.source + error
    return Packet(packet.time + 1000, data, len(data))


def in_smaller_packets(packet: Packet, size: int) -> list[Packet]:
    """A segment sent again as several of so many octets of payload."""
    payload = packet.payload
    return [
        packet.with_payload(payload[at : at + size])
        .patched(IP + 24, struct.pack(">I", packet.sequence + at & 0xFFFFFFFF))
        .later(2000 + at)
        for at in range(0, len(payload), size)
    ]


def test_what_a_router_asked_to_send_in_smaller_packets_was_not_lost(tmp_path: Path) -> None:
    packets = read(CAPTURES / "success-by-name" / "publisher.pcap")
    sent = [one for one in packets if one.protocol == TCP and one.ports[0] == CAPF_PORT]
    large = next(one for one in sent if len(one.payload) > 600)
    again = [*packets, *in_smaller_packets(large, 200)]
    assert "packet-loss" in codes(joined(tmp_path, again))
    assert "packet-loss" not in codes(joined(tmp_path, [*again, too_big(large, 240)]))


def test_a_path_that_the_server_explored_out_of_sight_lost_nothing(tmp_path: Path) -> None:
    packets = read(CAPTURES / "success-by-name" / "phone.pcap")
    sent = [one for one in packets if one.protocol == TCP and one.ports[0] == CAPF_PORT]
    large = next(one for one in sent if len(one.payload) > 600)
    tail = in_smaller_packets(large, len(large.payload) - 50)[1]
    missing = large.with_payload(large.payload[:-50])
    left = [one for one in packets if one is not large]
    again = [*left, tail.later(-2 * len(large.payload)), *in_smaller_packets(missing, 300)]
    smaller = [
        piece for one in again for piece in (in_smaller_packets(one, 300) if one in sent else [one])
    ]
    assert "packet-loss" in codes(joined(tmp_path, again))
    assert "packet-loss" not in codes(joined(tmp_path, smaller))
