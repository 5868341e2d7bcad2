"""Every way to an IP packet that capturing programs write."""

from __future__ import annotations

import struct

import pytest

from capfpcap.capture.columns import NO_VLAN
from capfpcap.capture.problems import ProblemKind

from .builder import (
    PHONE,
    PHONE_MAC,
    SERVER,
    SERVER_MAC,
    Packet,
    ethernet,
    ipv4,
    ipv6,
    pcap,
    tcp,
    udp,
)
from .conftest import Read, payloads

INNER = ipv4(tcp(b"payload"))
INNER6 = ipv6(tcp(b"payload"))
FRAME = ethernet(INNER)
MPLS_LAST = struct.pack(">I", 100 << 12 | 1 << 8 | 64)
MPLS_MORE = struct.pack(">I", 101 << 12 | 64)


def gre(protocol: int, body: bytes, flags: int = 0, fields: bytes = b"") -> bytes:
    return ipv4(struct.pack(">HH", flags, protocol) + fields + body, protocol=47)


def over_udp(body: bytes, port: int) -> bytes:
    return ethernet(ipv4(udp(body, 40000, port), protocol=17))


SLL = struct.pack(">HHH6s2xH", 0, 1, 6, PHONE_MAC, 0x0800)
SLL2 = struct.pack(">HHIHBB6s2x", 0x0800, 0, 2, 1, 0, 6, PHONE_MAC)


def gtp_u(body: bytes, flags: int = 0x30) -> bytes:
    return over_udp(struct.pack(">BBHI", flags, 0xFF, len(body), 7) + body, 2152)


WAYS = {
    "Ethernet": (1, FRAME),
    "802.1Q": (1, ethernet(INNER, tags=((0x8100, 0xA07B),))),
    "802.1ad": (1, ethernet(INNER, tags=((0x88A8, 5), (0x8100, 6)))),
    "three tags": (1, ethernet(INNER, tags=((0x9100, 5), (0x8100, 6), (0x8100, 7)))),
    "IPv6": (1, ethernet(INNER6, 0x86DD)),
    "LLC and SNAP": (1, ethernet(b"\xaa\xaa\x03\0\0\0\x08\0" + INNER, len(INNER) + 8)),
    "LLC with IP": (1, ethernet(b"\x06\x06\x03" + INNER, len(INNER) + 3)),
    "Linux cooked": (113, SLL + INNER),
    "Linux cooked 2": (276, SLL2 + INNER),
    "raw": (101, INNER),
    "raw IPv6": (101, INNER6),
    "raw by another number": (12, INNER),
    "IPv4": (228, INNER),
    "IPv6 alone": (229, INNER6),
    "BSD loopback, little-endian": (0, b"\2\0\0\0" + INNER),
    "BSD loopback, big-endian": (0, b"\0\0\0\x1e" + INNER6),
    "OpenBSD loopback": (108, b"\0\0\0\2" + INNER),
    "PPP": (9, b"\xff\x03\0\x21" + INNER),
    "PPP without framing": (9, b"\0\x57" + INNER6),
    "PPP with a short protocol": (9, b"\x21" + INNER),
    "PPP with pppd's direction": (166, b"\1\x03\0\x21" + INNER),
    "OpenBSD IPsec": (109, b"\2\0\0\0" + bytes(8) + INNER),
    "MPLS without a frame": (219, MPLS_MORE + MPLS_LAST + INNER),
    "Cisco HDLC": (104, b"\x0f\0\x08\0" + INNER),
    "PPPoE": (1, ethernet(b"\x11\0\0\1" + struct.pack(">HH", 99, 0x21) + INNER, 0x8864)),
    "MPLS": (1, ethernet(MPLS_MORE + MPLS_LAST + INNER, 0x8847)),
    "MPLS pseudowire": (1, ethernet(MPLS_LAST + bytes(4) + FRAME, 0x8847)),
    "MPLS pseudowire without a control word": (1, ethernet(MPLS_LAST + FRAME, 0x8847)),
    "Cisco metadata": (1, ethernet(b"\1\1\0\1\0\7\x08\0" + INNER, 0x8909)),
    "VN-Tag": (1, ethernet(b"\0\1\0\2\x08\0" + INNER, 0x8926)),
    "802.1ah": (1, ethernet(b"\0\0\0\1" + FRAME, 0x88E7)),
    "GRE": (1, ethernet(gre(0x0800, INNER))),
    "GRE with key and sequence": (1, ethernet(gre(0x0800, INNER, 0x3000, bytes(8)))),
    "GRE with a frame": (1, ethernet(gre(0x6558, FRAME))),
    "ERSPAN I": (1, ethernet(gre(0x88BE, FRAME))),
    "ERSPAN II": (1, ethernet(gre(0x88BE, bytes(8) + FRAME, 0x1000, bytes(4)))),
    "ERSPAN III": (1, ethernet(gre(0x22EB, bytes(12) + FRAME, 0x1000, bytes(4)))),
    "ERSPAN III, extended": (
        1,
        ethernet(gre(0x22EB, bytes(11) + b"\1" + bytes(8) + FRAME, 0x1000, bytes(4))),
    ),
    "ERSPAN III with a packet": (
        1,
        ethernet(gre(0x22EB, bytes(10) + b"\x08\0" + INNER, 0x1000, bytes(4))),
    ),
    "VXLAN": (1, over_udp(b"\x08\0\0\0\0\0\1\0" + FRAME, 4789)),
    "VXLAN in VXLAN": (
        1,
        over_udp(b"\x08\0\0\0\0\0\1\0" + over_udp(b"\x08\0\0\0\0\0\2\0" + FRAME, 4789), 4789),
    ),
    "Geneve with an option": (1, over_udp(b"\1\0\x65\x58\0\0\1\0\1\2\3\4" + FRAME, 6081)),
    "VXLAN-GPE with a frame": (1, over_udp(b"\x0c\0\0\3\0\0\1\0" + FRAME, 4790)),
    "VXLAN-GPE with a packet": (1, over_udp(b"\x0c\0\0\1\0\0\1\0" + INNER, 4790)),
    "TZSP": (1, over_udp(b"\1\0\0\1\1" + FRAME, 37008)),
    "TZSP with tags": (
        1,
        over_udp(b"\1\0\0\1\0\x0a\1\x55\x29\2\0\x40\x0d\4\1\2\3\4\1" + FRAME, 37008),
    ),
    "GTP-U": (1, gtp_u(INNER)),
    "GTP-U with IPv6": (1, gtp_u(INNER6)),
    "GTP-U with an extension": (
        1,
        gtp_u(b"\0\0\0\x85\1\x10\1\0" + INNER, 0x34),
    ),
    "L2TP": (1, over_udp(b"\0\2\0\1\0\2\xff\3\0\x21" + INNER, 1701)),
    "L2TP with all fields": (
        1,
        over_udp(b"\x4a\2\0\x60\0\1\0\2\0\3\0\4\0\2\0\0\0\x21" + INNER, 1701),
    ),
    "IPv4 in IPv4": (1, ethernet(ipv4(INNER, protocol=4))),
    "IPv6 in IPv4": (1, ethernet(ipv4(INNER6, protocol=41))),
    "IPv4 in IPv6": (1, ethernet(ipv6(INNER, protocol=4), 0x86DD)),
    "EtherIP": (1, ethernet(ipv4(b"\x30\0" + FRAME, protocol=97))),
    "Ethernet behind IPv6": (1, ethernet(ipv6(FRAME, protocol=143), 0x86DD)),
    "IPv4 options": (1, ethernet(ipv4(tcp(b"payload"), options=bytes(40)))),
    "TCP options": (1, ethernet(ipv4(tcp(b"payload", options=bytes(40))))),
    "IPv6 extension headers": (
        1,
        ethernet(
            ipv6(
                b"\x3c\0" + bytes(6) + b"\x2b\1" + bytes(14) + b"\6\0" + bytes(6) + tcp(b"payload"),
                0,
            ),
            0x86DD,
        ),
    ),
    "IPv6 authentication": (
        1,
        ethernet(ipv6(b"\6\4" + bytes(22) + tcp(b"payload"), 51), 0x86DD),
    ),
    "IPv6 atomic fragment": (
        1,
        ethernet(ipv6(b"\6\0\0\0\0\0\0\1" + tcp(b"payload"), 44), 0x86DD),
    ),
    "Ethernet padding": (1, ethernet(ipv4(tcp(b"payload"))) + bytes(20)),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_packet_is_found(read: Read, way: str) -> None:
    link_type, frame = WAYS[way]
    capture = read(pcap([Packet(frame)] * 2, link_type))
    assert payloads(capture) == [b"payload"] * 2
    assert capture.columns.payload_length.tolist() == [7, 7]
    assert capture.columns.source_port.tolist() == [50000] * 2
    assert capture.columns.destination_port.tolist() == [3804] * 2
    assert capture.files[0].problems == ()


@pytest.mark.parametrize("way", WAYS)
def test_a_frame_cut_at_any_octet_is_never_decoded_wrongly(read: Read, way: str) -> None:
    link_type, frame = WAYS[way]
    cuts = [Packet(frame[:length], wire=len(frame)) for length in range(len(frame))]
    filler = Packet(b"\xff" * 100)
    capture = read(pcap([packet for cut in cuts for packet in (cut, filler)], link_type))
    assert all(b"payload".startswith(payload) for payload in payloads(capture))
    assert set(capture.columns.payload_length.tolist()) <= {7}


@pytest.mark.parametrize("receiver", ["48a1b2c3d4e5", "60a1b2c3d4e5"])
def test_a_frame_behind_a_label_whose_address_looks_like_ip_is_one(
    read: Read, receiver: str
) -> None:
    frame = ethernet(MPLS_LAST + bytes.fromhex(receiver) + FRAME[6:], 0x8847)
    assert payloads(read(pcap([Packet(frame)]))) == [b"payload"]


def test_all_ways_in_one_file_keep_their_order(read: Read) -> None:
    frames = [Packet(frame) for link_type, frame in WAYS.values() if link_type == 1]
    capture = read(pcap(frames))
    assert capture.columns.frame.tolist() == list(range(1, len(frames) + 1))


def test_every_column_of_a_tagged_segment_is_read(read: Read) -> None:
    segment = struct.pack(">HHIIBBHHH", 50000, 3804, 1 << 31, 3 << 30, 0x50, 0x12, 4321, 0, 0)
    frame = ethernet(ipv4(segment, ttl=61), tags=((0x8100, 0xE07B),))
    columns = read(pcap([Packet(frame)])).columns
    assert columns.vlan[0] == 0x07B
    assert columns.source_mac[0] == int.from_bytes(PHONE_MAC)
    assert columns.destination_mac[0] == int.from_bytes(SERVER_MAC)
    assert (columns.sequence[0], columns.acknowledgement[0]) == (1 << 31, 3 << 30)
    assert (columns.flags[0], columns.window[0], columns.ttl[0]) == (0x12, 4321, 61)
    assert (columns.identification[0], columns.protocol[0]) == (77, 6)
    assert (columns.payload_length[0], columns.captured_length[0]) == (0, 0)


def test_addresses_are_those_of_the_innermost_packet(read: Read) -> None:
    capture = read(pcap([Packet(ethernet(gre(0x0800, INNER)))]))
    assert capture.addresses.text(int(capture.columns.source[0])) == PHONE
    assert capture.addresses.text(int(capture.columns.destination[0])) == SERVER


def test_ipv6_addresses_get_codes_that_lead_back_to_them(read: Read) -> None:
    capture = read(pcap([Packet(ethernet(INNER6, 0x86DD))]))
    assert capture.addresses.text(int(capture.columns.source[0])) == "2001:db8::31"
    assert capture.addresses.find("2001:db8::7") == capture.columns.destination[0]
    assert capture.columns.identification[0] == 0
    assert capture.columns.ttl[0] == 63


@pytest.mark.parametrize(("link_type", "header"), [(113, SLL), (276, SLL2)])
def test_a_cooked_header_has_a_source_address_only(
    read: Read, link_type: int, header: bytes
) -> None:
    columns = read(pcap([Packet(header + INNER)], link_type)).columns
    assert columns.source_mac[0] == int.from_bytes(PHONE_MAC)
    assert columns.destination_mac[0] == 0
    assert columns.vlan[0] == NO_VLAN


def test_a_tag_behind_a_cooked_header_is_read(read: Read) -> None:
    header = SLL[:-2] + struct.pack(">HHH", 0x8100, 0x2005, 0x0800)
    capture = read(pcap([Packet(header + INNER)], 113))
    assert capture.columns.vlan[0] == 5
    assert payloads(capture) == [b"payload"]


def test_the_outermost_of_two_tags_is_the_vlan(read: Read) -> None:
    frame = ethernet(INNER, tags=((0x88A8, 5), (0x8100, 6)))
    assert read(pcap([Packet(frame)])).columns.vlan[0] == 5


def test_a_length_of_zero_is_that_of_the_wire(read: Read) -> None:
    frame = ethernet(ipv4(tcp(b"x" * 5000), total=0))
    columns = read(pcap([Packet(frame[:1000], wire=len(frame))])).columns
    assert columns.payload_length[0] == 5000
    assert columns.captured_length[0] == 1000 - 54


def test_a_snapped_segment_says_how_much_is_missing(read: Read) -> None:
    frame = ethernet(ipv4(tcp(b"x" * 100)))
    capture = read(pcap([Packet(frame[:96], wire=len(frame))]))
    assert capture.columns.payload_length[0] == 100
    assert payloads(capture) == [b"x" * 42]
    (problem,) = capture.files[0].problems
    assert (problem.kind, problem.frame, problem.count) == (ProblemKind.SNAPPED, 1, 1)


@pytest.mark.parametrize(
    "packet",
    [
        ipv4(tcp(b"x"), total=19),
        ipv4(tcp(b"x"), total=39),
        b"\x41" + ipv4(tcp())[1:],
        b"\x65" + ipv4(tcp())[1:],
        ipv4(tcp()[:12] + b"\x40" + tcp()[13:]),
        ipv4(tcp()[:12] + b"\xf0" + tcp()[13:]),
        ipv4(struct.pack(">HHHH", 50000, 53, 7, 0), protocol=17),
    ],
)
def test_headers_that_contradict_themselves_are_counted(read: Read, packet: bytes) -> None:
    capture = read(pcap([Packet(FRAME), Packet(ethernet(packet) + bytes(60))]))
    assert len(capture.columns) == 1
    (problem,) = capture.files[0].problems
    assert (problem.kind, problem.frame) == (ProblemKind.MALFORMED_PACKETS, 2)


def test_an_unknown_link_type_is_named(read: Read) -> None:
    capture = read(pcap([Packet(FRAME)] * 3, 127))
    (problem,) = capture.files[0].problems
    assert (problem.kind, problem.count) == (ProblemKind.UNSUPPORTED, 3)
    assert "IEEE802_11_RADIO" in problem.text
    assert capture.files[0].packets == 3


def test_endless_nesting_ends(read: Read) -> None:
    nested = INNER
    for _ in range(100):
        nested = ipv4(nested, protocol=4)
    assert len(read(pcap([Packet(ethernet(nested))])).columns) == 0


def test_udp_payload_ends_where_udp_says(read: Read) -> None:
    frame = ethernet(ipv4(udp(b"question") + b"trailer", protocol=17))
    assert payloads(read(pcap([Packet(frame)]))) == [b"question"]


def test_a_client_may_have_the_port_of_a_tunnel(read: Read) -> None:
    answer = ethernet(ipv4(udp(b"\x08\0answer", 53, 4789), protocol=17))
    assert payloads(read(pcap([Packet(answer)]))) == [b"\x08\0answer"]
