"""Address codes of many packets at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from capfpcap.capture.columns import AddressTable
from capfpcap.capture.octets import Octets, Places
from capfpcap.capture.packets import Packets

Codes = npt.NDArray[np.uint64]
"""Codes of an :class:`capfpcap.capture.columns.AddressTable`."""


def sources(octets: Octets, packets: Packets, rows: Places, table: AddressTable) -> Codes:
    """Where the innermost IP packets of ``rows`` say that they come from."""
    return _codes(octets, packets.network_at[rows], 12, 8, table)


def destinations(octets: Octets, packets: Packets, rows: Places, table: AddressTable) -> Codes:
    """Where the innermost IP packets of ``rows`` are going."""
    return _codes(octets, packets.network_at[rows], 16, 24, table)


def _codes(octets: Octets, at: Places, offset4: int, offset6: int, table: AddressTable) -> Codes:
    """Codes of the addresses at these offsets of IPv4 or IPv6 headers."""
    codes = octets.u32(at, offset4).astype(np.uint64)
    version6 = np.flatnonzero(octets.u8(at) >> 4 == 6)
    if len(version6):
        codes[version6] = [
            table.code_ipv6(octets.bytes(start, start + 16))
            for start in (at[version6] + offset6).tolist()
        ]
    return codes
