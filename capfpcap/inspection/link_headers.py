"""Link-layer headers, tags and tunnels, field by field."""

from __future__ import annotations

from collections.abc import Callable

from capf_dissectors.outline import Outliner, hexadecimal

from capfpcap.capture.headers.layers import Layer

_ETHERTYPES = {
    Layer.IPV4: "IPv4",
    Layer.IPV6: "IPv6",
    Layer.VLAN: "802.1Q VLAN",
    Layer.SERVICE_VLAN: "802.1ad VLAN",
    Layer.MPLS: "MPLS",
    Layer.PPPOE: "PPPoE session",
    Layer.TRANSPARENT_ETHERNET: "Ethernet",
}
_FIRST_ETHERTYPE = 0x0600
_SLL_TYPES = ("to this host", "broadcast", "multicast", "to another host", "from this host")
Reader = Callable[[Outliner], None]


def mac(address: bytes) -> str:
    """A link-layer address as people write it."""
    return address.hex(":")


def _ethertype(number: int) -> str:
    if number < _FIRST_ETHERTYPE:
        return f"{number} bytes (length)"
    try:
        return f"{_ETHERTYPES[Layer(number)]} (0x{number:04x})"
    except (KeyError, ValueError):
        return f"0x{number:04x}"


def _ethernet(walk: Outliner) -> None:
    destination = walk.octets("Destination", 6, mac)
    source = walk.octets("Source", 6, mac)
    walk.number("Type", 2, _ethertype)
    walk.value = f"{mac(source)} → {mac(destination)}"


def _vlan(walk: Outliner) -> None:
    start = walk.position
    tag = walk.u16()
    walk.note("Priority", str(tag >> 13), start, walk.position)
    walk.note("Drop eligible", "yes" if tag >> 12 & 1 else "no", start, walk.position)
    walk.note("VLAN", str(tag & 0xFFF), start, walk.position)
    walk.number("Type", 2, _ethertype)
    walk.value = f"VLAN {tag & 0xFFF}"


def _cooked(walk: Outliner) -> None:
    walk.number("Packet type", 2, _packet_type)
    walk.number("Device type", 2)
    length = walk.number("Address length", 2)
    address = walk.octets("Address", 8, lambda data: mac(data[: min(length, 8)]))
    walk.number("Protocol", 2, _ethertype)
    walk.value = mac(address[: min(length, 8)])


def _cooked_2(walk: Outliner) -> None:
    walk.number("Protocol", 2, _ethertype)
    walk.octets("Reserved", 2)
    walk.number("Interface", 4)
    walk.number("Device type", 2)
    walk.number("Packet type", 1, _packet_type)
    length = walk.number("Address length", 1)
    address = walk.octets("Address", 8, lambda data: mac(data[: min(length, 8)]))
    walk.value = mac(address[: min(length, 8)])


def _packet_type(number: int) -> str:
    name = _SLL_TYPES[number] if number < len(_SLL_TYPES) else "unknown"
    return f"{name} ({number})"


def _mpls(walk: Outliner) -> None:
    start = walk.position
    entry = int.from_bytes(walk.take(4), "big")
    walk.note("Label", str(entry >> 12), start, start + 3)
    walk.note("Traffic class", str(entry >> 9 & 7), start + 2, start + 3)
    walk.note("Bottom of stack", "yes" if entry >> 8 & 1 else "no", start + 2, start + 3)
    walk.note("Time to live", str(entry & 0xFF), start + 3, start + 4)
    walk.value = f"label {entry >> 12}"


def _pppoe(walk: Outliner) -> None:
    walk.number("Version and type", 1, hexadecimal(2))
    walk.number("Code", 1, hexadecimal(2))
    session = walk.number("Session", 2, hexadecimal(4))
    walk.number("Length", 2)
    walk.number("Protocol", walk.left, hexadecimal(4))
    walk.value = f"session 0x{session:04x}"


def _vxlan(walk: Outliner) -> None:
    walk.number("Flags", 1, hexadecimal(2))
    walk.octets("Reserved", 3)
    network = walk.number("Network identifier", 3)
    walk.octets("Reserved", 1)
    walk.value = f"network {network}"


def _gre(walk: Outliner) -> None:
    walk.number("Flags and version", 2, hexadecimal(4))
    walk.number("Protocol", 2, _ethertype)
    walk.rest("Optional fields")


def _ends_with_type(walk: Outliner) -> None:
    walk.octets("Header", max(walk.left - 2, 0))
    walk.number("Type", 2, _ethertype)


def _loopback(walk: Outliner) -> None:
    walk.rest("Address family")


def _opaque(walk: Outliner) -> None:
    walk.rest("Header")


HEADERS: dict[int, tuple[str, Reader]] = {
    Layer.ETHERNET: ("Ethernet", _ethernet),
    Layer.VLAN: ("802.1Q VLAN tag", _vlan),
    Layer.SERVICE_VLAN: ("802.1ad VLAN tag", _vlan),
    Layer.LEGACY_VLAN: ("VLAN tag", _vlan),
    Layer.LINUX_SLL: ("Linux cooked capture", _cooked),
    Layer.LINUX_SLL2: ("Linux cooked capture v2", _cooked_2),
    Layer.NULL: ("BSD loopback", _loopback),
    Layer.OPENBSD_ENC: ("OpenBSD encapsulation", _opaque),
    Layer.LLC: ("LLC", _opaque),
    Layer.PPP: ("PPP", _opaque),
    Layer.PPPOE: ("PPPoE", _pppoe),
    Layer.CISCO_HDLC: ("Cisco HDLC", _ends_with_type),
    Layer.CISCO_METADATA: ("Cisco MetaData", _ends_with_type),
    Layer.VN_TAG: ("VN-Tag", _ends_with_type),
    Layer.BACKBONE_SERVICE: ("802.1ah service tag", _opaque),
    Layer.MPLS: ("MPLS", _mpls),
    Layer.MPLS_UPSTREAM: ("MPLS", _mpls),
    Layer.GRE: ("GRE", _gre),
    Layer.ERSPAN: ("ERSPAN", _opaque),
    Layer.ERSPAN_III: ("ERSPAN type III", _opaque),
    Layer.VXLAN: ("VXLAN", _vxlan),
    Layer.GENEVE: ("Geneve", _opaque),
    Layer.ETHERNET_IN_IP: ("Ethernet in IP", _opaque),
}
"""What unwrapping steps over below and between IP headers: a name, and what reads its fields."""
