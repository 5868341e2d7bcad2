"""Address codes of many packets at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from capfpcap.capture.addresses import AddressTable
from capfpcap.capture.octets import BIG_WORD, Octets, Places

Codes = npt.NDArray[np.uint64]
"""Codes of an :class:`capfpcap.capture.addresses.AddressTable`."""

PAIR_IPV4 = np.dtype([("source", BIG_WORD), ("destination", BIG_WORD)])
PAIR_AT_IPV4 = 12
"""Offset of the source address, which the destination address follows, in an IPv4 header."""
PAIR_IPV6 = np.dtype([("source", np.void, 16), ("destination", np.void, 16)])
PAIR_AT_IPV6 = 8
HALVES = np.dtype("<u8")
_MIX = np.uint64(0x9E3779B97F4A7C15)


def endpoints(octets: Octets, network_at: Places, table: AddressTable) -> tuple[Codes, Codes]:
    """Where the packets whose IP headers are at these places come from, and where they go."""
    pairs = octets.headers(network_at + PAIR_AT_IPV4, PAIR_IPV4)
    source = pairs["source"].astype(np.uint64)
    destination = pairs["destination"].astype(np.uint64)
    version6 = np.flatnonzero(octets.u8(network_at) >> 4 == 6)
    if len(version6):
        long = octets.headers(network_at[version6] + PAIR_AT_IPV6, PAIR_IPV6)
        codes = codes_ipv6(np.concatenate([long["source"], long["destination"]]), table)
        source[version6], destination[version6] = np.split(codes, 2)
    return source, destination


def codes_ipv6(packed: npt.NDArray[np.void], table: AddressTable) -> Codes:
    """Codes of the 16 octets of each IPv6 address; each different one is looked up once.

    The addresses are told apart by a mixed number. Where that takes two for one, which only
    addresses chosen to that end can bring about, all are looked up one by one.
    """
    halves = packed.view(HALVES).reshape(-1, 2)
    mixed = (halves[:, 0] * _MIX) ^ halves[:, 1]
    _, first, inverse = np.unique(mixed, return_index=True, return_inverse=True)
    if (halves[first][inverse] != halves).any():
        return np.array([table.code_ipv6(one.tobytes()) for one in packed], np.uint64)
    codes = np.empty(len(first), np.uint64)
    for place in np.argsort(first).tolist():
        codes[place] = table.code_ipv6(packed[first[place]].tobytes())
    return codes[inverse]
