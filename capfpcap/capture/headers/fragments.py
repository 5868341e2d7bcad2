"""Puts IP datagrams together that were sent in fragments (RFC 791, RFC 8200 section 4.5)."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from capfpcap.capture.headers.network import IPV6_HEADER
from capfpcap.capture.headers.packets import Packets
from capfpcap.capture.octets import Octets
from capfpcap.capture.records import NANOSECONDS, Times

MAX_DATAGRAMS = 4096
"""Incomplete datagrams that are kept; the oldest ones are let go."""
MAX_OCTETS = 1 << 23
"""Octets of all fragments that are kept."""
MAX_FRAGMENTS = 256
"""Fragments of one datagram: at 576 octets each the largest datagram has 120."""
MAX_DATAGRAM = 65_535
"""Octets that an IP length field can state."""
PATIENCE = 60 * NANOSECONDS
"""How long fragments wait for the others (RFC 8200, section 4.5)."""
FRAGMENT_HEADER = 8
BEGINNING = 64
"""Octets of a lost datagram that tell what it was about."""


class Fragment(Struct, frozen=True):
    """One fragment as it was captured; ``offset`` and ``length`` in octets of the datagram."""

    key: bytes
    offset: int
    length: int
    is_last: bool
    header: bytes
    """Headers that the whole datagram has in front, if this is its first fragment."""
    data: bytes
    """What was captured of ``length`` octets."""


class _Datagram(Struct):
    """The pieces so far; they are sorted and do not overlap: what came first stays."""

    since: int
    header: bytes = b""
    total: int | None = None
    pieces: list[tuple[int, int, bytes]] = field(default_factory=list)
    """Start, end and captured octets of each."""

    def add(self, fragment: Fragment) -> int:
        """Takes what is new of a fragment; returns how many octets that were."""
        if fragment.is_last and self.total is None:
            self.total = fragment.offset + fragment.length
        if fragment.offset == 0 and not self.header:
            self.header = fragment.header
        new = list(self._new_parts(fragment))
        self.pieces = sorted(self.pieces + new, key=lambda piece: piece[:2])
        return sum(len(data) for _, _, data in new)

    def _new_parts(self, fragment: Fragment) -> Iterator[tuple[int, int, bytes]]:
        at, end = fragment.offset, fragment.offset + fragment.length
        for start, stop in [(start, stop) for start, stop, _ in self.pieces] + [(end, end)]:
            until = min(start, end)
            if at < until:
                yield at, until, fragment.data[at - fragment.offset : until - fragment.offset]
            at = max(at, stop)

    def is_whole(self) -> bool:
        """Whether every octet up to the last was sent in some fragment."""
        at = 0
        for start, end, _ in self.pieces:
            if start != at:
                return False
            at = end
        return bool(self.header) and self.total is not None and at >= self.total

    def octets(self) -> int:
        """Captured octets of all pieces."""
        return sum(len(data) for _, _, data in self.pieces)

    def data(self) -> bytes:
        """The captured octets from the first on, as far as they reach without a hole."""
        held = bytearray()
        for start, end, data in self.pieces:
            held += data
            if len(data) < end - start:
                break
        return bytes(held[: self.total])


class Reassembler:
    """Fragments of one vantage point, in the order of their capture."""

    def __init__(self) -> None:
        self._datagrams: dict[bytes, _Datagram] = {}
        self._octets = 0
        self._lost: list[bytes] = []

    @property
    def waiting(self) -> bool:
        """Whether any datagram lacks fragments."""
        return bool(self._datagrams)

    def add(self, octets: Octets, packets: Packets, times: Times) -> list[tuple[int, bytes]]:
        """Takes the fragments that ``packets`` are, captured at ``times``.

        Returns:
            For each datagram that became whole the index of the fragment that completed it, and its
            octets from the IP header on, as if it had never been split; fewer than its header
            states where the fragments were not wholly captured.
        """
        whole: list[tuple[int, bytes]] = []
        network = packets.network_at.tolist()
        places = zip(network, packets.at.tolist(), packets.end.tolist(), strict=True)
        for index, (network_at, at, end) in enumerate(places):
            fragment = _fragment(octets, network_at, at, end)
            if fragment is None or not _is_sound(fragment):
                continue
            self._expire(int(times[index]))
            datagram = self._add_one(fragment, int(times[index]))
            if datagram is not None:
                whole.append((index, datagram))
        return whole

    def _add_one(self, fragment: Fragment, time: int) -> bytes | None:
        datagram = self._datagrams.get(fragment.key)
        if datagram is None:
            datagram = self._datagrams[fragment.key] = _Datagram(time)
        self._octets += datagram.add(fragment)
        if datagram.is_whole():
            self._octets -= datagram.octets()
            del self._datagrams[fragment.key]
            return _unsplit(datagram)
        if len(datagram.pieces) > MAX_FRAGMENTS:
            self._drop(fragment.key)
        while len(self._datagrams) > MAX_DATAGRAMS or self._octets > MAX_OCTETS:
            self._drop(next(iter(self._datagrams)))
        return None

    def take_lost(self, now: int) -> list[bytes]:
        """The beginnings, from the IP header on, of datagrams that were let go incomplete.

        Those for which :data:`PATIENCE` is over at the time ``now`` are among them.
        """
        self._expire(now)
        lost, self._lost = self._lost, []
        return lost

    def _expire(self, now: int) -> None:
        """Lets go of the datagrams that have waited too long; they are in the order of arrival."""
        while self._datagrams:
            key, datagram = next(iter(self._datagrams.items()))
            if now - datagram.since <= PATIENCE:
                return
            self._drop(key)

    def _drop(self, key: bytes) -> None:
        datagram = self._datagrams.pop(key)
        self._octets -= datagram.octets()
        if datagram.header and len(self._lost) < MAX_DATAGRAMS:
            self._lost.append(datagram.header + datagram.data()[:BEGINNING])


def _fragment(octets: Octets, network_at: int, at: int, end: int) -> Fragment | None:
    """The fragment whose IP header is at ``network_at``; None without its header."""
    if octets.array[network_at] >> 4 == 6:
        return _fragment_ipv6(octets, network_at, at, end)
    header = octets.bytes(network_at, at)
    stated = int.from_bytes(header[2:4], "big") - len(header)
    flags = int.from_bytes(header[6:8], "big")
    key = header[4:6] + header[9:10] + header[12:20]
    offset, is_last = (flags & 0x1FFF) * 8, not flags & 0x2000
    return Fragment(key, offset, stated, is_last, header, octets.bytes(at, end)[: max(stated, 0)])


def _fragment_ipv6(octets: Octets, network_at: int, at: int, end: int) -> Fragment | None:
    """As :func:`_fragment`; the place of an IPv6 fragment is its fragment header."""
    header = octets.bytes(network_at, network_at + IPV6_HEADER)
    own = octets.bytes(at, min(at + FRAGMENT_HEADER, end))
    if len(own) < FRAGMENT_HEADER:
        return None
    data_at = at + FRAGMENT_HEADER
    stated = network_at + IPV6_HEADER + int.from_bytes(header[4:6], "big") - data_at
    flags = int.from_bytes(own[2:4], "big")
    kept = header[:6] + own[:1] + header[7:]
    key = own[4:8] + header[8:40]
    data = octets.bytes(data_at, end)[: max(stated, 0)]
    return Fragment(key, flags & 0xFFF8, stated, not flags & 1, kept, data)


def _is_sound(fragment: Fragment) -> bool:
    """Whether it holds something, ends within the largest datagram and is cut where it may be."""
    whole_units = fragment.length % 8 == 0 or fragment.is_last
    return 0 < fragment.length <= MAX_DATAGRAM - fragment.offset and whole_units


def _unsplit(datagram: _Datagram) -> bytes | None:
    """The whole datagram under a header that says so; None where no length field can state it."""
    header, total = bytearray(datagram.header), datagram.total or 0
    if header[0] >> 4 == 6:
        header[4:6] = total.to_bytes(2, "big")
        return bytes(header) + datagram.data()
    if len(header) + total > MAX_DATAGRAM:
        return None
    header[2:4] = (len(header) + total).to_bytes(2, "big")
    header[6:8] = bytes(2)
    return bytes(header) + datagram.data()
