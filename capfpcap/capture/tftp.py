"""The ports at which TFTP clients await their answers.

A client sends its request from a port of its own to port 69; everything after that passes between
this port and one that the server chooses (RFC 1350, section 4). So an address and a port matter
from the moment of a request for as long as something passes there.
"""

from __future__ import annotations

from dataclasses import dataclass

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


def _find(ordered: Keys, keys: Keys) -> tuple[Places, Mask]:
    """Where each key stands in a sorted array, the first of several, and whether it does."""
    if len(ordered) == 0:
        return np.zeros(len(keys), np.int64), np.zeros(len(keys), np.bool_)
    places = np.minimum(np.searchsorted(ordered, keys), len(ordered) - 1)
    return places, ordered[places] == keys


@dataclass(frozen=True, slots=True)
class _Events:
    """What happens at the endpoints, in the order of time; one entry an event."""

    endpoint: Places
    """Index of the endpoint."""
    time: Times
    begins: Mask
    """Whether the endpoint is a client's from here on, whatever was before."""

    def by_endpoint(self) -> Places:
        """Indices that put the events of each endpoint together and keep their order.

        Sorting is ten times faster where the endpoints can be counted in 16 bits.
        """
        few = self.endpoint.max(initial=0) < 1 << 16
        return np.argsort(self.endpoint.astype(np.uint16) if few else self.endpoint, kind="stable")


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
        return _find(self._keys, keys)[1]

    def follow(self, from_keys: Keys, to_keys: Keys, is_request: Mask, times: Times) -> Mask:
        """Which packets, in their order, belong to a transfer that was asked for.

        A request makes its sender a client; the packets from and to a client belong to it until
        nothing has passed there for :data:`IDLE_LIMIT`.
        """
        endpoints = np.sort(np.concatenate([self._keys, from_keys[is_request]]))
        senders, by_sender = _find(endpoints, from_keys)
        receivers, by_receiver = _find(endpoints, to_keys)
        rows = np.concatenate([np.flatnonzero(by_sender), np.flatnonzero(by_receiver)])
        order = np.argsort(rows, kind="stable")
        rows = rows[order]
        known = len(self._keys)
        events = _Events(
            np.concatenate(
                [
                    _find(endpoints, self._keys)[0],
                    np.concatenate([senders[by_sender], receivers[by_receiver]])[order],
                ]
            ),
            np.concatenate([self._last, times[rows]]),
            np.concatenate(
                [
                    np.ones(known, np.bool_),
                    is_request[rows] & (order < np.count_nonzero(by_sender)),
                ]
            ),
        )
        live = self._live(endpoints, events)
        belongs = np.zeros(len(times), np.bool_)
        belongs[rows[live[live >= known] - known]] = True
        self._forget(times)
        return belongs

    def _live(self, endpoints: Keys, events: _Events) -> Places:
        """Indices of the events at an endpoint that was a client's then.

        What is known of earlier windows stands in front as if it were a request.
        """
        order = events.by_endpoint()
        endpoint, times = events.endpoint[order], events.time[order]
        first = np.ones(len(order), np.bool_)
        first[1:] = endpoint[1:] != endpoint[:-1]
        pause = first.copy()
        pause[1:] |= times[1:] - times[:-1] > IDLE_LIMIT
        places = np.arange(len(order))
        last_pause = np.maximum.accumulate(np.where(pause, places, 0))
        last_begin = np.maximum.accumulate(np.where(events.begins[order], places, -1))
        live = last_begin >= last_pause
        final = live.copy()
        final[:-1] &= first[1:]
        self._keys, self._last = endpoints[endpoint[final]], times[final]
        return order[live]

    def _forget(self, times: Times) -> None:
        """Lets go of clients that were silent too long, or are too many."""
        kept = np.flatnonzero(self._last >= times.max() - IDLE_LIMIT)
        if len(kept) > MAX_CLIENTS:
            kept = np.sort(kept[np.argsort(self._last[kept])[-MAX_CLIENTS:]])
        self._keys, self._last = self._keys[kept], self._last[kept]
        self.ports[:] = False
        self.ports[(self._keys & np.uint64(0xFFFF)).astype(np.int64)] = True
