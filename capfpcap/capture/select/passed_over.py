"""The endpoints of UDP packets that were passed over: one may prove to be a TFTP client's."""

from __future__ import annotations

import numpy as np

from capfpcap.capture.keys import MARK_BITS, Keys, mark

MAX_KEPT = 1 << 22
"""Endpoints that are kept; one that was kept twice counts twice."""
_NONE = np.uint64(0xFFFF_FFFF_FFFF_FFFF)
"""No endpoint has this key."""


class PassedOver:
    """A set that may hold an endpoint twice: again after another one took its slot in a table."""

    def __init__(self) -> None:
        self._slots = np.full(1 << MARK_BITS, _NONE)
        self._kept: list[Keys] = []
        self._count = 0

    def add(self, keys: Keys) -> None:
        """Takes the keys of some endpoints."""
        slots = mark(keys)
        new = keys[self._slots[slots] != keys]
        self._slots[slots] = keys
        if len(new) and not self.too_many:
            self._kept.append(np.unique(new))
            self._count += len(self._kept[-1])

    @property
    def too_many(self) -> bool:
        """Whether there are more than are kept."""
        return self._count > MAX_KEPT

    @property
    def keys(self) -> Keys:
        """All of them, ascending."""
        return np.unique(np.concatenate(self._kept)) if self._kept else np.empty(0, np.uint64)
