"""IP headers, each for many packets at once; peelers as in :mod:`.linklayer`."""

from __future__ import annotations

import numpy as np

from capfpcap.capture.headers.layers import Layer
from capfpcap.capture.headers.linklayer import Peeled
from capfpcap.capture.headers.packets import Packets
from capfpcap.capture.octets import Octets, Places

IPV4_HEADER = 20
IPV6_HEADER = 40


def ipv4(octets: Octets, at: Places, _end: Places) -> Peeled:
    """RFC 791; options are stepped over, a fragment ends the walk."""
    first = octets.u8(at)
    header = (first & 0x0F).astype(np.int64) * 4
    layers = octets.u8(at, 9).astype(np.uint16)
    split = ((octets.u8(at, 6) & 0x3F) | octets.u8(at, 7)) != 0
    layers[split] = Layer.FRAGMENT
    layers[(first >> 4 != 4) | (header < IPV4_HEADER)] = Layer.MALFORMED
    return layers, at + header


def ipv6(octets: Octets, at: Places, _end: Places) -> Peeled:
    """RFC 8200."""
    layers = octets.u8(at, 6).astype(np.uint16)
    layers[octets.u8(at) >> 4 != 6] = Layer.MALFORMED
    return layers, at + IPV6_HEADER


def extension(octets: Octets, at: Places, _end: Places) -> Peeled:
    """An IPv6 extension header with its length in units of eight octets (RFC 6564)."""
    length = (octets.u8(at, 1).astype(np.int64) + 1) * 8
    return octets.u8(at).astype(np.uint16), at + length


def authentication(octets: Octets, at: Places, _end: Places) -> Peeled:
    """RFC 4302: the length is in units of four octets, less two."""
    length = (octets.u8(at, 1).astype(np.int64) + 2) * 4
    return octets.u8(at).astype(np.uint16), at + length


def ipv6_fragment(octets: Octets, at: Places, _end: Places) -> Peeled:
    """RFC 8200, section 4.5; an atomic fragment (RFC 6946) is a whole packet.

    The place of a real fragment stays at its fragment header.
    """
    split = (octets.u16(at, 2) & 0xFFF9) != 0
    layers = np.where(split, np.uint16(Layer.FRAGMENT), octets.u8(at))
    return layers.astype(np.uint16), np.where(split, at, at + 8)


def open_first_fragments(octets: Octets, packets: Packets) -> None:
    """Lets the fragments that begin a datagram stand at the header which they begin with.

    For packets that an ICMP error quotes: of these nothing more will come.
    """
    split = np.flatnonzero(packets.layer == Layer.FRAGMENT)
    at, network_at = packets.at[split], packets.network_at[split]
    version6 = octets.u8(network_at) >> 4 == 6
    offset = np.where(version6, octets.u16(at, 2) & 0xFFF8, octets.u16(network_at, 6) & 0x1FFF)
    first = (offset == 0) & (at + np.where(version6, 8, 0) <= packets.end[split])
    protocol = np.where(version6, octets.u8(at), octets.u8(network_at, 9))
    packets.layer[split[first]] = protocol[first]
    packets.at[split[first]] += np.where(version6, 8, 0)[first]
