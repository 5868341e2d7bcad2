"""Sets of 64-bit keys that many others are looked up in at once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from capfpcap.capture.octets import Places

Keys = npt.NDArray[np.uint64]

_PORT_BITS = np.uint64(16)
MARK_BITS = 20
_MIX = np.uint64(0x9E3779B97F4A7C15)
"""2**64 divided by the golden ratio, the multiplier of Fibonacci hashing."""


def endpoint_keys(addresses: Keys, ports: npt.NDArray[np.uint16]) -> Keys:
    """One number for each pair of address code and port."""
    return (addresses << _PORT_BITS) | ports


def port_of(endpoints: Keys) -> npt.NDArray[np.uint16]:
    """The ports of pairs that :func:`endpoint_keys` made."""
    return endpoints.astype(np.uint16)


def address_of(endpoints: Keys) -> Keys:
    """The address codes of pairs that :func:`endpoint_keys` made."""
    return endpoints >> _PORT_BITS


class KeySet:
    """Keys in ascending order.

    Most keys that are not in the set are told by one look at a table of marks, which takes a tenth
    of the time of a search.
    """

    def __init__(self) -> None:
        self.keys = np.empty(0, np.uint64)
        self._marks = np.zeros(1 << MARK_BITS, np.bool_)

    def __len__(self) -> int:
        return len(self.keys)

    def add(self, keys: Keys) -> Places:
        """Adds ``keys``, of which some may be equal or in the set already.

        Returns:
            Where in the set as it was the new ones belong, as :func:`numpy.insert` takes it.
        """
        keys = np.sort(keys)
        keys = keys[np.append(True, keys[1:] != keys[:-1])] if len(keys) else keys
        places = np.searchsorted(self.keys, keys)
        if len(self.keys):
            new = self.keys[np.minimum(places, len(self.keys) - 1)] != keys
            keys, places = keys[new], places[new]
        self.keys = np.insert(self.keys, places, keys)
        self._marks[mark(keys)] = True
        return places

    def keep(self, places: Places) -> None:
        """Lets go of all keys but those at ``places``, which ascend."""
        self.keys = self.keys[places]
        self._marks[:] = False
        self._marks[mark(self.keys)] = True

    def find(self, keys: Keys) -> tuple[Places, Places]:
        """Indices of those of ``keys`` that are in the set, and where each of them is in it."""
        maybe = np.flatnonzero(self._marks[mark(keys)])
        if len(maybe) == 0:
            return maybe, maybe
        sought = keys[maybe]
        places = np.minimum(np.searchsorted(self.keys, sought), len(self.keys) - 1)
        found = self.keys[places] == sought
        return maybe[found], places[found]

    def holds(self, keys: Keys) -> npt.NDArray[np.bool_]:
        """Which of ``keys`` are in the set."""
        held = np.zeros(len(keys), np.bool_)
        held[self.find(keys)[0]] = True
        return held


def mark(keys: Keys) -> Places:
    """A number of :data:`MARK_BITS` for each key."""
    return ((keys * _MIX) >> np.uint64(64 - MARK_BITS)).astype(np.int64)
