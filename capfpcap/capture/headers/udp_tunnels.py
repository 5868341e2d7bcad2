"""Tunnels that are told by their UDP port."""

from __future__ import annotations

import numpy as np

from capfpcap.capture.headers.layers import Layer
from capfpcap.capture.headers.packets import Packets
from capfpcap.capture.headers.unwrap import unwrap
from capfpcap.capture.octets import Octets

MAX_UDP_TUNNELS = 4
"""Tunnels over UDP that are followed in one packet, one inside the other."""
UDP_TUNNELS = {4789: Layer.VXLAN, 8472: Layer.VXLAN, 6081: Layer.GENEVE}
"""Destination ports of VXLAN (RFC 7348, and Linux before it) and Geneve (RFC 8926)."""
UDP_HEADER = 8
FOUND = (Layer.ICMP, Layer.TCP, Layer.UDP, Layer.ICMPV6, Layer.FRAGMENT)
"""Where unwrapping must lead: any client may happen to use a tunnel's port as its own."""

_IS_TUNNEL = np.zeros(1 << 16, np.bool_)
_IS_TUNNEL[list(UDP_TUNNELS)] = True


def follow_udp_tunnels(octets: Octets, packets: Packets) -> None:
    """Moves the packets on that go to the port of a tunnel and hold an IP packet there."""
    rows = np.flatnonzero(packets.layer == Layer.UDP)
    for _ in range(MAX_UDP_TUNNELS):
        rows = rows[packets.end[rows] - packets.at[rows] >= UDP_HEADER]
        ports = octets.u16(packets.at[rows], 2)
        tunnelled = _IS_TUNNEL[ports]
        if not tunnelled.any():
            return
        rows, ports = rows[tunnelled], ports[tunnelled]
        inner = packets.take(rows)
        for port, layer in UDP_TUNNELS.items():
            inner.layer[ports == port] = layer
        inner.at += UDP_HEADER
        unwrap(octets, inner)
        found = np.isin(inner.layer, FOUND)
        packets.put(rows[found], inner.take(found))
        rows = rows[inner.layer == Layer.UDP]
