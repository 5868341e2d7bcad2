"""Tunnels that are told by their UDP port."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from capfpcap.capture.headers.layers import Layer
from capfpcap.capture.headers.packets import Packets
from capfpcap.capture.headers.unwrap import unwrap
from capfpcap.capture.octets import Octets, Places

MAX_UDP_TUNNELS = 4
"""Tunnels over UDP that are followed in one packet, one inside the other."""
UDP_TUNNELS = {
    1701: Layer.L2TP,
    2152: Layer.GTP_U,
    4500: Layer.ESP_IN_UDP,
    4789: Layer.VXLAN,
    4790: Layer.VXLAN_GPE,
    5247: Layer.CAPWAP,
    5555: Layer.PEEKREMOTE,
    6081: Layer.GENEVE,
    8472: Layer.VXLAN,
    37008: Layer.TZSP,
}
"""Destination ports (IANA Service Name and Port Number Registry); Linux had 8472 before 4789, and
Cisco's access points stream what they hear to 5555."""
UDP_HEADER = 8
FOUND = (Layer.ICMP, Layer.TCP, Layer.UDP, Layer.ICMPV6, Layer.FRAGMENT)
"""Where unwrapping must lead: any client may happen to use a tunnel's port as its own."""

_IS_TUNNEL = np.zeros(1 << 16, np.bool_)
_IS_TUNNEL[list(UDP_TUNNELS)] = True


class Unfollowed(Struct, frozen=True):
    """Packets to the port of a tunnel in which no IP packet was found; one entry a packet."""

    rows: Places
    ports: npt.NDArray[np.uint16]

    @staticmethod
    def none() -> Unfollowed:
        """As of a window without any."""
        return Unfollowed(np.empty(0, np.int64), np.empty(0, np.uint16))

    def and_also(self, rows: Places, ports: npt.NDArray[np.uint16]) -> Unfollowed:
        """These and others."""
        return Unfollowed(np.concatenate([self.rows, rows]), np.concatenate([self.ports, ports]))


def follow_udp_tunnels(octets: Octets, packets: Packets) -> Unfollowed:
    """Moves the packets on that go to the port of a tunnel and hold an IP packet there.

    Returns those that hold none, or none that is decoded.
    """
    unfollowed = Unfollowed.none()
    rows = np.flatnonzero(packets.layer == Layer.UDP)
    for _ in range(MAX_UDP_TUNNELS):
        rows = rows[packets.end[rows] - packets.at[rows] >= UDP_HEADER]
        ports = octets.u16(packets.at[rows], 2)
        tunnelled = _IS_TUNNEL[ports]
        if not tunnelled.any():
            break
        rows, ports = rows[tunnelled], ports[tunnelled]
        inner = packets.take(rows)
        for port, layer in UDP_TUNNELS.items():
            inner.layer[ports == port] = layer
        inner.at += UDP_HEADER
        unwrap(octets, inner)
        found = np.isin(inner.layer, FOUND)
        packets.put(rows[found], inner.take(found))
        unfollowed = unfollowed.and_also(rows[~found], ports[~found])
        rows = rows[inner.layer == Layer.UDP]
    return unfollowed
