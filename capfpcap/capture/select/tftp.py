"""The ports at which TFTP clients await their answers.

A client sends its request from a port of its own to port 69; everything after that passes between
this port and one that the server chooses (RFC 1350, section 4). So an address and a port matter
from the moment of a request for as long as something passes there.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from capfpcap.capture.keys import Keys, KeySet, address_of, port_of
from capfpcap.capture.octets import Places
from capfpcap.capture.records import NANOSECONDS, Times

DISORDER = NANOSECONDS
"""How long before its request an answer may be recorded: several processor cores write at once."""
IDLE_LIMIT = 600 * NANOSECONDS
"""Silence, in capture time, after which a port is no client's any more: others may reuse it."""
MAX_CLIENTS = 1 << 17
"""Clients that are remembered from one window to the next; the longest silent ones are let go."""
EVENT_BITS = 32
"""Bits that tell the packets of a window apart, and each one's sender from its receiver."""
NEVER = -(1 << 63)
"""Time of an endpoint at which nothing has passed yet."""

Mask = npt.NDArray[np.bool_]


class TftpClients:
    """Endpoints at which TFTP answers are awaited, and when something last passed there."""

    def __init__(self) -> None:
        self.ports = np.zeros(1 << 16, np.bool_)
        """Ports at which any client may await an answer: what is not in here needs no look."""
        self._clients = KeySet()
        self._last = np.empty(0, np.int64)
        """Of each client the time, or :data:`NEVER`."""

    def __bool__(self) -> bool:
        return len(self._clients) > 0

    @property
    def endpoints(self) -> Keys:
        """All clients, ascending."""
        return self._clients.keys

    def expect(self, ports: npt.NDArray[np.uint16]) -> None:
        """Announces the source ports of requests that :meth:`follow` is going to be given."""
        self.ports[ports] = True

    def known(self, keys: Keys) -> Mask:
        """Which endpoints are those of clients."""
        return self._clients.holds(keys)

    def follow(
        self, from_keys: Keys, to_keys: Keys, is_request: Mask, times: Times
    ) -> tuple[Mask, Places]:
        """Which packets belong to a transfer that was asked for.

        And, by their indices, those that may be answers that were recorded before their requests.

        A request makes its sender a client; the packets from and to a client belong to it until
        nothing has passed there for :data:`IDLE_LIMIT`. Where the order of the packets is not that
        of time, what belongs to a transfer in either order does.
        """
        new = self._clients.add(from_keys[is_request])
        self._last = np.insert(self._last, new, NEVER)
        before = self._last.copy()
        belongs, early = self._follow(from_keys, to_keys, is_request, times)
        if len(times) > 1 and (times[1:] < times[:-1]).any():
            order = np.argsort(times, kind="stable")
            in_order, self._last = self._last, before
            timed, _ = self._follow(
                from_keys[order], to_keys[order], is_request[order], times[order]
            )
            belongs[order[timed]] = True
            self._last = np.maximum(self._last, in_order)
        self._forget(int(times[-1]))
        return belongs, early

    def _follow(
        self, from_keys: Keys, to_keys: Keys, is_request: Mask, times: Times
    ) -> tuple[Mask, Places]:
        """As :meth:`follow`, in the order of the packets."""
        events = self._events(from_keys, to_keys)
        endpoint, event = events >> EVENT_BITS, events & (1 << EVENT_BITS) - 1
        row, by_sender = event >> 1, event & 1 == 0
        begins = by_sender & is_request[row]
        live = self._live(endpoint, times[row], begins)
        belongs = np.zeros(len(times), np.bool_)
        belongs[row[live]] = True
        asked = np.flatnonzero(begins)
        asked = asked[asked > 0]
        asked = asked[(endpoint[asked - 1] == endpoint[asked]) & ~by_sender[asked - 1]]
        before, request = row[asked - 1], row[asked]
        early = ~belongs[before] & (np.abs(times[request] - times[before]) <= DISORDER)
        early &= address_of(from_keys[before]) == address_of(to_keys[request])
        return belongs, before[early]

    def _events(self, from_keys: Keys, to_keys: Keys) -> npt.NDArray[np.int64]:
        """Packets from known endpoints and to them, by endpoint and then in their order.

        Each is one number: the index of the endpoint, that of the packet, and in the lowest bit
        whether the endpoint is the receiver.
        """
        sent, senders = self._clients.find(from_keys)
        received, receivers = self._clients.find(to_keys)
        by_senders = senders << EVENT_BITS | sent << 1
        by_receivers = receivers << EVENT_BITS | received << 1 | 1
        return np.sort(np.concatenate([by_senders, by_receivers]))

    def _live(self, endpoint: Places, times: Times, begins: Mask) -> Mask:
        """Which events, sorted by endpoint, are at one that is a client's then.

        Notes for each endpoint the time of its last event, if it is a client's still.
        """
        count = len(endpoint)
        if count == 0:
            return begins
        first = np.ones(count, np.bool_)
        first[1:] = endpoint[1:] != endpoint[:-1]
        heads = np.flatnonzero(first)
        before = np.empty_like(times)
        before[1:] = times[:-1]
        before[heads] = self._last[endpoint[heads]]
        paused = times - before > IDLE_LIMIT
        begins = begins.copy()
        begins[heads] |= ~paused[heads] & (before[heads] != NEVER)
        places = np.arange(count)
        last_pause = np.maximum.accumulate(np.where(first | paused, places, 0))
        last_begin = np.maximum.accumulate(np.where(begins, places, -1))
        live = last_begin >= last_pause
        tails = np.append(heads[1:], count) - 1
        self._last[endpoint[tails]] = np.where(live[tails], times[tails], NEVER)
        return live

    def _forget(self, now: int) -> None:
        """Lets go of clients that were silent too long, or are too many."""
        kept = np.flatnonzero(self._last >= max(now - IDLE_LIMIT, NEVER + 1))
        if len(kept) > MAX_CLIENTS:
            kept = np.sort(kept[np.argsort(self._last[kept])[-MAX_CLIENTS:]])
        if len(kept) < len(self._clients):
            self._clients.keep(kept)
            self._last = self._last[kept]
        self.ports[:] = False
        self.ports[port_of(self._clients.keys)] = True
