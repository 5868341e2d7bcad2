"""UDP and TCP packets of a phone and its servers, written to a file and read back as flows."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from capfpcap.capture.addresses import AddressTable
from capfpcap.capture.ports import PortSelection
from capfpcap.capture.reader import read_capture
from capfpcap.flows.table import FlowTable, FlowView, build_flows
from tests.capture.builder import PHONE, SERVER, Packet, ethernet, ipv4, ipv6, pcap, udp

START = 1_700_000_000 * 1_000_000_000
STEP = 1_000_000
"""Nanoseconds between two packets."""
CLIENT_PORT = 50000
_HEADERS = 54
"""Octets of Ethernet, IPv4 and TCP headers."""
_UDP_HEADERS = 42

SYN, ACK, FIN, PUSH = 2, 16, 1, 8


@dataclass(frozen=True)
class Datagram:
    """One packet; of TCP where ``flags`` are given."""

    payload: bytes
    source: str = PHONE
    source_port: int = CLIENT_PORT
    destination: str = SERVER
    destination_port: int = 69
    captured: int | None = None
    """Octets of the payload that the snap length left."""
    mac: bytes | None = None
    """Link-layer source."""
    flags: int | None = None
    sequence: int = 0
    acknowledgement: int = 0

    def recorded(self, number: int) -> Packet:
        ends = (self.source_port, self.destination_port)
        if self.flags is None:
            protocol, transport = 17, udp(self.payload, *ends)
        else:
            numbers = (self.sequence, self.acknowledgement)
            head = struct.pack(">HHIIBBHHH", *ends, *numbers, 0x50, self.flags, 8192, 0, 0)
            protocol, transport = 6, head + self.payload
        if ":" not in self.source:
            frame = ethernet(ipv4(transport, protocol, self.source, self.destination))
        else:
            frame = ethernet(ipv6(transport, protocol, self.source, self.destination), 0x86DD)
        if self.mac is not None:
            frame = frame[:6] + self.mac + frame[12:]
        headers = _UDP_HEADERS if self.flags is None else _HEADERS
        kept = len(frame) if self.captured is None else headers + self.captured
        return Packet(frame[:kept], START + number * STEP, len(frame))


def answer(to: Datagram, payload: bytes, port: int | None = None) -> Datagram:
    """A packet back to where another came from, from another port if one is named."""
    return replace(
        to,
        payload=payload,
        source=to.destination,
        source_port=to.destination_port if port is None else port,
        destination=to.source,
        destination_port=to.source_port,
    )


def connection(
    port: int,
    turns: Iterable[tuple[bool, bytes]],
    source: str = PHONE,
    closed_by_server: bool = False,
) -> list[Datagram]:
    """A TCP connection to ``port`` in which the client (True) and the server speak by turns."""
    sent = {True: 1000, False: 5000}

    def packet(up: bool, payload: bytes, flags: int) -> Datagram:
        made = Datagram(payload, source, CLIENT_PORT, SERVER, port, flags=flags)
        made = made if up else answer(made, payload)
        made = replace(made, sequence=sent[up], acknowledgement=sent[not up])
        sent[up] += len(payload) + bool(flags & (SYN | FIN))
        return made

    packets = [packet(True, b"", SYN), packet(False, b"", SYN | ACK), packet(True, b"", ACK)]
    packets += [packet(up, payload, PUSH | ACK) for up, payload in turns]
    return [*packets, packet(False, b"", FIN | ACK)] if closed_by_server else packets


def table(packets: Iterable[Datagram]) -> FlowTable:
    """The flows that the packets are, recorded in this order."""
    recorded = [packet.recorded(number) for number, packet in enumerate(packets)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "flows.pcap"
        path.write_bytes(pcap(recorded))
        ports = PortSelection()
        return build_flows(read_capture((str(path),), ports, AddressTable()), ports)


def flow(*packets: Datagram) -> FlowView:
    """The one flow that the packets are."""
    (view,) = table(packets).views
    return view
