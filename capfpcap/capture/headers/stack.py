"""The headers of one packet, one inside the other, as the unwrapping of many packets finds them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from capfpcap.capture.headers import linktypes
from capfpcap.capture.headers.layers import MAX_LAYERS, Layer
from capfpcap.capture.headers.packets import Packets
from capfpcap.capture.headers.udp_tunnels import UDP_HEADER, UDP_TUNNELS, follow_udp_tunnels
from capfpcap.capture.headers.unwrap import PEELERS
from capfpcap.capture.octets import Octets


class Header(NamedTuple):
    """One header of a packet."""

    layer: int
    """A :class:`Layer`, or another EtherType or IP protocol number that nothing unwraps."""
    at: int
    end: int
    """Behind it; of the innermost one behind all that was captured."""


def header_stack(data: bytes, link_type: int) -> list[Header]:
    """The headers of a packet that begins with the header of a link type, from the outermost on.

    The last one is what unwrapping ends at, such as :attr:`Layer.TCP` or :attr:`Layer.FRAGMENT`.
    """
    return _stack(data, linktypes.FIRST_LAYERS.get(link_type, Layer.UNSUPPORTED))


def quoted_stack(data: bytes) -> list[Header]:
    """The same of a packet that begins with its IP header, as ICMP errors quote them."""
    return _stack(data, Layer.RAW_IP)


def _stack(data: bytes, layer: int) -> list[Header]:
    octets, found, at = Octets.over(data), list[Header](), 0
    end = np.array([len(data)], np.int64)
    while len(found) < MAX_LAYERS:
        peeler = PEELERS.get(layer)
        if peeler is None and layer == Layer.UDP and _leads_on(octets, at, len(data)):
            found.append(Header(layer, at, at + UDP_HEADER))
            port = int(octets.u16(np.array([at]), 2)[0])
            layer, at = UDP_TUNNELS[port], at + UDP_HEADER
            continue
        if peeler is None:
            break
        layers, after = peeler(octets, np.array([at], np.int64), end)
        behind = int(after[0])
        if behind > len(data):
            layers[0], behind = Layer.TRUNCATED, len(data)
        if behind > at:
            found.append(Header(layer, at, behind))
        layer, at = int(layers[0]), behind
    found.append(Header(layer, at, len(data)))
    return found


def _leads_on(octets: Octets, at: int, end: int) -> bool:
    """Whether a UDP header is that of a tunnel which holds an IP packet."""
    place = np.array([at], np.int64)
    packet = Packets.standing_at(
        np.array([0]), np.array([Layer.UDP], np.uint16), place, np.array([end], np.int64)
    )
    follow_udp_tunnels(octets, packet)
    return int(packet.at[0]) != at
