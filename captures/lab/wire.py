"""The wire between the phone and its router: a forwarder of whole frames that can misbehave.

It stands in a namespace of its own between two cables and hands every frame from one to the other,
untouched but for the scenario's rules. A mirror port gets a copy of each frame, with an 802.1Q tag
where the scenario wants one. (This does what netem and VLAN interfaces would do where a kernel has
them.)
"""

from __future__ import annotations

import heapq
import itertools
import random
import select
import socket
import struct
import time
from collections import Counter
from dataclasses import dataclass

from captures.lab.frames import Frame, reset_of
from captures.lab.knobs import Wire, WireRule
from captures.lab.network import LEFT, MIRROR, RIGHT
from captures.lab.plan import from_arguments
from captures.lab.processes import READY

ETH_P_ALL = 0x0003
MAXIMUM_FRAME = 65535
TAG_OFFSET = 12
TPID_802_1Q = 0x8100
# A rule's random losses are the same in every recording.
SEED = 3804


@dataclass(frozen=True, slots=True)
class _Departure:
    """A frame to be sent, and where."""

    port: str
    data: bytes


class Forwarder:
    """Hands frames from ``left`` (the phone's side) to ``right`` and back."""

    def __init__(self, settings: Wire) -> None:
        self._settings = settings
        self._sockets = {name: _open(name) for name in (LEFT, RIGHT)}
        self._mirror = _open(MIRROR) if settings.mirror else None
        self._seen: Counter[int] = Counter()
        self._random = random.Random(SEED)
        self._order = itertools.count()
        self._queue: list[tuple[float, int, _Departure]] = []

    def run(self) -> None:
        """Forward until the process is ended."""
        by_number = {each.fileno(): name for name, each in self._sockets.items()}
        while True:
            wait = max(0.0, self._queue[0][0] - time.monotonic()) if self._queue else None
            readable, _, _ = select.select(list(by_number), [], [], wait)
            for number in readable:
                self._arrive(by_number[number])
            self._depart()

    def _arrive(self, port: str) -> None:
        data, address = self._sockets[port].recvfrom(MAXIMUM_FRAME)
        if address[2] == socket.PACKET_OUTGOING:
            return
        frame = Frame(data, to_server=port == LEFT)
        onward = RIGHT if port == LEFT else LEFT
        actions = [rule.action for rule in self._matching(frame)]
        self._copy_to_mirror(data, hidden="hide-from-mirror" in actions)
        if "reset" in actions:
            self._reset(frame)
        if "lose" in actions:
            return
        hold = self._settings.hold_milliseconds / 1000 if "hold" in actions else 0.0
        self._send_later(onward, data, hold)
        if "duplicate" in actions:
            self._send_later(onward, data, hold)

    def _matching(self, frame: Frame) -> list[WireRule]:
        """The rules that hold for a frame; each counts the frames that it fits."""
        found = []
        for number, rule in enumerate(self._settings.rules):
            if not frame.fits(rule):
                continue
            self._seen[number] += 1
            in_turn = rule.first <= self._seen[number] < rule.first + rule.count
            if in_turn and self._random.random() < rule.share:
                found.append(rule)
        return found

    def _reset(self, frame: Frame) -> None:
        """What a box in the middle does: RST to both sides, each in the other's name."""
        for port, backward in ((LEFT, frame.to_server), (RIGHT, not frame.to_server)):
            self._send_later(port, reset_of(frame, backward=backward))

    def _send_later(self, port: str, data: bytes, extra: float = 0.0) -> None:
        due = time.monotonic() + self._settings.delay_milliseconds / 1000 + extra
        heapq.heappush(self._queue, (due, next(self._order), _Departure(port, data)))

    def _depart(self) -> None:
        now = time.monotonic()
        while self._queue and self._queue[0][0] <= now:
            departure = heapq.heappop(self._queue)[2]
            self._sockets[departure.port].send(departure.data)

    def _copy_to_mirror(self, data: bytes, *, hidden: bool) -> None:
        if self._mirror is None or hidden:
            return
        if self._settings.mirror_vlan is not None:
            tag = struct.pack("!HH", TPID_802_1Q, self._settings.mirror_vlan)
            data = data[:TAG_OFFSET] + tag + data[TAG_OFFSET:]
        for _ in range(self._settings.mirror_copies):
            self._mirror.send(data)


def _open(interface: str) -> socket.socket:
    link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    link.bind((interface, ETH_P_ALL))
    return link


if __name__ == "__main__":
    wire = from_arguments().record.network.wire
    if wire is not None:
        forwarder = Forwarder(wire)
        print(READY, flush=True)
        forwarder.run()
