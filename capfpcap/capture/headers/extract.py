"""Columns of the packets that matter, and their payload."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from capfpcap.capture.addresses import AddressTable
from capfpcap.capture.columns import NO_VLAN, PacketColumns, PayloadStore
from capfpcap.capture.headers import linktypes
from capfpcap.capture.headers.addresses import endpoints
from capfpcap.capture.headers.layers import VLAN_TAGS, Layer
from capfpcap.capture.headers.network import IPV6_HEADER
from capfpcap.capture.headers.packets import NOWHERE, Packets
from capfpcap.capture.headers.storing import store
from capfpcap.capture.octets import Octets, Places
from capfpcap.capture.records import MAX_RECORD, Records

TCP_HEADER = 20
UDP_HEADER = 8

TRANSPORT = np.dtype(
    [
        ("source_port", ">u2"),
        ("destination_port", ">u2"),
        ("sequence", ">u4"),
        ("acknowledgement", ">u4"),
        ("offset", "u1"),
        ("flags", "u1"),
        ("window", ">u2"),
    ]
)
"""The beginning of a TCP header (RFC 9293); the ports are where UDP and SCTP have them as well."""
IPV4 = np.dtype(
    [
        ("version", "u1"),
        ("service", "u1"),
        ("length", ">u2"),
        ("identification", ">u2"),
        ("fragment", ">u2"),
        ("ttl", "u1"),
    ]
)
"""The beginning of an IPv4 header (RFC 791)."""
IPV6_LENGTH, IPV6_HOP_LIMIT = "identification", "fragment"
"""Fields of :data:`IPV4` at whose places IPv6 has its payload length, and in the lower octet its
hop limit (RFC 8200)."""
ETHERNET = np.dtype(
    [
        ("destination", ">u2"),
        ("destination_rest", ">u4"),
        ("source", ">u2"),
        ("source_rest", ">u4"),
        ("type", ">u2"),
    ]
)
"""An Ethernet header, addresses in two parts."""

Mask: TypeAlias = npt.NDArray[np.bool_]

_IS_TAG = np.zeros(1 << 16, np.bool_)
_IS_TAG[list(VLAN_TAGS)] = True


class Headers(Struct, frozen=True, eq=False):
    """What the innermost headers of some packets say; one entry a packet."""

    network: npt.NDArray[Any]
    """Laid out as :data:`IPV4`."""
    version6: Mask
    transport: npt.NDArray[Any]
    """Laid out as :data:`TRANSPORT`."""
    is_tcp: Mask
    is_udp: Mask
    length: Places
    """Octets of the transport header as it states itself; 0 for ICMP."""

    @staticmethod
    def of(octets: Octets, packets: Packets) -> Headers:
        """The headers that the packets stand at."""
        network = octets.headers(packets.network_at, IPV4)
        transport = octets.headers(packets.at, TRANSPORT)
        is_tcp, is_udp = packets.layer == Layer.TCP, packets.layer == Layer.UDP
        length = (transport["offset"] >> 4).astype(np.int64) * 4
        length[~is_tcp] = 0
        length[is_udp] = UDP_HEADER
        return Headers(network, network["version"] >> 4 == 6, transport, is_tcp, is_udp, length)

    def take(self, rows: Mask) -> Headers:
        """The headers of the packets that a mask names."""
        return Headers(*(getattr(self, name)[rows] for name in self.__struct_fields__))

    @property
    def udp_length(self) -> Places:
        """The length field of UDP headers, which is where TCP has its sequence number."""
        lengths: Places = (self.transport["sequence"] >> 16).astype(np.int64)
        return lengths


def headers_captured(packets: Packets) -> Mask:
    """Of which packets the file holds the transport header, TCP options aside."""
    held = packets.end - packets.at
    whole: Mask = held >= TCP_HEADER
    whole |= (packets.layer != Layer.TCP) & (held >= UDP_HEADER)
    whole |= (packets.layer != Layer.TCP) & (packets.layer != Layer.UDP)
    return whole


def headers_sound(headers: Headers, packets: Packets, ends: Places) -> Mask:
    """Which transport headers, all captured, can be true: they end before ``ends``."""
    sound = ends - packets.at >= headers.length
    sound &= ~headers.is_tcp | (headers.length >= TCP_HEADER)
    udp_length = headers.udp_length
    sound &= ~headers.is_udp | (udp_length == 0) | (udp_length >= UDP_HEADER)
    return sound


def stated_ends(headers: Headers, records: Records, packets: Packets) -> Places:
    """Where the headers say that the packets end, captured or not: IP's, and UDP's if shorter.

    A length of 0, as in IPv4 packets that the sender's network card will split and in jumbograms,
    leaves it to the length on the wire, at most :data:`MAX_RECORD`.
    """
    length = headers.network["length"].astype(np.int64)
    if headers.version6.any():
        payload = headers.network[IPV6_LENGTH][headers.version6].astype(np.int64)
        length[headers.version6] = np.where(payload == 0, 0, payload + IPV6_HEADER)
    ends: Places = packets.network_at + length
    unstated = np.flatnonzero(length == 0)
    if len(unstated):
        record = packets.record[unstated]
        wire = np.minimum(records.wire_lengths(record), MAX_RECORD)
        rest = np.maximum(wire - records.captured[record], 0)
        ends[unstated] = packets.end[unstated] + rest
    udp = np.flatnonzero(headers.is_udp)
    udp_length = headers.udp_length[udp]
    udp_ends = packets.at[udp] + np.where(udp_length < UDP_HEADER, MAX_RECORD, udp_length)
    ends[udp] = np.minimum(ends[udp], udp_ends)
    return ends


def columns_of(
    octets: Octets,
    records: Records,
    packets: Packets,
    headers: Headers,
    ends: Places,
    *,
    addresses: AddressTable,
    payloads: PayloadStore,
    file: int,
) -> PacketColumns:
    """One row for each of ``packets``, whose payload, up to ``ends``, goes into ``payloads``."""
    network, transport = headers.network, headers.transport
    payload_at = packets.at + headers.length
    payload_length = ends - payload_at
    captured = np.clip(packets.end - payload_at, 0, payload_length)
    chunk, places = store(octets, payload_at, captured, payloads)
    source, destination = endpoints(octets, packets.network_at, addresses)
    source_mac, destination_mac, vlan = _frames(octets, records, packets)
    has_ports = headers.is_tcp | headers.is_udp
    hop_limit = (network[IPV6_HOP_LIMIT] & 0xFF).astype(np.uint8)
    return PacketColumns(
        time=records.times(packets.record),
        file=np.full(len(packets), file, np.uint16),
        frame=(packets.record + records.first_frame).astype(np.uint32),
        source=source,
        destination=destination,
        source_port=np.where(has_ports, transport["source_port"], 0).astype(np.uint16),
        destination_port=np.where(has_ports, transport["destination_port"], 0).astype(np.uint16),
        protocol=packets.layer.astype(np.uint8),
        flags=np.where(headers.is_tcp, transport["flags"], 0).astype(np.uint8),
        sequence=np.where(headers.is_tcp, transport["sequence"], 0).astype(np.uint32),
        acknowledgement=np.where(headers.is_tcp, transport["acknowledgement"], 0).astype(np.uint32),
        window=np.where(headers.is_tcp, transport["window"], 0).astype(np.uint16),
        ttl=np.where(headers.version6, hop_limit, network["ttl"]),
        identification=np.where(headers.version6, 0, network["identification"]).astype(np.uint16),
        payload_length=payload_length.astype(np.uint32),
        captured_length=captured.astype(np.uint32),
        chunk=np.full(len(packets), chunk, np.uint32),
        payload_at=places.astype(np.uint32),
        source_mac=source_mac,
        destination_mac=destination_mac,
        vlan=vlan,
    )


def _frames(
    octets: Octets, records: Records, packets: Packets
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64], npt.NDArray[np.uint16]]:
    """Source and destination address and VLAN of the link layer of each packet."""
    count = len(packets)
    source, destination = np.zeros(count, np.uint64), np.zeros(count, np.uint64)
    vlan = np.full(count, NO_VLAN, np.uint16)
    framed = np.flatnonzero(packets.ethernet_at != NOWHERE)
    header = octets.headers(packets.ethernet_at[framed], ETHERNET)
    destination[framed] = _address(header["destination"], header["destination_rest"])
    source[framed] = _address(header["source"], header["source_rest"])
    _tags(octets, vlan, framed, header["type"], packets.ethernet_at[framed] + 14)
    if len(framed) < count:
        _cooked_frames(octets, records, packets, source, vlan)
    return source, destination, vlan


def _address(upper: npt.NDArray[Any], lower: npt.NDArray[Any]) -> npt.NDArray[np.uint64]:
    """MAC addresses of their first two and their last four octets."""
    address: npt.NDArray[np.uint64] = upper.astype(np.uint64) << np.uint64(32)
    address |= lower
    return address


def _cooked_frames(
    octets: Octets,
    records: Records,
    packets: Packets,
    source: npt.NDArray[np.uint64],
    vlan: npt.NDArray[np.uint16],
) -> None:
    """Sets the source address and VLAN of the packets that have Linux's cooked headers."""
    link_types = records.link_types
    types = link_types[packets.record] if len(link_types) > 1 else link_types
    cooked = packets.ethernet_at == NOWHERE
    start = records.at[packets.record]
    for link_type, address, protocol, tag in (
        (linktypes.LINUX_SLL, 6, 14, 16),
        (linktypes.LINUX_SLL2, 12, 0, 20),
    ):
        rows = np.flatnonzero(cooked & (types == link_type))
        if len(rows):
            at = start[rows]
            source[rows] = octets.u48(at, address)
            _tags(octets, vlan, rows, octets.u16(at, protocol), at + tag)


def _tags(
    octets: Octets,
    vlan: npt.NDArray[np.uint16],
    rows: Places,
    types: npt.NDArray[np.uint16],
    tags_at: Places,
) -> None:
    """Sets ``vlan`` where the type is that of a tag, which is at ``tags_at``."""
    tagged = np.flatnonzero(_IS_TAG[types])
    if len(tagged):
        vlan[rows[tagged]] = octets.u16(tags_at[tagged]) & 0x0FFF
