"""TFTP packets that nobody has asked for so far: the request may be recorded behind them.

Several queues of a network card write neighbours in the wrong order, across the end of a window
too, and a file may begin with what was recorded last.
"""

from __future__ import annotations

import numpy as np

from capfpcap.capture.columns import PacketColumns
from capfpcap.capture.distinct import first_places
from capfpcap.capture.keys import Keys, endpoint_keys
from capfpcap.capture.records import Times
from capfpcap.capture.select.tftp import IDLE_LIMIT

MAX_ROWS = 1 << 14
"""Packets that are held: those of a firmware image are as many, and few captures have any."""
MAX_OCTETS = 1 << 23
"""Payload of the packets that are held."""


class Unclaimed:
    """Rows of the columns that are the report's once their request is read."""

    def __init__(self) -> None:
        self._held = PacketColumns.empty()
        self._let_go: int | None = None

    def __bool__(self) -> bool:
        return len(self._held) > 0 or self._let_go is not None

    @property
    def latest(self) -> int | None:
        """The latest time of what is held or was let go."""
        times = [] if self._let_go is None else [self._let_go]
        return max([*times, *self._held.time.tolist()], default=None)

    def hold(self, columns: PacketColumns) -> None:
        """Holds these as well, as far as there is room."""
        held = PacketColumns.concatenate([self._held, columns])
        octets = np.cumsum(held.captured_length, dtype=np.int64)
        fits = (octets <= MAX_OCTETS) & (np.arange(len(held)) < MAX_ROWS)
        if not fits.all():
            latest = int(held.time[~fits].max())
            self._let_go = latest if self._let_go is None else max(self._let_go, latest)
            held = held.take(fits)
        self._held = held

    def missed_by(self, times: Times) -> int:
        """How many requests are older than something that was let go for want of room."""
        return 0 if self._let_go is None else int(np.count_nonzero(times < self._let_go))

    def claim(self, clients: Keys, times: Times) -> PacketColumns:
        """Takes what belongs to requests of these clients, made at these times."""
        if not len(self._held):
            return self._held
        held, order = self._held, np.lexsort((times, clients))
        first = order[first_places(clients[order])]
        known, asked = clients[first], times[first]
        claimed = np.zeros(len(held), np.bool_)
        for keys in (
            endpoint_keys(held.source, held.source_port),
            endpoint_keys(held.destination, held.destination_port),
        ):
            place = np.minimum(np.searchsorted(known, keys), len(known) - 1)
            since = held.time - asked[place]
            claimed |= (known[place] == keys) & (since >= 0) & (since <= IDLE_LIMIT)
        self._held = held.take(~claimed)
        return held.take(claimed)
