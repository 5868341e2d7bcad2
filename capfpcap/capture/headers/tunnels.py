"""Packets inside packets; peelers as in :mod:`capfpcap.capture.headers.linklayer`."""

from __future__ import annotations

import numpy as np

from capfpcap.capture.headers.layers import Layer
from capfpcap.capture.headers.linklayer import FIRST_ETHERTYPE, Peeled, raw_ip, same
from capfpcap.capture.octets import Octets, Places

GRE_CHECKSUM = 0x80
GRE_ROUTING = 0x40
GRE_KEY = 0x20
GRE_SEQUENCE = 0x10
GRE_ACKNOWLEDGEMENT = 0x80
"""Flag of the second octet, in the GRE of PPTP only (RFC 2637)."""


def gre(octets: Octets, at: Places, _end: Places) -> Peeled:
    """RFC 2784, 2890 and 2637; ERSPAN type I is GRE without sequence number or own header."""
    flags, version = octets.u8(at), octets.u8(at, 1)
    length = np.full(len(at), 4, np.int64)
    length += np.where(flags & (GRE_CHECKSUM | GRE_ROUTING), 4, 0)
    for flag in (GRE_KEY, GRE_SEQUENCE):
        length += np.where(flags & flag, 4, 0)
    pptp = (version & 7) == 1
    length += np.where(pptp & ((version & GRE_ACKNOWLEDGEMENT) != 0), 4, 0)
    layers = octets.u16(at, 2)
    layers[layers < FIRST_ETHERTYPE] = Layer.OTHER
    layers[(layers == Layer.ERSPAN) & (flags & GRE_SEQUENCE == 0)] = Layer.ETHERNET
    layers[flags & GRE_ROUTING != 0] = Layer.OTHER
    return layers, at + length


def erspan(_octets: Octets, at: Places, _end: Places) -> Peeled:
    """Type II: eight octets before the mirrored frame (draft-foschiano-erspan)."""
    return same(at, Layer.ETHERNET), at + 8


ERSPAN_IP = 2
"""Value of the frame type field: what is mirrored has lost its Ethernet header."""


def erspan_iii(octets: Octets, at: Places, end: Places) -> Peeled:
    """Type III: twelve octets, eight more where the O bit announces a platform's own."""
    optional = (octets.u8(at, 11) & 1) != 0
    after = at + np.where(optional, 20, 12)
    layers = same(at, Layer.ETHERNET)
    direct = octets.u8(at, 10) >> 2 & 0x1F == ERSPAN_IP
    layers[direct] = raw_ip(octets, np.minimum(after, end)[direct], end[direct])[0]
    return layers, after


def vxlan(octets: Octets, at: Places, _end: Places) -> Peeled:
    """RFC 7348: eight octets, of which the I flag must be set."""
    layers = same(at, Layer.OTHER)
    layers[(octets.u8(at) & 0x08) != 0] = Layer.ETHERNET
    return layers, at + 8


VXLAN_GPE_NEXT = {1: Layer.IPV4, 2: Layer.IPV6, 3: Layer.ETHERNET}


def vxlan_gpe(octets: Octets, at: Places, _end: Places) -> Peeled:
    """As VXLAN, with the number of the next protocol (draft-ietf-nvo3-vxlan-gpe)."""
    flags, protocol = octets.u8(at), octets.u8(at, 3)
    layers = same(at, Layer.OTHER)
    for number, layer in VXLAN_GPE_NEXT.items():
        layers[(flags & 0x0C == 0x0C) & (protocol == number)] = layer
    return layers, at + 8


def geneve(octets: Octets, at: Places, _end: Places) -> Peeled:
    """RFC 8926: eight octets and options in units of four."""
    options = (octets.u8(at) & 0x3F).astype(np.int64) * 4
    return octets.u16(at, 2), at + 8 + options


TZSP_ETHERNET = 1
TZSP_PADDING, TZSP_END = 0, 1
"""Tags without a length."""
MAX_TZSP_TAGS = 16
"""Tags before a packet, of which ten kinds are known."""


def tzsp(octets: Octets, at: Places, end: Places) -> Peeled:
    """TaZmen Sniffer Protocol: version, type and what is carried, then tags up to the last one."""
    known = (octets.u8(at) == 1) & (octets.u8(at, 1) <= 1) & (octets.u16(at, 2) == TZSP_ETHERNET)
    place, ended = at + 4, np.zeros(len(at), np.bool_)
    for _ in range(MAX_TZSP_TAGS):
        tag = octets.u8(np.minimum(place, end))
        single = (tag == TZSP_PADDING) | (tag == TZSP_END)
        length = np.where(single, 1, 2 + octets.u8(np.minimum(place, end), 1).astype(np.int64))
        place = np.where(ended, place, place + length)
        ended |= tag == TZSP_END
    return np.where(known & ended, np.uint16(Layer.ETHERNET), np.uint16(Layer.OTHER)), place


GTP_PACKET = 0xFF
"""Type of the message that holds a user's packet (3GPP TS 29.281, section 6.1)."""
GTP_EXTENDED = 0x04
GTP_OPTIONAL = 0x07
MAX_GTP_EXTENSIONS = 8


def gtp_u(octets: Octets, at: Places, end: Places) -> Peeled:
    """3GPP TS 29.281: eight octets, four more with any of three flags, extension headers."""
    flags = octets.u8(at)
    known = (flags >> 4 == 3) & (octets.u8(at, 1) == GTP_PACKET)
    after = at + np.where(flags & GTP_OPTIONAL, 12, 8)
    extended = (flags & GTP_EXTENDED != 0) & (octets.u8(at, 11) != 0)
    for _ in range(MAX_GTP_EXTENSIONS):
        here = np.minimum(after, end)
        after = np.where(extended, after + octets.u8(here).astype(np.int64) * 4, after)
        extended &= (octets.u8(np.minimum(after, end) - 1) != 0) & (after > here)
    layers = raw_ip(octets, np.minimum(after, end), end)[0]
    layers[~known | extended] = Layer.OTHER
    return layers, after


L2TP_CONTROL, L2TP_LENGTH, L2TP_SEQUENCE, L2TP_OFFSET = 0x8000, 0x4000, 0x0800, 0x0200


def l2tp(octets: Octets, at: Places, end: Places) -> Peeled:
    """RFC 2661: a data message holds a PPP frame."""
    flags = octets.u16(at)
    length = np.full(len(at), 6, np.int64)
    length += np.where(flags & L2TP_LENGTH, 2, 0) + np.where(flags & L2TP_SEQUENCE, 4, 0)
    offset = octets.u16(np.minimum(at + length, end)).astype(np.int64)
    length += np.where(flags & L2TP_OFFSET, 2 + offset, 0)
    layers = same(at, Layer.PPP)
    layers[(flags & L2TP_CONTROL != 0) | (flags & 0xF != 2)] = Layer.OTHER
    return layers, at + length


def frame(octets: Octets, at: Places, _end: Places) -> Peeled:
    """A whole Ethernet frame that begins here."""
    del octets
    return same(at, Layer.ETHERNET), at


def ethernet_in_ip(_octets: Octets, at: Places, _end: Places) -> Peeled:
    """RFC 3378: two octets before the frame."""
    return same(at, Layer.ETHERNET), at + 2


def ipv4_here(_octets: Octets, at: Places, _end: Places) -> Peeled:
    """An IPv4 packet right behind an IP header (RFC 2003)."""
    return same(at, Layer.IPV4), at


def ipv6_here(_octets: Octets, at: Places, _end: Places) -> Peeled:
    """An IPv6 packet right behind an IP header (RFC 4213)."""
    return same(at, Layer.IPV6), at


def ppp_here(_octets: Octets, at: Places, _end: Places) -> Peeled:
    """A PPP frame right behind GRE (RFC 2637)."""
    return same(at, Layer.PPP), at
