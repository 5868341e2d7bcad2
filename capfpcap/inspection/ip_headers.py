"""IP headers, UDP and ICMP, field by field (RFC 791, 8200, 768, 792, 4443)."""

from __future__ import annotations

import ipaddress

from capf_dissectors.outline import Outliner, hexadecimal, plural

from capfpcap.capture.headers.layers import Layer
from capfpcap.flows.icmp import UNREACHABLE, UNREACHABLE_V6
from capfpcap.inspection.link_headers import Reader

_PROTOCOLS = {
    0: "hop-by-hop options",
    1: "ICMP",
    4: "IPv4",
    6: "TCP",
    17: "UDP",
    41: "IPv6",
    43: "routing",
    44: "fragment",
    47: "GRE",
    50: "ESP",
    51: "AH",
    58: "ICMPv6",
    60: "destination options",
    97: "Ethernet",
}
_ICMP_TYPES = {0: "echo reply", 3: "destination unreachable", 8: "echo", 11: "time exceeded"}
_ICMPV6_TYPES = {1: "destination unreachable", 2: "packet too big", 3: "time exceeded"}


def address(packed: bytes) -> str:
    """An IPv4 or IPv6 address of 4 or 16 bytes."""
    return str(ipaddress.ip_address(packed))


def _protocol(number: int) -> str:
    name = _PROTOCOLS.get(number)
    return f"{name} ({number})" if name else str(number)


def read_ipv4(walk: Outliner) -> None:
    """An IPv4 header with its options."""
    start = walk.position
    first = walk.u8()
    walk.note("Version", str(first >> 4), start, start + 1)
    walk.note("Header length", plural((first & 15) * 4, "byte"), start, start + 1)
    service = walk.u8()
    walk.note("DSCP", str(service >> 2), start + 1, start + 2)
    walk.note("ECN", str(service & 3), start + 1, start + 2)
    walk.number("Total length", 2)
    walk.number("Identification", 2, hexadecimal(4))
    split = walk.u16()
    walk.note("Don't fragment", _yes(split >> 14 & 1), start + 6, start + 7)
    walk.note("More fragments", _yes(split >> 13 & 1), start + 6, start + 7)
    walk.note("Fragment offset", str((split & 0x1FFF) * 8), start + 6, start + 8)
    walk.number("Time to live", 1)
    walk.number("Protocol", 1, _protocol)
    walk.number("Header checksum", 2, hexadecimal(4))
    source = walk.octets("Source", 4, address)
    destination = walk.octets("Destination", 4, address)
    walk.rest("Options")
    walk.value = f"{address(source)} → {address(destination)}"


def read_ipv6(walk: Outliner) -> None:
    """An IPv6 header."""
    start = walk.position
    first = int.from_bytes(walk.take(4), "big")
    walk.note("Version", str(first >> 28), start, start + 1)
    walk.note("Traffic class", f"0x{first >> 20 & 0xFF:02x}", start, start + 2)
    walk.note("Flow label", f"0x{first & 0xFFFFF:05x}", start + 1, start + 4)
    walk.number("Payload length", 2)
    walk.number("Next header", 1, _protocol)
    walk.number("Hop limit", 1)
    source = walk.octets("Source", 16, address)
    destination = walk.octets("Destination", 16, address)
    walk.value = f"{address(source)} → {address(destination)}"


def _extension(walk: Outliner) -> None:
    following = walk.number("Next header", 1, _protocol)
    walk.number("Length", 1)
    walk.rest("Data")
    walk.value = f"then {_protocol(following)}"


def read_ipv6_fragment(walk: Outliner) -> None:
    """The header of a fragment (RFC 8200, section 4.5)."""
    walk.number("Next header", 1, _protocol)
    walk.number("Reserved", 1)
    start = walk.position
    split = walk.u16()
    walk.note("Fragment offset", str(split & 0xFFF8), start, start + 2)
    walk.note("More fragments", _yes(split & 1), start + 1, start + 2)
    walk.number("Identification", 4, hexadecimal(8))


def read_udp(walk: Outliner) -> None:
    """A UDP header."""
    source = walk.number("Source port", 2)
    destination = walk.number("Destination port", 2)
    walk.number("Length", 2)
    walk.number("Checksum", 2, hexadecimal(4))
    walk.value = f"{source} → {destination}"


def read_icmp(walk: Outliner, *, version6: bool) -> None:
    """The eight bytes with which an ICMP message begins."""
    types = _ICMPV6_TYPES if version6 else _ICMP_TYPES
    codes = UNREACHABLE_V6 if version6 else UNREACHABLE
    unreachable = 1 if version6 else 3
    kind = walk.number("Type", 1, lambda number: _named(types, number))
    names = codes if kind == unreachable else {}
    code = walk.number("Code", 1, lambda number: _named(names, number))
    walk.number("Checksum", 2, hexadecimal(4))
    walk.octets("Rest of header", 4)
    walk.value = names.get(code, types.get(kind, f"type {kind}"))


def _named(names: dict[int, str], number: int) -> str:
    return f"{names[number]} ({number})" if number in names else str(number)


def _yes(truth: int) -> str:
    return "yes" if truth else "no"


HEADERS: dict[int, tuple[str, Reader]] = {
    Layer.IPV4: ("IPv4", read_ipv4),
    Layer.IPV4_IN_IP: ("IPv4", read_ipv4),
    Layer.IPV6: ("IPv6", read_ipv6),
    Layer.HOP_BY_HOP: ("IPv6 hop-by-hop options", _extension),
    Layer.ROUTING: ("IPv6 routing header", _extension),
    Layer.DESTINATION_OPTIONS: ("IPv6 destination options", _extension),
    Layer.MOBILITY: ("IPv6 mobility header", _extension),
    Layer.AUTHENTICATION: ("Authentication header", _extension),
    Layer.IPV6_FRAGMENT: ("IPv6 fragment header", read_ipv6_fragment),
    Layer.UDP: ("UDP", read_udp),
}
"""By layer: a name, and what reads its fields."""
