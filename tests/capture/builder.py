"""Frames and capture files, octet by octet as their documents describe them."""

from __future__ import annotations

import ipaddress
import struct
from dataclasses import dataclass

PHONE_MAC = bytes.fromhex("0008300a0b0c")
SERVER_MAC = bytes.fromhex("00505600aa01")
PHONE = "10.1.20.31"
SERVER = "10.9.8.7"


@dataclass(frozen=True)
class Packet:
    data: bytes
    time: int = 1_700_000_000_123_456_789
    wire: int | None = None

    @property
    def length(self) -> int:
        return len(self.data) if self.wire is None else self.wire


def tcp(
    payload: bytes = b"",
    source: int = 50000,
    destination: int = 3804,
    flags: int = 0x18,
    options: bytes = b"",
) -> bytes:
    offset = (20 + len(options)) // 4 << 4
    head = struct.pack(">HHIIBBHHH", source, destination, 1000, 2000, offset, flags, 8192, 0, 0)
    return head + options + payload


def udp(payload: bytes = b"", source: int = 50000, destination: int = 53) -> bytes:
    return struct.pack(">HHHH", source, destination, 8 + len(payload), 0) + payload


def ipv4(
    transport: bytes,
    protocol: int = 6,
    source: str = PHONE,
    destination: str = SERVER,
    *,
    options: bytes = b"",
    fragment: int = 0,
    identification: int = 77,
    total: int | None = None,
    ttl: int = 64,
) -> bytes:
    header = 20 + len(options)
    length = header + len(transport) if total is None else total
    return (
        struct.pack(
            ">BBHHHBBH", 0x40 | header // 4, 0, length, identification, fragment, ttl, protocol, 0
        )
        + ipaddress.IPv4Address(source).packed
        + ipaddress.IPv4Address(destination).packed
        + options
        + transport
    )


def ipv6(
    transport: bytes,
    protocol: int = 6,
    source: str = "2001:db8::31",
    destination: str = "2001:db8::7",
    length: int | None = None,
) -> bytes:
    stated = len(transport) if length is None else length
    return (
        struct.pack(">IHBB", 6 << 28, stated, protocol, 63)
        + ipaddress.IPv6Address(source).packed
        + ipaddress.IPv6Address(destination).packed
        + transport
    )


def ethernet(
    packet: bytes, ethertype: int = 0x0800, tags: tuple[tuple[int, int], ...] = ()
) -> bytes:
    between = b"".join(struct.pack(">HH", kind, tag) for kind, tag in tags)
    return SERVER_MAC + PHONE_MAC + between + struct.pack(">H", ethertype) + packet


def pcap(
    packets: list[Packet],
    link_type: int = 1,
    order: str = "<",
    magic: int = 0xA1B23C4D,
) -> bytes:
    unit = 1 if magic == 0xA1B23C4D else 1000
    out = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 262144, link_type)]
    for packet in packets:
        seconds, fraction = divmod(packet.time, 1_000_000_000)
        out.append(
            struct.pack(order + "IIII", seconds, fraction // unit, len(packet.data), packet.length)
        )
        if magic == 0xA1B2CD34:
            out.append(bytes(8))
        out.append(packet.data)
    return b"".join(out)


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    body += bytes(-len(body) % 4)
    length = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + length + body + length


def section(order: str = "<") -> bytes:
    return block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def interface(
    link_type: int = 1,
    order: str = "<",
    resolution: int | None = None,
    offset: int | None = None,
    snap: int = 0,
) -> bytes:
    body = struct.pack(order + "HHI", link_type, 0, snap)
    if resolution is not None:
        body += struct.pack(order + "HHB3x", 9, 1, resolution)
    if offset is not None:
        body += struct.pack(order + "HHq", 14, 8, offset)
    return block(1, body + bytes(4), order)


def enhanced(packet: Packet, stamp: int, number: int = 0, order: str = "<") -> bytes:
    head = struct.pack(
        order + "IIIII", number, stamp >> 32, stamp & 0xFFFFFFFF, len(packet.data), packet.length
    )
    return block(6, head + packet.data, order)


def obsolete(packet: Packet, stamp: int, number: int = 0, order: str = "<") -> bytes:
    head = struct.pack(
        order + "HHIIII",
        number,
        0,
        stamp >> 32,
        stamp & 0xFFFFFFFF,
        len(packet.data),
        packet.length,
    )
    return block(2, head + packet.data, order)


def simple(packet: Packet, order: str = "<") -> bytes:
    return block(3, struct.pack(order + "I", packet.length) + packet.data, order)
