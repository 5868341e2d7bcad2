"""The ports at which TFTP clients await their answers.

A client sends its request from a port of its own to port 69; everything after that passes between
this port and one that the server chooses (RFC 1350, section 4). So an address and a port matter
from the moment of a request for as long as something passes there.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from capfpcap.capture.addresses import Codes
from capfpcap.capture.octets import Places
from capfpcap.capture.records import NANOSECONDS, Times

IDLE_LIMIT = 600 * NANOSECONDS
"""Silence, in capture time, after which a port is no client's any more: others may reuse it."""
MAX_CLIENTS = 1 << 17
"""Clients that are remembered from one window to the next; the longest silent ones are let go."""

Keys = npt.NDArray[np.uint64]
Mask = npt.NDArray[np.bool_]


def endpoint_keys(addresses: Codes, ports: npt.NDArray[np.uint16]) -> Keys:
    """One number for each pair of address and port."""
    return (addresses << np.uint64(16)) | ports


def _among(keys: Keys, ordered: Keys) -> Mask:
    """Which keys are in a sorted array. NumPy's own ``isin`` is slow on keys so alike."""
    if len(ordered) == 0:
        return np.zeros(len(keys), np.bool_)
    found: Mask = ordered[np.minimum(np.searchsorted(ordered, keys), len(ordered) - 1)] == keys
    return found


class TftpClients:
    """Endpoints at which TFTP answers are awaited, and when something last passed there."""

    def __init__(self) -> None:
        self.ports = np.zeros(1 << 16, np.bool_)
        """Ports at which any client may await an answer: what is not in here needs no look."""
        self._keys = np.empty(0, np.uint64)
        self._last = np.empty(0, np.int64)

    def __bool__(self) -> bool:
        return len(self._keys) > 0

    def expect(self, ports: npt.NDArray[np.uint16]) -> None:
        """Announces the source ports of requests that :meth:`follow` is going to be given."""
        self.ports[ports] = True

    def known(self, keys: Keys) -> Mask:
        """Which endpoints are those of clients."""
        return _among(keys, self._keys)

    def follow(self, from_keys: Keys, to_keys: Keys, is_request: Mask, times: Times) -> Mask:
        """Which packets, in their order, belong to a transfer that was asked for.

        A request makes its sender a client; the packets from and to a client belong to it until
        nothing has passed there for :data:`IDLE_LIMIT`.
        """
        asked = np.sort(np.concatenate([self._keys, from_keys[is_request]]))
        belongs = np.zeros(len(times), np.bool_)
        by_sender = _among(from_keys, asked)
        by_receiver = _among(to_keys, asked)
        rows = np.concatenate([np.flatnonzero(by_sender), np.flatnonzero(by_receiver)])
        keys = np.concatenate([from_keys[by_sender], to_keys[by_receiver]])
        begins = is_request[rows] & (np.arange(len(rows)) < np.count_nonzero(by_sender))
        belongs[rows[self._live(keys, rows, begins, times[rows])]] = True
        self._forget(times)
        return belongs

    def _live(self, keys: Keys, rows: Places, begins: Mask, times: Times) -> Places:
        """Indices of the events at an endpoint that was a client's at their time.

        What is known of earlier windows goes in front as if it were a request.
        """
        known = len(self._keys)
        keys = np.concatenate([self._keys, keys])
        times = np.concatenate([self._last, times])
        begins = np.concatenate([np.ones(known, np.bool_), begins])
        order = np.lexsort((np.concatenate([np.full(known, -1), rows]), keys))
        keys, times, begins = keys[order], times[order], begins[order]
        first = np.ones(len(keys), np.bool_)
        first[1:] = keys[1:] != keys[:-1]
        pause = first.copy()
        pause[1:] |= times[1:] - times[:-1] > IDLE_LIMIT
        places = np.arange(len(keys))
        last_pause = np.maximum.accumulate(np.where(pause, places, 0))
        last_begin = np.maximum.accumulate(np.where(begins, places, -1))
        live = last_begin >= last_pause
        self._remember(keys, times, first, live)
        events = order[live]
        return events[events >= known] - known

    def _remember(self, keys: Keys, times: Times, first: Mask, live: Mask) -> None:
        """Takes the last event of each endpoint that is still a client's."""
        final = np.ones(len(keys), np.bool_)
        final[:-1] = first[1:]
        kept = final & live
        self._keys, self._last = keys[kept], times[kept]

    def _forget(self, times: Times) -> None:
        """Lets go of clients that were silent too long, or are too many."""
        kept = np.flatnonzero(self._last >= times.max() - IDLE_LIMIT)
        if len(kept) > MAX_CLIENTS:
            kept = np.sort(kept[np.argsort(self._last[kept])[-MAX_CLIENTS:]])
        self._keys, self._last = self._keys[kept], self._last[kept]
        self.ports[:] = False
        self.ports[(self._keys & np.uint64(0xFFFF)).astype(np.int64)] = True
