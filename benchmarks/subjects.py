"""The values of a group of phones, drawn from a seeded generator."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from benchmarks.templates import Octets, Quantity, Values, number_octets

CISCO_OUI = 0x2C3124
"""Registered to Cisco Systems (IEEE MA-L)."""
MAC_MULTIPLIER = 40_503
"""Odd, so that every index below 2**24 gets another MAC address."""
PEER_OFFSET = 500_000
MOST_SUBJECTS = 1_000_000
"""Addresses that 10.100-199.100-199.100-199 has."""
EPHEMERAL_PORTS = (49_152, 60_000)
TRANSFER_PORTS = (32_768, 49_000)
_HEXADECIMAL = np.frombuffer(b"0123456789ABCDEF", np.uint8)


def draw_values(
    indices: npt.NDArray[np.int64], opaque: int, generator: np.random.Generator
) -> Values:
    """The values of the subjects with these indices, with ``opaque`` random octets for each."""
    count = len(indices)
    mac = number_octets((CISCO_OUI << 24) + indices * MAC_MULTIPLIER % (1 << 24), 6)
    address = _addresses(indices)
    peer = _addresses((indices + PEER_OFFSET) % MOST_SUBJECTS)
    noise = np.frombuffer(generator.bytes(count * opaque), np.uint8).reshape(count, opaque)

    def numbers(low: int, high: int) -> npt.NDArray[np.int64]:
        return generator.integers(low, high, count)

    return Values(
        count,
        {
            Quantity.MAC: mac,
            Quantity.DEVICE: _hexadecimal(mac),
            Quantity.ADDRESS: address,
            Quantity.ADDRESS_TEXT: _dotted(address),
            Quantity.PEER_ADDRESS: peer,
            Quantity.PEER_ADDRESS_TEXT: _dotted(peer),
            Quantity.OPAQUE: noise,
            Quantity.CLIENT_PORT: numbers(*EPHEMERAL_PORTS),
            Quantity.TRANSFER_PORT: numbers(*TRANSFER_PORTS),
            Quantity.CLIENT_SEQUENCE: numbers(0, 1 << 32),
            Quantity.SERVER_SEQUENCE: numbers(0, 1 << 32),
            Quantity.CLIENT_IDENTIFICATION: numbers(0, 1 << 16),
            Quantity.SERVER_IDENTIFICATION: numbers(0, 1 << 16),
            Quantity.QUERY_IDENTIFIER: numbers(0, 1 << 16),
        },
    )


def _addresses(indices: npt.NDArray[np.int64]) -> Octets:
    """One address a subject; every octet after the first has three digits."""
    columns = [np.full_like(indices, 10)]
    columns += [100 + indices // part % 100 for part in (10_000, 100, 1)]
    return np.stack(columns, axis=1).astype(np.uint8)


def _dotted(addresses: Octets) -> Octets:
    text = np.full((len(addresses), 14), ord("."), np.uint8)
    text[:, 0:2] = np.frombuffer(b"10", np.uint8)
    for column in range(1, 4):
        for digit, unit in enumerate((100, 10, 1)):
            text[:, column * 4 - 1 + digit] = ord("0") + addresses[:, column] // unit % 10
    return text


def _hexadecimal(mac: Octets) -> Octets:
    nibbles = np.stack([mac >> 4, mac & 15], axis=2).reshape(len(mac), -1)
    return _HEXADECIMAL[nibbles]
