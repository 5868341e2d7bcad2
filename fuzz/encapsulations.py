"""Captured frames wrapped as other networks and other programs would have recorded them."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from fuzz.packets import FILE_HEADER, RECORD_HEADER, records_of, rewritten

_ETHERNET = 1
_MACS = bytes.fromhex("00505600aa01 0008300a0b0c")
_HEADER = 14
_UDP, _GRE, _IPV4_IN_IPV4, _ETHERNET_IN_IP = 17, 47, 4, 97
_VXLAN, _GENEVE, _TZSP = 4789, 6081, 37008


def _over_udp(port: int, header: str) -> bytes:
    """A UDP header without length and checksum, and that of the tunnel."""
    return struct.pack(">HHHH", 50001, port, 0, 0) + bytes.fromhex(header)


def _behind_ethernet(ethertype: int, *, before: str = "") -> bytes:
    """What stands between the addresses of a frame and its packet."""
    return struct.pack(">H", ethertype) + bytes.fromhex(before)


_BETWEEN: dict[str, bytes] = {
    "802.1Q": _behind_ethernet(0x8100, before="0064 0800"),
    "802.1ad": _behind_ethernet(0x88A8, before="0064 8100 0065 0800"),
    "MPLS": _behind_ethernet(0x8847, before="00064140"),
    "PPPoE": _behind_ethernet(0x8864, before="1100 0001 0500 0021"),
    "Cisco metadata": _behind_ethernet(0x8909, before="0101 0001 0001 0800"),
    "VN-Tag": _behind_ethernet(0x8926, before="0000 0000 0800"),
}

_INSTEAD: dict[str, tuple[int, bytes]] = {
    "raw": (101, b""),
    "BSD loopback": (0, bytes.fromhex("02000000")),
    "OpenBSD loopback": (108, bytes.fromhex("00000002")),
    "PPP": (9, bytes.fromhex("ff030021")),
    "PPPoE alone": (51, bytes.fromhex("1100 0001 0500 0021")),
    "RFC 1483": (100, bytes.fromhex("aaaa03 000000 0800")),
    "Cisco HDLC": (104, bytes.fromhex("0f000800")),
    "Linux cooked": (113, bytes.fromhex("0000 0001 0006 0008300a0b0c 0000 0800")),
    "Linux cooked 2": (276, bytes.fromhex("0800 0000 00000001 0001 00 06 0008300a0b0c 0000")),
}
"""Link types with what stands there before an IPv4 packet (tcpdump.org/linktypes.html)."""

_TUNNELS: dict[str, tuple[int, bytes, bool]] = {
    "GRE": (_GRE, bytes.fromhex("0000 0800"), False),
    "GRE with key": (_GRE, bytes.fromhex("3000 6558 00000001 00000002"), True),
    "ERSPAN I": (_GRE, bytes.fromhex("0000 88be"), True),
    "ERSPAN II": (_GRE, bytes.fromhex("1000 88be 00000001 1001 0001 00000000"), True),
    "ERSPAN III": (_GRE, bytes.fromhex("1000 22eb 00000001 2001 0001 00000000 00000000"), True),
    "IP in IP": (_IPV4_IN_IPV4, b"", False),
    "EtherIP": (_ETHERNET_IN_IP, bytes.fromhex("3000"), True),
    "VXLAN": (_UDP, _over_udp(_VXLAN, "0800000000000100"), True),
    "Geneve": (_UDP, _over_udp(_GENEVE, "0000655800000100"), True),
    "TZSP": (_UDP, _over_udp(_TZSP, "0100000101"), True),
}
"""IP protocol, tunnel header, and whether it carries a whole Ethernet frame."""


class Way(NamedTuple):
    """One way to record the IPv4 packet of an Ethernet frame."""

    link_type: int
    wrap: Callable[[bytes], bytes]
    """The frame as it is recorded."""
    keeps_frame: bool
    """Whether link-layer addresses are still there, and frames of other protocols can be."""


def _ways() -> Iterator[tuple[str, Way]]:
    for name, between in _BETWEEN.items():
        yield name, Way(_ETHERNET, partial(_tagged, between), keeps_frame=False)
    for name, (link_type, instead) in _INSTEAD.items():
        yield name, Way(link_type, partial(_led_by, instead), keeps_frame=False)
    for name, (protocol, header, whole) in _TUNNELS.items():
        carried = partial(_tunnelled, protocol, header, 0 if whole else _HEADER)
        yield name, Way(_ETHERNET, carried, keeps_frame=whole)


def _tagged(between: bytes, frame: bytes) -> bytes:
    return frame[:12] + between + frame[_HEADER:]


def _led_by(instead: bytes, frame: bytes) -> bytes:
    return instead + frame[_HEADER:]


def _tunnelled(protocol: int, header: bytes, behind: int, frame: bytes) -> bytes:
    """An Ethernet frame with an IPv4 packet from one end of a tunnel to the other."""
    data = header + frame[behind:]
    if protocol == _UDP:
        data = data[:4] + struct.pack(">H", len(data)) + data[6:]
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(data), 1, 0, 64, protocol, 0)
    return _MACS + b"\x08\x00" + head + b"\x0a\0\0\1\x0a\0\0\2" + data


WAYS: dict[str, Way] = dict(_ways())


def wrapped(capture: bytes) -> Iterator[bytes]:
    """The capture once in every encapsulation, and in pcapng of both byte orders."""
    frames = [record[RECORD_HEADER:] for record in records_of(capture)]
    for way in WAYS.values():
        yield _with(capture, way.link_type, list(map(way.wrap, frames)))
    for order in "<>":
        yield _pcapng(capture, order)


def _with(capture: bytes, link_type: int, packets: list[bytes]) -> bytes:
    """The capture with other packets and their link type."""
    records = zip(records_of(capture), packets, strict=True)
    head = capture[: FILE_HEADER - 4] + struct.pack("<I", link_type)
    return head + b"".join(rewritten(record, packet) for record, packet in records)


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
