"""Ethernet frames with IPv4: as much of them as the wire's rules need."""

from __future__ import annotations

import socket
import struct

from captures.lab.knobs import WireRule

ETHERNET_SIZE = 14
ETHERTYPE_IPV4 = 0x0800
TCP_SYN = 0x02
TCP_RST = 0x04
TCP_ACK = 0x10
# Windows and many appliances send with this TTL; phones and CUCM begin at 64.
FORGED_TTL = 128
_PROTOCOLS = {"tcp": socket.IPPROTO_TCP, "udp": socket.IPPROTO_UDP}


class Frame:
    """One frame and the header fields that a rule can ask for."""

    def __init__(self, data: bytes, *, to_server: bool) -> None:
        self.data = data
        self.to_server = to_server
        self.protocol = -1
        self.ports: tuple[int, ...] = ()
        self.flags = 0
        self.payload_size = 0
        if data[12:14] == ETHERTYPE_IPV4.to_bytes(2, "big"):
            self._read_ipv4(data[ETHERNET_SIZE:])

    def _read_ipv4(self, packet: bytes) -> None:
        size = (packet[0] & 0x0F) * 4
        (total,) = struct.unpack_from("!H", packet, 2)
        self.protocol = packet[9]
        if self.protocol not in _PROTOCOLS.values():
            return
        self.ports = struct.unpack_from("!HH", packet, size)
        header = 8
        if self.protocol == socket.IPPROTO_TCP:
            header = (packet[size + 12] >> 4) * 4
            self.flags = packet[size + 13]
        self.payload_size = total - size - header

    def fits(self, rule: WireRule) -> bool:
        """Whether a rule is about this frame."""
        return (
            self.to_server == (rule.direction == "to-server")
            and self.protocol == _PROTOCOLS[rule.protocol]
            and (rule.port is None or rule.port in self.ports)
            and (rule.kind != "syn" or bool(self.flags & TCP_SYN))
            and (rule.kind != "data" or self.payload_size > 0)
            and self.payload_size >= rule.at_least
        )


def reset_of(frame: Frame, *, backward: bool) -> bytes:
    """A forged RST that fits a TCP frame: in its own direction, or back to its sender."""
    packet = frame.data[ETHERNET_SIZE:]
    size = (packet[0] & 0x0F) * 4
    sequence, acknowledged = struct.unpack_from("!II", packet, size + 4)
    source, target, ports = packet[12:16], packet[16:20], frame.ports
    macs = frame.data[:6], frame.data[6:12]
    if backward:
        source, target, ports, macs = target, source, ports[::-1], macs[::-1]
        sequence, acknowledged = acknowledged, sequence + frame.payload_size
    flags = TCP_RST | TCP_ACK
    segment = struct.pack(
        "!HHIIBBHHH", *ports, sequence, acknowledged & 0xFFFFFFFF, 5 << 4, flags, 0, 0, 0
    )
    pseudo = source + target + struct.pack("!HH", socket.IPPROTO_TCP, len(segment))
    segment = segment[:16] + struct.pack("!H", _checksum(pseudo + segment)) + segment[18:]
    header = struct.pack(
        "!BBHHHBBH4s4s",
        0x45, 0, 20 + len(segment), 0x0F0F, 0, FORGED_TTL, socket.IPPROTO_TCP, 0, source, target,
    )  # fmt: skip
    header = header[:10] + struct.pack("!H", _checksum(header)) + header[12:]
    return b"".join(macs) + ETHERTYPE_IPV4.to_bytes(2, "big") + header + segment


def _checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071)."""
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
