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


def geneve(octets: Octets, at: Places, _end: Places) -> Peeled:
    """RFC 8926: eight octets and options in units of four."""
    options = (octets.u8(at) & 0x3F).astype(np.int64) * 4
    return octets.u16(at, 2), at + 8 + options


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
