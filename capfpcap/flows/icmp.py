"""ICMP errors and the packets that they quote (RFC 792, RFC 4443)."""

from __future__ import annotations

import struct

from msgspec import Struct

from capfpcap.capture.addresses import AddressTable
from capfpcap.capture.columns import IpProtocol
from capfpcap.flows.table import FlowTable

UNREACHABLE = {
    0: "network unreachable",
    1: "host unreachable",
    2: "protocol unreachable",
    3: "port unreachable",
    4: "fragmentation needed",
    5: "source route failed",
    6: "destination network unknown",
    7: "destination host unknown",
    9: "network administratively prohibited",
    10: "host administratively prohibited",
    11: "network unreachable for this type of service",
    12: "host unreachable for this type of service",
    13: "communication administratively prohibited",
    14: "host precedence violation",
    15: "precedence cutoff in effect",
}
"""IANA ICMP Parameters, codes of type 3 (Destination Unreachable)."""

UNREACHABLE_V6 = {
    0: "no route to destination",
    1: "communication administratively prohibited",
    2: "beyond scope of source address",
    3: "address unreachable",
    4: "port unreachable",
    5: "source address failed ingress or egress policy",
    6: "reject route to destination",
    7: "error in source routing header",
}
"""IANA ICMPv6 Parameters, codes of type 1 (Destination Unreachable)."""

_FRAGMENTATION_NEEDED = (3, 4)
_TIME_EXCEEDED = 11
_PACKET_TOO_BIG_V6 = 2
_TIME_EXCEEDED_V6 = 3


class IcmpError(Struct, frozen=True):
    """An ICMP error message and the flow of the packet that it quotes."""

    row: int
    """Row of :attr:`FlowTable.others`."""
    time: int
    """Nanoseconds since 1970 UTC."""
    router: int
    """Address code of the sender of the error."""
    type: int
    code: int
    reason: str
    too_big: bool
    """The packet was too large for the next link: path MTU discovery at work, not a refusal."""
    next_mtu: int | None
    """Octets, where the error names them."""
    source: int
    destination: int
    source_port: int
    destination_port: int
    protocol: int


def read_icmp_errors(table: FlowTable) -> list[IcmpError]:
    """Every ICMP error of a capture that quotes a TCP or UDP packet, in file order."""
    others = table.others
    errors = []
    for row, protocol in enumerate(others.protocol.tolist()):
        if protocol not in (IpProtocol.ICMP, IpProtocol.ICMPV6):
            continue
        message = table.capture.payloads.read(others, row)
        error = _read_error(
            message,
            protocol == IpProtocol.ICMPV6,
            table.capture.addresses,
            row,
            int(others.time[row]),
            int(others.source[row]),
        )
        if error is not None:
            errors.append(error)
    return errors


def _read_error(
    message: bytes, version6: bool, addresses: AddressTable, row: int, time: int, router: int
) -> IcmpError | None:
    """One message, or None where it is no error or quotes too little."""
    if len(message) < 8:
        return None
    kind, code = message[0], message[1]
    reason = _reason6(kind, code) if version6 else _reason4(kind, code)
    quoted = _quoted6(message[8:], addresses) if version6 else _quoted4(message[8:])
    if reason is None or quoted is None:
        return None
    too_big = (kind, code) == _FRAGMENTATION_NEEDED if not version6 else kind == _PACKET_TOO_BIG_V6
    next_mtu = None
    if too_big:
        next_mtu = int.from_bytes(message[4:8] if version6 else message[6:8], "big") or None
    return IcmpError(row, time, router, kind, code, reason, too_big, next_mtu, *quoted)


def _reason4(kind: int, code: int) -> str | None:
    if kind == 3:
        return UNREACHABLE.get(code, f"destination unreachable, code {code}")
    return "time to live exceeded" if kind == _TIME_EXCEEDED else None


def _reason6(kind: int, code: int) -> str | None:
    if kind == 1:
        return UNREACHABLE_V6.get(code, f"destination unreachable, code {code}")
    if kind == _PACKET_TOO_BIG_V6:
        return "packet too big"
    return "hop limit exceeded" if kind == _TIME_EXCEEDED_V6 else None


def _quoted4(packet: bytes) -> tuple[int, int, int, int, int] | None:
    """Source, destination, ports and protocol of a quoted IPv4 packet."""
    if len(packet) < 20 or packet[0] >> 4 != 4:
        return None
    header = (packet[0] & 15) * 4
    if header < 20 or len(packet) < header + 4 or packet[9] not in (IpProtocol.TCP, IpProtocol.UDP):
        return None
    source, destination = struct.unpack_from(">II", packet, 12)
    source_port, destination_port = struct.unpack_from(">HH", packet, header)
    return source, destination, source_port, destination_port, packet[9]


def _quoted6(packet: bytes, addresses: AddressTable) -> tuple[int, int, int, int, int] | None:
    """The same of a quoted IPv6 packet without extension headers."""
    if len(packet) < 44 or packet[0] >> 4 != 6 or packet[6] not in (IpProtocol.TCP, IpProtocol.UDP):
        return None
    source_port, destination_port = struct.unpack_from(">HH", packet, 40)
    return (
        addresses.code_ipv6(packet[8:24]),
        addresses.code_ipv6(packet[24:40]),
        source_port,
        destination_port,
        packet[6],
    )
