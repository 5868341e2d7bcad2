"""Link-layer headers, each for many packets at once.

A peeler is given the places of its header in a buffer and the places where the packets end, and
answers with the layer and the place of the next header. It need not look whether a header is
whole: :func:`capfpcap.capture.headers.unwrap.unwrap` refuses places behind the end.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from capfpcap.capture.headers.layers import VLAN_TAGS, Layer
from capfpcap.capture.octets import Octets, Places

Layers = npt.NDArray[np.uint16]
Peeled = tuple[Layers, Places]

FIRST_ETHERTYPE = 0x0600
"""Smaller values of an Ethernet type field are lengths of an LLC frame (IEEE 802.3, 3.2.6)."""
SLL_802_3 = 0x0001
SLL_LLC = 0x0004
"""Values of a Linux cooked protocol field that are no EtherTypes (LINKTYPE_LINUX_SLL)."""


def same(places: Places, layer: int) -> Layers:
    """One layer for all places."""
    return np.full(len(places), layer, np.uint16)


def by_ethertype(types: Layers) -> Layers:
    """EtherTypes as layers; lengths as LLC."""
    return np.where(types < FIRST_ETHERTYPE, np.uint16(Layer.LLC), types)


def ethernet(octets: Octets, at: Places, _end: Places) -> Peeled:
    """Two addresses and a type or length."""
    return by_ethertype(octets.u16(at, 12)), at + 14


def vlan(octets: Octets, at: Places, _end: Places) -> Peeled:
    """Tag control information and the next type (IEEE 802.1Q)."""
    return by_ethertype(octets.u16(at, 2)), at + 4


def openbsd_enc(octets: Octets, at: Places, end: Places) -> Peeled:
    """What IPsec undid: 12 octets on the association, then an IP packet (LINKTYPE_ENC)."""
    return raw_ip(octets, at + 12, end)


def _cooked(types: Layers) -> Layers:
    """The protocol field of a Linux cooked header as layers."""
    layers = np.where(types < FIRST_ETHERTYPE, np.uint16(Layer.OTHER), types)
    layers[types == SLL_LLC] = Layer.LLC
    return layers


def linux_sll(octets: Octets, at: Places, _end: Places) -> Peeled:
    """16 octets, the last two the protocol (LINKTYPE_LINUX_SLL)."""
    return _cooked(octets.u16(at, 14)), at + 16


def linux_sll2(octets: Octets, at: Places, _end: Places) -> Peeled:
    """20 octets, the first two the protocol (LINKTYPE_LINUX_SLL2)."""
    return _cooked(octets.u16(at)), at + 20


def raw_ip(octets: Octets, at: Places, _end: Places) -> Peeled:
    """No header at all: the version of the IP packet tells which one it is."""
    version = octets.u8(at) >> 4
    layers = same(at, Layer.MALFORMED)
    layers[version == 4] = Layer.IPV4
    layers[version == 6] = Layer.IPV6
    return layers, at


def null(octets: Octets, at: Places, end: Places) -> Peeled:
    """Four octets of an address family whose number and byte order depend on the system.

    AF_INET6 is 10, 24, 28 or 30, so the version of the packet behind it is asked instead.
    """
    return raw_ip(octets, at + 4, end)


def llc(octets: Octets, at: Places, _end: Places) -> Peeled:
    """IEEE 802.2: SNAP with an EtherType (RFC 1042), or the IP service access point."""
    destination, source, control = octets.u8(at), octets.u8(at, 1), octets.u8(at, 2)
    unnumbered = control == 0x03
    snap = (destination == 0xAA) & (source == 0xAA) & unnumbered
    organisation = octets.u32(at, 2) & 0xFFFFFF
    snap &= (organisation == 0) | (organisation == 0x0000F8)
    direct = (destination == 0x06) & (source == 0x06) & unnumbered
    layers = same(at, Layer.OTHER)
    layers[snap] = octets.u16(at[snap], 6)
    layers[direct] = Layer.IPV4
    return layers, at + np.where(snap, 8, 3)


def _ppp_protocol(protocol: Layers) -> Layers:
    """PPP protocol numbers as layers (IANA Point-to-Point Protocol Field Assignments)."""
    layers = np.full(len(protocol), Layer.OTHER, np.uint16)
    layers[protocol == 0x0021] = Layer.IPV4
    layers[protocol == 0x0057] = Layer.IPV6
    layers[protocol == 0x0281] = Layer.MPLS
    return layers


def ppp(octets: Octets, at: Places, _end: Places) -> Peeled:
    """RFC 1661, with the address and control octets of RFC 1662 or without them.

    In place of the address pppd writes a direction, 0 or 1 (LINKTYPE_PPP_PPPD). A protocol
    compressed to one octet is odd (RFC 1661, section 6.5).
    """
    address = octets.u8(at)
    framed = ((address == 0xFF) | (address <= 1)) & (octets.u8(at, 1) == 0x03)
    at = at + np.where(framed, 2, 0)
    first = octets.u8(at)
    short = (first & 1).astype(np.bool_)
    protocol = np.where(short, first.astype(np.uint16), octets.u16(at))
    return _ppp_protocol(protocol), at + np.where(short, 1, 2)


def pppoe(octets: Octets, at: Places, end: Places) -> Peeled:
    """Six octets of a PPPoE session header (RFC 2516), then PPP without framing."""
    layers, after = ppp(octets, at + 6, end)
    layers[octets.u8(at, 1) != 0] = Layer.OTHER
    return layers, after


def cisco_hdlc(octets: Octets, at: Places, _end: Places) -> Peeled:
    """Address, control and an EtherType."""
    return octets.u16(at, 2), at + 4


def cisco_metadata(octets: Octets, at: Places, _end: Places) -> Peeled:
    """Version, length, option, security group tag and the next type: eight octets."""
    return octets.u16(at, 6), at + 8


def vn_tag(octets: Octets, at: Places, _end: Places) -> Peeled:
    """Four octets of virtual interfaces, then the next type."""
    return by_ethertype(octets.u16(at, 4)), at + 6


def backbone_service(_octets: Octets, at: Places, _end: Places) -> Peeled:
    """The service tag of IEEE 802.1ah, four octets, then a frame of its own."""
    return same(at, Layer.ETHERNET), at + 4


ETHERTYPES_BEHIND_LABELS = (Layer.IPV4, Layer.IPV6, *VLAN_TAGS)


def mpls(octets: Octets, at: Places, end: Places) -> Peeled:
    """One label stack entry (RFC 3032).

    Behind the last label nothing names the packet: an IP version, or an Ethernet frame of a
    pseudowire, with a control word before it, which begins with a zero nibble (RFC 4385), or
    without one (RFC 4448).
    """
    last = (octets.u8(at, 2) & 1).astype(np.bool_)
    nibble = octets.u8(at, 4) >> 4
    layers = same(at, Layer.MPLS)
    layers[last] = Layer.OTHER
    layers[last & (nibble == 4)] = Layer.IPV4
    layers[last & (nibble == 6)] = Layer.IPV6
    controlled = last & (nibble == 0)
    layers[controlled] = Layer.ETHERNET
    bare = last & _frame_behind_label(octets, at, end)
    layers[bare] = Layer.ETHERNET
    return layers, at + np.where(controlled & ~bare, 8, 4)


def _frame_behind_label(octets: Octets, at: Places, end: Places) -> npt.NDArray[np.bool_]:
    """Whether an Ethernet frame stands right behind a label, to judge by its addresses and type.

    The addresses are single hosts', and read as IP or as a control word nothing would fit.
    """
    nibble, rest = octets.u8(at, 4) >> 4, end - at - 4
    packet = (nibble == 4) & (octets.u8(at, 4) & 0x0F >= 5) & (octets.u16(at, 6) <= rest)
    packet |= (nibble == 6) & (octets.u16(at, 8).astype(np.int64) + 40 <= rest)
    packet |= (nibble == 0) & np.isin(octets.u16(at, 20), ETHERTYPES_BEHIND_LABELS)
    fits = np.isin(octets.u16(at, 16), ETHERTYPES_BEHIND_LABELS) & (rest >= 14)
    fits &= (octets.u8(at, 4) & 1 == 0) & (octets.u8(at, 10) & 1 == 0)
    frame: npt.NDArray[np.bool_] = fits & ~packet
    return frame
