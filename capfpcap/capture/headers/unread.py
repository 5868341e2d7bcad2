"""Names the encapsulations in which there may be packets of an enrolment that are not decoded."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from capfpcap.capture.distinct import distinct
from capfpcap.capture.headers.layers import Layer
from capfpcap.capture.headers.packets import Packets
from capfpcap.capture.headers.udp_tunnels import UDP_HEADER, UDP_TUNNELS, Unfollowed
from capfpcap.capture.octets import Octets, Places

Mask = npt.NDArray[np.bool_]


class Unread(Struct, frozen=True):
    """Packets of one kind."""

    name: str
    rows: Places
    encrypted: bool = False


BY_LAYER = {
    Layer.ESP: Unread("IPsec ESP", np.empty(0, np.int64), encrypted=True),
    Layer.L2TP_IN_IP: Unread("L2TPv3", np.empty(0, np.int64)),
}
"""What has an IP protocol number of its own."""
_HAS_NAME = np.zeros(1 << 16, np.bool_)
_HAS_NAME[list(BY_LAYER)] = True


class _Kind(Struct, frozen=True):
    """A tunnel over UDP that is not decoded."""

    name: str
    looks: Callable[[Octets, Places], Mask]
    """Whether what stands behind a UDP header can be of it."""
    encrypted: bool = False


def _capwap(octets: Octets, at: Places) -> Mask:
    """A preamble of 0, a header that is as long as the shortest, and no keep-alive (RFC 5415)."""
    words = octets.u8(at, 1) >> 3
    kept_alive = octets.u8(at, 3) & 0x08 != 0
    fits: Mask = (octets.u8(at) == 0) & (words >= 2) & ~kept_alive
    return fits


def _capwap_encrypted(octets: Octets, at: Places) -> Mask:
    """A preamble of 1 and three reserved octets before DTLS."""
    fits: Mask = octets.u32(at) == 0x01000000
    return fits


def _esp(octets: Octets, at: Places) -> Mask:
    """A security parameter index that is not 0, as it is before IKE (RFC 3948)."""
    fits: Mask = octets.u32(at) > 0xFF
    return fits


def _l2tp(octets: Octets, at: Places) -> Mask:
    """A data message of version 3 with a session (RFC 3931, section 4.1.2.1)."""
    fits: Mask = (octets.u32(at) == 0x00030000) & (octets.u32(at, 4) != 0)
    return fits


def _peekremote(octets: Octets, at: Places) -> Mask:
    fits: Mask = octets.u32(at) == 0x00FFABCD
    return fits


def _tzsp(octets: Octets, at: Places) -> Mask:
    """A packet that is no Ethernet frame: those are decoded."""
    fits: Mask = (octets.u8(at) == 1) & (octets.u8(at, 1) <= 1) & (octets.u16(at, 2) > 1)
    return fits


_KINDS = {
    Layer.CAPWAP: (
        _Kind("CAPWAP (frames of wireless stations)", _capwap),
        _Kind("CAPWAP", _capwap_encrypted, encrypted=True),
    ),
    Layer.ESP_IN_UDP: (_Kind("IPsec ESP", _esp, encrypted=True),),
    Layer.L2TP: (_Kind("L2TPv3", _l2tp),),
    Layer.PEEKREMOTE: (_Kind("Peekremote (frames of wireless stations)", _peekremote),),
    Layer.TZSP: (_Kind("TZSP that holds no Ethernet frames", _tzsp),),
}
SHORTEST = 8
"""Octets behind a UDP header from which on there may be a packet in it."""


def unread_in(octets: Octets, packets: Packets, unfollowed: Unfollowed) -> Iterator[Unread]:
    """What of some packets is of such a kind."""
    named = np.flatnonzero(_HAS_NAME[packets.layer])
    for layer, kind in BY_LAYER.items() if len(named) else ():
        rows = named[packets.layer[named] == layer]
        if len(rows):
            yield Unread(kind.name, rows, kind.encrypted)
    for port in distinct(unfollowed.ports):
        rows = unfollowed.rows[unfollowed.ports == port]
        at = packets.at[rows] + UDP_HEADER
        whole = packets.end[rows] - at >= SHORTEST
        for each in _KINDS.get(UDP_TUNNELS[port], ()):
            found = rows[whole & each.looks(octets, at)]
            if len(found):
                yield Unread(each.name, found, each.encrypted)
