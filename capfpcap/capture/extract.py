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
from capfpcap.capture.records import Records
from capfpcap.capture.unwrap import NOWHERE, Packets

TCP_HEADER = 20
UDP_HEADER = 8


def headers_whole(octets: Octets, packets: Packets) -> npt.NDArray[np.bool_]:
    """Which packets' transport headers were captured and can be true."""
    room = packets.end - packets.at
    is_tcp = packets.layer == Layer.TCP
    is_udp = packets.layer == Layer.UDP
    least = np.where(is_tcp, TCP_HEADER, np.where(is_udp, UDP_HEADER, 0))
    offset = octets.u8(packets.at, 12) >> 4
    sound: npt.NDArray[np.bool_] = (room >= least) & (~is_tcp | (offset >= TCP_HEADER // 4))
    return sound


def stated_ends(octets: Octets, records: Records, packets: Packets) -> Places:
    """Where the IP headers say that the packets end, captured or not.

    A length of 0, as in IPv4 packets that the sender's network card will split and in jumbograms,
    leaves it to the length on the wire.
    """
    at = packets.network_at
    version6 = octets.u8(at) >> 4 == 6
    total = octets.u16(at, 2).astype(np.int64)
    payload = octets.u16(at, 4).astype(np.int64)
    length = np.where(version6, np.where(payload == 0, 0, payload + IPV6_HEADER), total)
    wire = records.wire_lengths(packets.record)
    captured = records.captured[packets.record]
    wire_end = packets.end + np.maximum(wire - captured, 0)
    return np.where(length == 0, wire_end, at + length)


def columns_of(
    octets: Octets,
    records: Records,
    packets: Packets,
    addresses: AddressTable,
    payloads: PayloadStore,
    *,
    file: int,
) -> PacketColumns:
    """One row for each of ``packets``, whose payload is put into ``payloads``."""
    at = packets.at
    is_tcp = packets.layer == Layer.TCP
    has_ports = is_tcp | (packets.layer == Layer.UDP)
    header = np.where(is_tcp, (octets.u8(at, 12) >> 4).astype(np.int64) * 4, 0)
    header[packets.layer == Layer.UDP] = UDP_HEADER
    payload_at = at + header
    payload_length = np.maximum(stated_ends(octets, records, packets) - payload_at, 0)
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
    places = np.cumsum(lengths) - lengths
    return payloads.add(b"".join(pieces)), places


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
