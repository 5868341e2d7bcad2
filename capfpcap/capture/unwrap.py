"""Unwraps packets, all of a window at once, down to their transport header.

Every packet stands at some header. In each round the packets that stand at headers of one kind take
one step together, so that the usual frame costs a few array operations a header for the whole
window, and a packet in four tunnels takes the same way, only longer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from capfpcap.capture import linklayer, network, tunnels
from capfpcap.capture.layers import MAX_LAYERS, VLAN_TAGS, Layer
from capfpcap.capture.octets import Octets, Places

NOWHERE = -1
"""A place that a packet does not have."""

Peeler = Callable[[Octets, Places, Places], linklayer.Peeled]

PEELERS: dict[int, Peeler] = {
    Layer.ETHERNET: linklayer.ethernet,
    Layer.LINUX_SLL: linklayer.linux_sll,
    Layer.LINUX_SLL2: linklayer.linux_sll2,
    Layer.RAW_IP: linklayer.raw_ip,
    Layer.NULL: linklayer.null,
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
    Layer.GENEVE: tunnels.geneve,
    Layer.TRANSPARENT_ETHERNET: tunnels.frame,
    Layer.ETHERNET_IN_IP: tunnels.ethernet_in_ip,
    Layer.IPV4_IN_IP: tunnels.ipv4_here,
    Layer.IPV6_IN_IP: tunnels.ipv6_here,
    Layer.PPP_IN_GRE: tunnels.ppp_here,
    **dict.fromkeys(VLAN_TAGS, linklayer.vlan),
}

_HAS_PEELER = np.zeros(1 << 16, np.bool_)
_HAS_PEELER[list(PEELERS)] = True


@dataclass(slots=True)
class Packets:
    """Where the packets of one buffer stand; every array has one entry a packet.

    All places are offsets into the buffer. ``record`` is the packet's index in its window, so that
    a packet found inside another, or put together from several, still knows its frame.
    """

    record: Places
    layer: npt.NDArray[np.uint16]
    at: Places
    end: Places
    """Behind the last captured octet."""
    network_at: Places
    """The innermost IP header met, or :data:`NOWHERE`."""
    ethernet_at: Places
    """The innermost Ethernet header met, or :data:`NOWHERE`."""

    @staticmethod
    def standing_at(
        record: Places, layer: npt.NDArray[np.uint16], at: Places, end: Places
    ) -> Packets:
        """Packets whose first header is at ``at``, of the kind ``layer`` says."""
        nowhere = np.full(len(at), NOWHERE, np.int64)
        return Packets(record, layer, at, end, nowhere, nowhere.copy())

    def __len__(self) -> int:
        return len(self.at)

    def take(self, rows: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> Packets:
        """The packets named by indices or by a mask, as copies."""
        return Packets(
            self.record[rows],
            self.layer[rows],
            self.at[rows],
            self.end[rows],
            self.network_at[rows],
            self.ethernet_at[rows],
        )

    def put(self, rows: npt.NDArray[np.intp], packets: Packets) -> None:
        """Overwrites the packets named by indices with others, in their order."""
        self.layer[rows] = packets.layer
        self.at[rows] = packets.at
        self.network_at[rows] = packets.network_at
        self.ethernet_at[rows] = packets.ethernet_at

    @staticmethod
    def concatenate(first: Packets, second: Packets) -> Packets:
        """The packets of both, in the order of their records."""
        record = np.concatenate([first.record, second.record])
        both = Packets(
            record,
            np.concatenate([first.layer, second.layer]),
            np.concatenate([first.at, second.at]),
            np.concatenate([first.end, second.end]),
            np.concatenate([first.network_at, second.network_at]),
            np.concatenate([first.ethernet_at, second.ethernet_at]),
        )
        return both.take(np.argsort(record, kind="stable"))


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
