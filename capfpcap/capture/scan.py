"""One batch of packets after another: unwrapped, selected, turned into columns."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from capfpcap.capture import linktypes
from capfpcap.capture.columns import AddressTable, PacketColumns, PayloadStore, ProblemKind
from capfpcap.capture.extract import columns_of, headers_whole
from capfpcap.capture.layers import Layer
from capfpcap.capture.octets import Octets, Places
from capfpcap.capture.ports import PortSelection
from capfpcap.capture.problems import ProblemLog
from capfpcap.capture.records import Records
from capfpcap.capture.selection import Selector
from capfpcap.capture.unwrap import Packets, unwrap

MAX_UDP_TUNNELS = 4
"""Tunnels over UDP that are followed in one packet, one inside the other."""
UDP_TUNNELS = {4789: Layer.VXLAN, 8472: Layer.VXLAN, 6081: Layer.GENEVE}
"""Destination ports of VXLAN (RFC 7348, and Linux before it) and Geneve (RFC 8926)."""
UDP_HEADER = 8

_FIRST_LAYERS = np.full(linktypes.COUNT, Layer.UNSUPPORTED, np.uint16)
for _link_type, _layer in linktypes.FIRST_LAYERS.items():
    _FIRST_LAYERS[_link_type] = _layer


class Scanner:
    """Goes through the files of one vantage point in their order."""

    def __init__(self, ports: PortSelection, addresses: AddressTable) -> None:
        self._addresses = addresses
        self._selector = Selector(ports, addresses)
        self.payloads = PayloadStore()

    def scan(self, records: Records, file: int, log: ProblemLog) -> PacketColumns:
        """The rows of one batch that matter; what is wrong with its packets goes to ``log``."""
        octets = records.octets
        packets = _packets_of(records)
        unwrap(octets, packets)
        _follow_udp_tunnels(octets, packets)
        _note_undecoded(records, packets, log)
        rows = self._selector.select(records, octets, packets)
        if len(rows) == 0:
            return PacketColumns.empty()
        relevant = packets.take(rows)
        whole = headers_whole(octets, relevant)
        _note_headers(records, relevant.take(~whole), log)
        relevant = relevant.take(whole)
        columns = columns_of(octets, records, relevant, self._addresses, self.payloads, file=file)
        _note_snapped(columns, log)
        return columns


def _packets_of(records: Records) -> Packets:
    """The packets of a batch, each at the header that its link type begins with."""
    layers = _FIRST_LAYERS[records.link_types]
    count = len(records)
    if len(layers) != count:
        layers = np.repeat(layers, count)
    at = records.at
    return Packets.standing_at(np.arange(count), layers, at.copy(), at + records.captured)


def _follow_udp_tunnels(octets: Octets, packets: Packets) -> None:
    """Moves on the packets whose UDP port is that of a tunnel."""
    rows = np.flatnonzero(packets.layer == Layer.UDP)
    for _ in range(MAX_UDP_TUNNELS):
        rows = rows[packets.end[rows] - packets.at[rows] >= UDP_HEADER]
        ports = octets.u16(packets.at[rows], 2)
        outer = rows[np.isin(ports, list(UDP_TUNNELS))]
        if len(outer) == 0:
            return
        inner = packets.take(outer)
        ports = octets.u16(inner.at, 2)
        for port, layer in UDP_TUNNELS.items():
            inner.layer[ports == port] = layer
        inner.at += UDP_HEADER
        unwrap(octets, inner)
        packets.put(outer, inner)
        rows = outer[inner.layer == Layer.UDP]


def _note_undecoded(records: Records, packets: Packets, log: ProblemLog) -> None:
    """Notes packets of unknown link types, and those whose headers cannot be."""
    rows = np.flatnonzero(packets.layer == Layer.UNSUPPORTED)
    if len(rows):
        types = records.link_types
        of_rows = types[rows] if len(types) > 1 else np.repeat(types, len(rows))
        for link_type in np.unique(of_rows).tolist():
            log.add(
                ProblemKind.UNSUPPORTED,
                f"packets of link type {linktypes.name(link_type)} are not decoded",
                *_first_and_count(records, rows[of_rows == link_type]),
            )
    malformed = packets.record[packets.layer == Layer.MALFORMED]
    _note_malformed(records, malformed, log)


def _first_and_count(records: Records, indices: Places) -> tuple[int | None, int]:
    if len(indices) == 0:
        return None, 0
    return records.first_frame + int(indices[0]), len(indices)


def _note_malformed(records: Records, indices: Places, log: ProblemLog) -> None:
    log.add(
        ProblemKind.MALFORMED_PACKETS,
        "packets whose headers contradict themselves",
        *_first_and_count(records, indices),
    )


def _note_headers(records: Records, packets: Packets, log: ProblemLog) -> None:
    """Notes packets of which not even the transport header can be read."""
    cut = records.wire_lengths(packets.record) > records.captured[packets.record]
    log.add(
        ProblemKind.SNAPPED,
        SNAPPED_TEXT,
        *_first_and_count(records, packets.record[cut]),
    )
    _note_malformed(records, packets.record[~cut], log)


SNAPPED_TEXT = "packets of which the file holds only the beginning"


def _note_snapped(columns: PacketColumns, log: ProblemLog) -> None:
    cut: npt.NDArray[np.bool_] = columns.captured_length < columns.payload_length
    frames = columns.frame[cut]
    if len(frames):
        log.add(ProblemKind.SNAPPED, SNAPPED_TEXT, int(frames[0]), len(frames))
