"""Unwraps packets, all of a window at once, down to their transport header.

Every packet stands at some header. In each round the packets that stand at headers of one kind take
one step together, so that the usual frame costs a few array operations a header for the whole
window, and a packet in four tunnels takes the same way, only longer.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from capfpcap.capture.headers import linklayer, network, tunnels
from capfpcap.capture.headers.layers import MAX_LAYERS, VLAN_TAGS, Layer
from capfpcap.capture.headers.packets import Packets
from capfpcap.capture.octets import Octets, Places

Peeler = Callable[[Octets, Places, Places], linklayer.Peeled]

PEELERS: dict[int, Peeler] = {
    Layer.ETHERNET: linklayer.ethernet,
    Layer.LINUX_SLL: linklayer.linux_sll,
    Layer.LINUX_SLL2: linklayer.linux_sll2,
    Layer.RAW_IP: linklayer.raw_ip,
    Layer.NULL: linklayer.null,
    Layer.OPENBSD_ENC: linklayer.openbsd_enc,
    Layer.LLC: linklayer.llc,
    Layer.PPP: linklayer.ppp,
    Layer.PPPOE: linklayer.pppoe,
    Layer.CISCO_HDLC: linklayer.cisco_hdlc,
    Layer.CISCO_METADATA: linklayer.cisco_metadata,
    Layer.VN_TAG: linklayer.vn_tag,
    Layer.BACKBONE_SERVICE: linklayer.backbone_service,
    Layer.MPLS: linklayer.mpls,
    Layer.MPLS_UPSTREAM: linklayer.mpls,
    Layer.IPV4: network.ipv4,
    Layer.IPV6: network.ipv6,
    Layer.HOP_BY_HOP: network.extension,
    Layer.ROUTING: network.extension,
    Layer.DESTINATION_OPTIONS: network.extension,
    Layer.MOBILITY: network.extension,
    Layer.AUTHENTICATION: network.authentication,
    Layer.IPV6_FRAGMENT: network.ipv6_fragment,
    Layer.GRE: tunnels.gre,
    Layer.ERSPAN: tunnels.erspan,
    Layer.ERSPAN_III: tunnels.erspan_iii,
    Layer.VXLAN: tunnels.vxlan,
    Layer.VXLAN_GPE: tunnels.vxlan_gpe,
    Layer.GENEVE: tunnels.geneve,
    Layer.TZSP: tunnels.tzsp,
    Layer.GTP_U: tunnels.gtp_u,
    Layer.L2TP: tunnels.l2tp,
    Layer.TRANSPARENT_ETHERNET: tunnels.frame,
    Layer.ETHERNET_IN_IP: tunnels.ethernet_in_ip,
    Layer.ETHERNET_BEHIND_IP: tunnels.frame,
    Layer.IPV4_IN_IP: tunnels.ipv4_here,
    Layer.IPV6_IN_IP: tunnels.ipv6_here,
    Layer.PPP_IN_GRE: tunnels.ppp_here,
    **dict.fromkeys(VLAN_TAGS, linklayer.vlan),
}

_HAS_PEELER = np.zeros(1 << 16, np.bool_)
_HAS_PEELER[list(PEELERS)] = True


def unwrap(octets: Octets, packets: Packets) -> None:
    """Moves every packet on until no peeler knows the header that it stands at.

    A packet too deeply nested is left where it stands after :data:`MAX_LAYERS` headers.
    """
    rows: npt.NDArray[np.intp] | None = None
    for _ in range(MAX_LAYERS):
        layers = packets.layer if rows is None else packets.layer[rows]
        unfinished = _HAS_PEELER[layers]
        if not unfinished.all():
            chosen = np.flatnonzero(unfinished)
            rows = chosen if rows is None else rows[chosen]
            layers = layers[chosen]
        if len(layers) == 0:
            return
        for layer in np.flatnonzero(np.bincount(layers)).tolist():
            same = layers == layer
            everyone = rows is None and bool(same.all())
            group = np.flatnonzero(same) if rows is None else rows[same]
            _step(octets, packets, layer, slice(None) if everyone else group)


def _step(octets: Octets, packets: Packets, layer: int, rows: slice | npt.NDArray[np.intp]) -> None:
    """One step of the packets ``rows``, which all stand at a header of the same kind."""
    at, end = packets.at[rows], packets.end[rows]
    layers, after = PEELERS[layer](octets, at, end)
    layers[after > end] = Layer.TRUNCATED
    if layer in (Layer.IPV4, Layer.IPV6):
        packets.network_at[rows] = at
    elif layer == Layer.ETHERNET:
        packets.ethernet_at[rows] = at
    packets.layer[rows] = layers
    packets.at[rows] = np.minimum(after, end)
