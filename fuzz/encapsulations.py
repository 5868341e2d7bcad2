"""Captured frames wrapped as other networks and other programs would have recorded them."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from fuzz.packets import FILE_HEADER, RECORD_HEADER, records_of, rewritten

_ETHERNET = 1
_MACS = bytes.fromhex("00505600aa01 0008300a0b0c")
_HEADER = 14
_UDP, _GRE, _IPV4_IN_IPV4, _ETHERNET_IN_IP = 17, 47, 4, 97
_VXLAN, _GENEVE = 4789, 6081


def _behind_ethernet(ethertype: int, *, before: str = "") -> bytes:
    """What stands between the addresses of a frame and its packet."""
    return struct.pack(">H", ethertype) + bytes.fromhex(before)


_BETWEEN: tuple[bytes, ...] = (
    _behind_ethernet(0x8100, before="0064 0800"),
    _behind_ethernet(0x88A8, before="0064 8100 0065 0800"),
    _behind_ethernet(0x8847, before="00064140"),
    _behind_ethernet(0x8864, before="1100 0001 0500 0021"),
    _behind_ethernet(0x8909, before="0101 0001 0001 0800"),
    _behind_ethernet(0x8926, before="0000 0000 0800"),
)
"""802.1Q, 802.1ad, MPLS, PPPoE, Cisco metadata, VN-Tag."""

_INSTEAD: tuple[tuple[int, bytes], ...] = (
    (101, b""),
    (0, bytes.fromhex("02000000")),
    (108, bytes.fromhex("00000002")),
    (9, bytes.fromhex("ff030021")),
    (51, bytes.fromhex("1100 0001 0500 0021")),
    (100, bytes.fromhex("aaaa03 000000 0800")),
    (104, bytes.fromhex("0f000800")),
    (113, bytes.fromhex("0000 0001 0006 0008300a0b0c 0000 0800")),
    (276, bytes.fromhex("0800 0000 00000001 0001 00 06 0008300a0b0c 0000")),
)
"""Link types with what stands there before an IPv4 packet (tcpdump.org/linktypes.html)."""

_TUNNELS: tuple[tuple[int, bytes, bool], ...] = (
    (_GRE, bytes.fromhex("0000 0800"), False),
    (_GRE, bytes.fromhex("3000 6558 00000001 00000002"), True),
    (_GRE, bytes.fromhex("1000 88be 00000001 1001 0001 00000000"), True),
    (_GRE, bytes.fromhex("1000 22eb 00000001 2001 0001 00000000 00000000"), True),
    (_IPV4_IN_IPV4, b"", False),
    (_ETHERNET_IN_IP, bytes.fromhex("3000"), True),
    (_UDP, struct.pack(">HHHH", 50001, _VXLAN, 0, 0) + bytes.fromhex("0800000000000100"), True),
    (_UDP, struct.pack(">HHHH", 50001, _GENEVE, 0, 0) + bytes.fromhex("0000655800000100"), True),
)
"""IP protocol, tunnel header, and whether it carries a whole Ethernet frame."""


def wrapped(capture: bytes) -> Iterator[bytes]:
    """The capture once in every encapsulation, and in pcapng of both byte orders."""
    frames = [record[RECORD_HEADER:] for record in records_of(capture)]
    for between in _BETWEEN:
        yield _with(capture, _ETHERNET, [frame[:12] + between + frame[14:] for frame in frames])
    for link_type, instead in _INSTEAD:
        yield _with(capture, link_type, [instead + frame[_HEADER:] for frame in frames])
    for protocol, header, whole in _TUNNELS:
        carried = [header + (frame if whole else frame[_HEADER:]) for frame in frames]
        yield _with(capture, _ETHERNET, [_in_ipv4(protocol, data) for data in carried])
    for order in "<>":
        yield _pcapng(capture, order)


def _with(capture: bytes, link_type: int, packets: list[bytes]) -> bytes:
    """The capture with other packets and their link type."""
    records = zip(records_of(capture), packets, strict=True)
    head = capture[: FILE_HEADER - 4] + struct.pack("<I", link_type)
    return head + b"".join(rewritten(record, packet) for record, packet in records)


def _in_ipv4(protocol: int, data: bytes) -> bytes:
    """An Ethernet frame with an IPv4 packet from one end of a tunnel to the other."""
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(data), 1, 0, 64, protocol, 0)
    return _MACS + b"\x08\x00" + head + b"\x0a\0\0\1\x0a\0\0\2" + data


def _pcapng(capture: bytes, order: str) -> bytes:
    """Blocks of every kind that holds a packet, in two sections with options."""
    section = _block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))
    options = struct.pack(order + "HHB3xHHqHH", 9, 1, 9, 14, 8, 0, 0, 0)
    interface = _block(order, 1, struct.pack(order + "HHI", _ETHERNET, 0, 0) + options)
    secrets = _block(order, 10, struct.pack(order + "II", 0x544C534B, 4) + b"key\n")
    blocks = [section, interface, secrets]
    for number, record in enumerate(records_of(capture)):
        seconds, fraction, captured, wire = struct.unpack("<IIII", record[:RECORD_HEADER])
        time = divmod(seconds * 1_000_000_000 + fraction * 1000, 1 << 32)
        packet = record[RECORD_HEADER:]
        head = struct.pack(order + "IIIII", 0, *time, captured, wire)
        kinds = (
            (6, head + packet),
            (3, struct.pack(order + "I", wire) + packet),
            (2, struct.pack(order + "HHIIII", 0, 0, *time, captured, wire) + packet),
        )
        blocks.append(_block(order, *kinds[number % len(kinds)]))
    middle = len(blocks) // 2
    return b"".join([*blocks[:middle], section, interface, *blocks[middle:]])


def _block(order: str, kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    length = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + length + body + length
