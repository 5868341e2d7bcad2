"""One batch of packets after another: unwrapped, selected, turned into columns."""

from __future__ import annotations

import numpy as np

from capfpcap.capture.addresses import AddressTable
from capfpcap.capture.by_frame import ByFrame
from capfpcap.capture.columns import PacketColumns, PayloadStore, TcpFlag
from capfpcap.capture.distinct import distinct
from capfpcap.capture.headers import linktypes
from capfpcap.capture.headers.extract import (
    TCP_HEADER,
    Headers,
    columns_of,
    headers_captured,
    headers_sound,
    stated_ends,
)
from capfpcap.capture.headers.fragments import Reassembler
from capfpcap.capture.headers.layers import Layer
from capfpcap.capture.headers.packets import Packets
from capfpcap.capture.headers.tcp_options import (
    ONLY_TIMESTAMPS,
    SHORTEST_SELECTIVE,
    read_segment_sizes,
    read_selective,
)
from capfpcap.capture.headers.udp_tunnels import Unfollowed, follow_udp_tunnels
from capfpcap.capture.headers.unread import unread_in
from capfpcap.capture.headers.unwrap import unwrap
from capfpcap.capture.keys import Keys
from capfpcap.capture.octets import Octets, Places
from capfpcap.capture.ports import PortSelection
from capfpcap.capture.problems import ProblemKind, ProblemLog
from capfpcap.capture.records import Records
from capfpcap.capture.select.passed_over import PassedOver
from capfpcap.capture.select.selection import Selector
from capfpcap.capture.select.unclaimed import Unclaimed

MAX_SPLITS = 3
"""How often a packet may have been split, a fragment of a tunnel holding a fragment."""
MOST_BLOCKS = 1 << 20
"""Blocks of selective acknowledgements that are kept of a capture; those behind are passed over."""
MOST_INTERFACES = (1 << 16) - 1
"""Interfaces of a file that are told from each other; the packets of more are of the last one."""
MALFORMED = "packets whose headers contradict themselves"
LOST_FRAGMENTS = "datagrams that lack fragments"
LAST_TIME = (1 << 63) - 1
OUT_OF_ORDER = (
    "the order of the records is not that of time by more than can be held: what answers a TFTP "
    "request stands too far before it. 'reordercap' puts the file in order"
)
SNAPPED = "packets of which the file holds only the beginning"

_FIRST_LAYERS = np.full(linktypes.COUNT, Layer.UNSUPPORTED, np.uint16)
for _link_type, _layer in linktypes.FIRST_LAYERS.items():
    _FIRST_LAYERS[_link_type] = _layer


class Scanner:
    """Goes through the files of one vantage point in their order."""

    def __init__(self, ports: PortSelection, addresses: AddressTable) -> None:
        self.addresses = addresses
        self._selector = Selector(ports, addresses)
        self._reassembler = Reassembler()
        self._unclaimed = Unclaimed()
        self.split = False
        """Whether there were fragments."""
        self.first_request = LAST_TIME
        """The earliest time of a TFTP request, or :data:`LAST_TIME` where there was none."""
        self.payloads = PayloadStore()
        self.segment_sizes = ByFrame(np.uint16)
        self.selective = ByFrame(np.uint64)
        self.interfaces = ByFrame(np.uint16)

    def scan(self, records: Records, file: int, log: ProblemLog) -> PacketColumns:
        """The rows of one batch that matter; what is wrong with its packets goes to ``log``."""
        octets, packets = self._decode(records, log)
        rows = self._selector.select(records, octets, packets)
        columns = self._columns(records, octets, packets.take(rows), file, log)
        return self._with_claimed(records, octets, packets, columns, file, log)

    def _columns(
        self, records: Records, octets: Octets, relevant: Packets, file: int, log: ProblemLog
    ) -> PacketColumns:
        if len(relevant) == 0:
            return PacketColumns.empty()
        captured = headers_captured(relevant)
        _note_short(records, relevant.record[~captured], log)
        relevant = relevant.take(captured)
        headers = Headers.of(octets, relevant)
        ends = stated_ends(headers, records, relevant)
        sound = headers_sound(headers, relevant, ends)
        if not sound.all():
            _note(records, relevant.record[~sound], ProblemKind.MALFORMED_PACKETS, MALFORMED, log)
            relevant, headers, ends = relevant.take(sound), headers.take(sound), ends[sound]
        columns = columns_of(
            octets,
            records,
            relevant,
            headers,
            ends,
            addresses=self.addresses,
            payloads=self.payloads,
            file=file,
        )
        self._note_segment_sizes(octets, relevant, headers, columns, file)
        self._note_selective(octets, relevant, headers, columns, file)
        self._note_interfaces(records, relevant, columns, file)
        short = columns.captured_length < columns.payload_length
        _note_short(records, relevant.record[short], log)
        return columns

    def _with_claimed(
        self,
        records: Records,
        octets: Octets,
        packets: Packets,
        columns: PacketColumns,
        file: int,
        log: ProblemLog,
    ) -> PacketColumns:
        """``columns`` behind the TFTP packets of former batches that requests of this one ask for.

        TFTP packets of this batch that nobody has asked for so far are held.
        """
        requests = self._selector.requests
        if len(requests):
            self.first_request = min(self.first_request, int(requests.times.min()))
            missed = self._unclaimed.missed_by(requests.times)
            log.add(ProblemKind.OUT_OF_ORDER, OUT_OF_ORDER, count=missed)
            claimed = self._unclaimed.claim(requests.clients, requests.times)
            if len(claimed):
                columns = PacketColumns.concatenate([claimed, columns])
        if len(self._selector.unclaimed):
            held = packets.take(self._selector.unclaimed)
            self._unclaimed.hold(self._columns(records, octets, held, file, ProblemLog()))
        return columns

    def look_through(self, records: Records) -> None:
        """Only learns which TFTP clients there are."""
        octets, packets = records.octets, _packets_of(records)
        _unwrap_all(octets, packets)
        self._selector.select(records, octets, packets)

    def watch_passed_over(self) -> PassedOver:
        """From now on what is passed over is kept."""
        self._selector.passed_over = PassedOver()
        return self._selector.passed_over

    def would_have_seen(self, passed_over: Keys, *, split: bool, first_request: int) -> bool:
        """Whether what was scanned so far could change what a scan by itself found behind it.

        ``split`` tells whether there were fragments, ``first_request`` is as
        :attr:`first_request`.
        """
        clients = np.isin(self._selector.clients, passed_over)
        latest = self._unclaimed.latest
        claims = latest is not None and first_request <= latest
        waits = (split and self._reassembler.waiting) or self._selector.waits_for_alarm
        return bool(clients.any()) or claims or waits

    def _note_segment_sizes(
        self, octets: Octets, packets: Packets, headers: Headers, columns: PacketColumns, file: int
    ) -> None:
        syns = np.flatnonzero(columns.flags & TcpFlag.SYN)
        if len(syns):
            at = packets.at[syns]
            ends = np.minimum(at + headers.length[syns], packets.end[syns])
            sizes = read_segment_sizes(octets, at + TCP_HEADER, ends)
            told = sizes > 0
            self.segment_sizes.add(file, columns.frame[syns][told], sizes[told])

    def _note_selective(
        self, octets: Octets, packets: Packets, headers: Headers, columns: PacketColumns, file: int
    ) -> None:
        shortest = TCP_HEADER + SHORTEST_SELECTIVE
        rows = np.flatnonzero(headers.length >= shortest)
        if len(rows) and len(self.selective) < MOST_BLOCKS:
            other = octets.u32(packets.at[rows], TCP_HEADER) != ONLY_TIMESTAMPS
            rows = rows[other | (headers.length[rows] > shortest)]
            at = packets.at[rows]
            ends = np.minimum(at + headers.length[rows], packets.end[rows])
            which, edges = read_selective(octets, at + TCP_HEADER, ends)
            self.selective.add(file, columns.frame[rows[which]], edges)

    def _note_interfaces(
        self, records: Records, packets: Packets, columns: PacketColumns, file: int
    ) -> None:
        if len(records.interfaces) > 1:
            numbers = np.minimum(records.interfaces[packets.record], MOST_INTERFACES)
            others = numbers > 0
            self.interfaces.add(file, columns.frame[others], numbers[others].astype(np.uint16))

    def note_lost_fragments(self, now: int, log: ProblemLog) -> None:
        """Notes datagrams that mattered and whose other fragments had not come by ``now``."""
        lost = self._reassembler.take_lost(now)
        if lost:
            count = self._selector.count_relevant(lost)
            log.add(ProblemKind.FRAGMENTS_MISSING, LOST_FRAGMENTS, count=count)

    def _decode(self, records: Records, log: ProblemLog) -> tuple[Octets, Packets]:
        """The packets at their transport headers, and the buffer where these lie.

        Datagrams that came in fragments stand behind the records in a larger buffer.
        """
        octets, packets = records.octets, _packets_of(records)
        unfollowed = _unwrap_all(octets, packets)
        _note_undecoded(records, packets, unfollowed, log)
        latest = packets
        for _ in range(MAX_SPLITS):
            split = latest.take(np.flatnonzero(latest.layer == Layer.FRAGMENT))
            if len(split) == 0:
                break
            self.split = True
            whole = self._reassembler.add(octets, split, records.times(split.record))
            if not whole:
                break
            start = len(octets.array)
            octets = octets.extended(b"".join(data for _, data in whole))
            latest = _datagrams(split, whole, start)
            _unwrap_all(octets, latest)
            packets = Packets.concatenate(packets, latest)
        return octets, packets


def _packets_of(records: Records) -> Packets:
    """The packets of a batch, each at the header that its link type begins with."""
    layers = _FIRST_LAYERS[records.link_types]
    count = len(records)
    if len(layers) != count:
        layers = np.repeat(layers, count)
    at = records.at
    return Packets.standing_at(np.arange(count), layers, at.copy(), at + records.captured)


def _datagrams(split: Packets, whole: list[tuple[int, bytes]], start: int) -> Packets:
    """Datagrams that lie one after another from ``start`` on, in place of their fragments."""
    packets = split.take(np.array([index for index, _ in whole], np.int64))
    lengths = np.array([len(data) for _, data in whole], np.int64)
    packets.end = start + np.cumsum(lengths)
    packets.at = packets.end - lengths
    packets.layer[:] = [Layer.IPV6 if data[0] >> 4 == 6 else Layer.IPV4 for _, data in whole]
    return packets


def _unwrap_all(octets: Octets, packets: Packets) -> Unfollowed:
    unwrap(octets, packets)
    return follow_udp_tunnels(octets, packets)


def _note(records: Records, indices: Places, kind: ProblemKind, text: str, log: ProblemLog) -> None:
    """Notes the same trouble of all packets with these indices."""
    if len(indices):
        log.add(kind, text, records.first_frame + int(indices[0]), len(indices))


def _note_undecoded(
    records: Records, packets: Packets, unfollowed: Unfollowed, log: ProblemLog
) -> None:
    """Notes packets of unknown kinds, and those whose IP headers cannot be."""
    for unread in unread_in(records.octets, packets, unfollowed):
        kind = ProblemKind.ENCRYPTED if unread.encrypted else ProblemKind.UNSUPPORTED
        text = f"packets of {unread.name} are {'encrypted' if unread.encrypted else 'not decoded'}"
        _note(records, packets.record[unread.rows], kind, text, log)
    rows = np.flatnonzero(packets.layer == Layer.UNSUPPORTED)
    if len(rows):
        types = np.broadcast_to(records.link_types, len(records))[packets.record[rows]]
        for link_type in distinct(types):
            text = f"packets of link type {linktypes.name(link_type)} are not decoded"
            indices = packets.record[rows[types == link_type]]
            _note(records, indices, ProblemKind.UNSUPPORTED, text, log)
    _note_short(records, packets.record[packets.layer == Layer.MALFORMED], log)


def _note_short(records: Records, indices: Places, log: ProblemLog) -> None:
    """Notes packets that end before their headers say: cut by the capture, or lying."""
    cut = records.wire_lengths(indices) > records.captured[indices]
    _note(records, indices[cut], ProblemKind.SNAPPED, SNAPPED, log)
    _note(records, indices[~cut], ProblemKind.MALFORMED_PACKETS, MALFORMED, log)
