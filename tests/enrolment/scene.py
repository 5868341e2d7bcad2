"""Phones among the clients of packets that were recorded, read back and matched."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from capfpcap.enrolment.identify import identify_phones
from capfpcap.enrolment.phone import Phone
from capfpcap.vantage.flow import VantagePoint
from capfpcap.vantage.match import match_flows
from capfpcap.vantage.role import Role
from tests.timeline.tftp_packets import download
from tests.timeline.wire import Datagram, table


def phones(packets: Iterable[Datagram], role: Role = Role.PHONE) -> list[Phone]:
    """The phones that a capture with these packets shows."""
    flows = table(packets)
    point = VantagePoint(("capture",), flows, role, True)
    return identify_phones(match_flows([point]), flows.capture.addresses)


def phone(packets: Iterable[Datagram], role: Role = Role.PHONE) -> Phone:
    """The one phone that they show."""
    (only,) = phones(packets, role)
    return only


def load(name: str, content: bytes = b"", port: int = 50000) -> list[Datagram]:
    """A download from one client port."""
    return [_from_port(packet, port) for packet in download(name, content)]


def at(packets: Iterable[Datagram], address: str, mac: bytes | None = None) -> list[Datagram]:
    """The same packets of a client with another address, whose own frames come from ``mac``."""
    return [_at(packet, address, mac) for packet in packets]


def _from_port(packet: Datagram, port: int) -> Datagram:
    if packet.source_port == 50000:
        return replace(packet, source_port=port)
    return replace(packet, destination_port=port)


_IPV6_SERVER = "2001:db8::7"


def _at(packet: Datagram, address: str, mac: bytes | None) -> Datagram:
    up = packet.destination_port != 50000
    server = packet.destination if up else packet.source
    server = _IPV6_SERVER if ":" in address else server
    if up:
        return replace(packet, source=address, destination=server, mac=mac)
    return replace(packet, source=server, destination=address)
