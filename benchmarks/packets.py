"""Frames of Ethernet, IPv4, UDP and TCP with holes, and the checksums that a whole frame needs."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from benchmarks.templates import Octets, Quantity, Template, Values, number

ETHERNET_HEADER = 14
SHORTEST_FRAME = 60
"""Octets of an Ethernet frame without its checksum (IEEE 802.3): shorter ones are padded."""
IP_HEADER = 20
UDP_HEADER = 8
TCP_HEADER = 20
UDP = 17
TCP = 6
DONT_FRAGMENT = b"\x40\x00"
SENT_AGAIN = 1000
"""What is added to the IPv4 identification of a frame that is sent once more."""
IDENTIFICATIONS = frozenset({Quantity.CLIENT_IDENTIFICATION, Quantity.SERVER_IDENTIFICATION})


@dataclass(frozen=True, slots=True)
class Host:
    """One end of a frame on the wire where the capture was made."""

    mac: Template
    address: Template
    ttl: int
    """Time to live of its packets when they are captured."""
    identification: Quantity
    """The counter of its IPv4 identifications."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame with holes; its checksums are zero until it is filled."""

    template: Template
    ip_at: int
    """Where the IPv4 header begins."""
    end: int
    """Where the IPv4 packet ends; what follows is padding."""
    protocol: int

    def sent_again(self) -> Frame:
        """The same frame with another IPv4 identification."""
        holes = tuple(
            replace(hole, plus=hole.plus + SENT_AGAIN) if hole.quantity in IDENTIFICATIONS else hole
            for hole in self.template.holes
        )
        return replace(self, template=Template(self.template.octets, holes))

    def fill(self, values: Values, rows: Octets) -> None:
        """Write the frames of all phones into ``rows``, checksums and all."""
        rows[:] = np.frombuffer(self.template.octets, np.uint8)
        self.template.fill_into(rows, values)
        self.renew_checksums(rows)

    def renew_checksums(self, rows: Octets) -> None:
        """Compute the IPv4 header's and the UDP or TCP checksum of each row."""
        ip, transport, end = self.ip_at, self.ip_at + IP_HEADER, self.end
        at = ip + 10
        rows[:, at : at + 2] = 0
        rows[:, at : at + 2] = _complement(_word_sum(rows[:, ip:transport]))
        at = transport + (6 if self.protocol == UDP else 16)
        rows[:, at : at + 2] = 0
        total = _word_sum(rows[:, transport:end]) + _word_sum(rows[:, ip + 12 : transport])
        total += self.protocol + end - transport
        rows[:, at : at + 2] = _complement(total)


@dataclass(frozen=True, slots=True)
class Route:
    """Whose frame it is, and where it was captured."""

    source: Host
    destination: Host
    ports: tuple[Template, Template]
    """Of the source and of the destination."""
    count: int
    """What is added to the source's IPv4 identification."""
    vlan: int | None
    """The 802.1Q VLAN identifier of its tag, if it has one."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A TCP segment apart from its ports and its checksum."""

    numbers: Template
    """Sequence and acknowledgement number."""
    flags: int
    window: int
    options: bytes
    """A multiple of four octets."""
    data: Template


def udp_frame(route: Route, payload: Template) -> Frame:
    """The frame of a UDP datagram."""
    length = (UDP_HEADER + len(payload)).to_bytes(2, "big")
    return _frame(route, UDP, route.ports[0] + route.ports[1] + length + b"\0\0" + payload)


def tcp_frame(route: Route, segment: Segment) -> Frame:
    """The frame of a TCP segment."""
    offset = (TCP_HEADER + len(segment.options)) // 4 << 4
    control = bytes([offset, segment.flags]) + segment.window.to_bytes(2, "big") + bytes(4)
    header = route.ports[0] + route.ports[1] + segment.numbers + control + segment.options
    return _frame(route, TCP, header + segment.data)


def _frame(route: Route, protocol: int, content: Template) -> Frame:
    source, destination = route.source, route.destination
    tag = b"" if route.vlan is None else b"\x81\x00" + route.vlan.to_bytes(2, "big")
    link = destination.mac + source.mac + tag + b"\x08\x00"
    length = (IP_HEADER + len(content)).to_bytes(2, "big")
    identification = number(source.identification, 2, route.count)
    ip = b"\x45\0" + length + identification + DONT_FRAGMENT
    ip = ip + bytes([source.ttl, protocol, 0, 0]) + source.address + destination.address
    whole = link + ip + content
    padding = bytes(max(0, SHORTEST_FRAME - len(whole)))
    return Frame(whole + padding, len(link), len(whole), protocol)


def _word_sum(rows: Octets) -> npt.NDArray[np.int64]:
    """The sum of each row's 16-bit words, big-endian (RFC 1071), an odd end padded with zero."""
    high: npt.NDArray[np.int64] = rows[:, 0::2].sum(axis=1, dtype=np.int64)
    low: npt.NDArray[np.int64] = rows[:, 1::2].sum(axis=1, dtype=np.int64)
    return high * 256 + low


def _complement(total: npt.NDArray[np.int64]) -> Octets:
    for _ in range(3):
        total = (total & 0xFFFF) + (total >> 16)
    checksum = (~total & 0xFFFF).astype(np.uint16)
    return checksum.astype(">u2").view(np.uint8).reshape(-1, 2)
