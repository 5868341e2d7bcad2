"""Columns of the packets that matter, and their payload."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from capfpcap.capture import linktypes
from capfpcap.capture.addresses import destinations, sources
from capfpcap.capture.columns import NO_VLAN, AddressTable, PacketColumns, PayloadStore
from capfpcap.capture.layers import VLAN_TAGS, Layer
from capfpcap.capture.network import IPV6_HEADER
from capfpcap.capture.octets import Octets, Places
from capfpcap.capture.packets import NOWHERE, Packets
from capfpcap.capture.records import MAX_RECORD, Records

TCP_HEADER = 20
UDP_HEADER = 8


def header_lengths(octets: Octets, packets: Packets) -> Places:
    """Octets of the transport headers, as they state themselves; 0 for ICMP."""
    lengths = np.zeros(len(packets), np.int64)
    is_tcp = packets.layer == Layer.TCP
    lengths[is_tcp] = (octets.u8(packets.at[is_tcp], 12) >> 4).astype(np.int64) * 4
    lengths[packets.layer == Layer.UDP] = UDP_HEADER
    return lengths


def headers_captured(packets: Packets) -> npt.NDArray[np.bool_]:
    """Of which packets the file holds the transport header, TCP options aside."""
    least = np.zeros(len(packets), np.int64)
    least[packets.layer == Layer.TCP] = TCP_HEADER
    least[packets.layer == Layer.UDP] = UDP_HEADER
    whole: npt.NDArray[np.bool_] = packets.end - packets.at >= least
    return whole


def headers_sound(octets: Octets, packets: Packets, ends: Places) -> npt.NDArray[np.bool_]:
    """Which transport headers, all captured, can be true: they end before ``ends``."""
    header = header_lengths(octets, packets)
    sound = ends - packets.at >= header
    sound &= (packets.layer != Layer.TCP) | (header >= TCP_HEADER)
    udp_length = octets.u16(packets.at, 4)
    sound &= (packets.layer != Layer.UDP) | (udp_length == 0) | (udp_length >= UDP_HEADER)
    return sound


def stated_ends(octets: Octets, records: Records, packets: Packets) -> Places:
    """Where the headers say that the packets end, captured or not: IP's, and UDP's if shorter.

    A length of 0, as in IPv4 packets that the sender's network card will split and in jumbograms,
    leaves it to the length on the wire, at most :data:`MAX_RECORD`.
    """
    at = packets.network_at
    version6 = octets.u8(at) >> 4 == 6
    total = octets.u16(at, 2).astype(np.int64)
    payload = octets.u16(at, 4).astype(np.int64)
    length = np.where(version6, np.where(payload == 0, 0, payload + IPV6_HEADER), total)
    wire = np.minimum(records.wire_lengths(packets.record), MAX_RECORD)
    captured = records.captured[packets.record]
    wire_end = packets.end + np.maximum(wire - captured, 0)
    ends = np.where(length == 0, wire_end, at + length)
    udp = np.flatnonzero(packets.layer == Layer.UDP)
    udp_length = octets.u16(packets.at[udp], 4).astype(np.int64)
    udp_ends = packets.at[udp] + np.where(udp_length < UDP_HEADER, MAX_RECORD, udp_length)
    ends[udp] = np.minimum(ends[udp], udp_ends)
    return ends


def columns_of(
    octets: Octets,
    records: Records,
    packets: Packets,
    ends: Places,
    *,
    addresses: AddressTable,
    payloads: PayloadStore,
    file: int,
) -> PacketColumns:
    """One row for each of ``packets``, whose payload, up to ``ends``, goes into ``payloads``."""
    at = packets.at
    is_tcp = packets.layer == Layer.TCP
    has_ports = is_tcp | (packets.layer == Layer.UDP)
    payload_at = at + header_lengths(octets, packets)
    payload_length = ends - payload_at
    captured = np.clip(packets.end - payload_at, 0, payload_length)
    chunk, places = _store(octets, payload_at, captured, payloads)
    everyone = np.arange(len(packets))
    source_mac, destination_mac, vlan = _frames(octets, records, packets)
    version4 = octets.u8(packets.network_at) >> 4 == 4
    return PacketColumns(
        time=records.times(packets.record),
        file=np.full(len(packets), file, np.uint16),
        frame=(packets.record + records.first_frame).astype(np.uint32),
        source=sources(octets, packets, everyone, addresses),
        destination=destinations(octets, packets, everyone, addresses),
        source_port=np.where(has_ports, octets.u16(at), 0).astype(np.uint16),
        destination_port=np.where(has_ports, octets.u16(at, 2), 0).astype(np.uint16),
        protocol=packets.layer.astype(np.uint8),
        flags=np.where(is_tcp, octets.u8(at, 13), 0).astype(np.uint8),
        sequence=np.where(is_tcp, octets.u32(at, 4), 0).astype(np.uint32),
        acknowledgement=np.where(is_tcp, octets.u32(at, 8), 0).astype(np.uint32),
        window=np.where(is_tcp, octets.u16(at, 14), 0).astype(np.uint16),
        ttl=np.where(version4, octets.u8(packets.network_at, 8), octets.u8(packets.network_at, 7)),
        identification=np.where(version4, octets.u16(packets.network_at, 4), 0).astype(np.uint16),
        payload_length=payload_length.astype(np.uint32),
        captured_length=captured.astype(np.uint32),
        chunk=np.full(len(packets), chunk, np.uint32),
        payload_at=places.astype(np.uint32),
        source_mac=source_mac,
        destination_mac=destination_mac,
        vlan=vlan,
    )


def _store(
    octets: Octets, at: Places, lengths: Places, payloads: PayloadStore
) -> tuple[int, Places]:
    """Copies the payloads into one chunk; its index and where in it each payload begins."""
    held = np.flatnonzero(lengths)
    starts = at[held]
    ends = starts + lengths[held]
    view = octets.array.data
    pieces = [view[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
    return payloads.add(b"".join(pieces)), np.cumsum(lengths) - lengths


def _frames(
    octets: Octets, records: Records, packets: Packets
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64], npt.NDArray[np.uint16]]:
    """Source and destination address and VLAN of the link layer of each packet."""
    count = len(packets)
    source, destination = np.zeros(count, np.uint64), np.zeros(count, np.uint64)
    vlan = np.full(count, NO_VLAN, np.uint16)
    framed = np.flatnonzero(packets.ethernet_at != NOWHERE)
    at = packets.ethernet_at[framed]
    destination[framed], source[framed] = octets.u48(at), octets.u48(at, 6)
    _tags(octets, vlan, framed, at + 12)
    link_types = records.link_types
    types = link_types[packets.record] if len(link_types) > 1 else np.repeat(link_types, count)
    cooked = packets.ethernet_at == NOWHERE
    start = records.at[packets.record]
    for link_type, address, protocol in (
        (linktypes.LINUX_SLL, 6, 14),
        (linktypes.LINUX_SLL2, 12, 0),
    ):
        rows = np.flatnonzero(cooked & (types == link_type))
        if len(rows):
            source[rows] = octets.u48(start[rows], address)
            _tags(octets, vlan, rows, start[rows] + protocol, 2 if protocol else 20)
    return source, destination, vlan


def _tags(
    octets: Octets, vlan: npt.NDArray[np.uint16], rows: Places, type_at: Places, behind: int = 2
) -> None:
    """Sets ``vlan`` where the type at ``type_at`` is that of a tag ``behind`` octets further on."""
    tagged = np.isin(octets.u16(type_at), VLAN_TAGS)
    vlan[rows[tagged]] = octets.u16(type_at[tagged], behind) & 0x0FFF
