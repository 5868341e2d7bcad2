"""Packets between a phone and its CAPF server, written to a file and read back as one flow."""

from __future__ import annotations

import ipaddress
import struct
import tempfile
from dataclasses import dataclass
from pathlib import Path

from capfpcap.capture.addresses import AddressTable
from capfpcap.capture.ports import PortSelection
from capfpcap.capture.reader import read_capture
from capfpcap.flows.table import FlowView, build_flows
from tests.capture.builder import PHONE, SERVER, Packet, ethernet, pcap

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
CLIENT_START = 1000
SERVER_START = 5000
"""Initial sequence numbers: the first octet of a stream has the next number."""
_NUMBERS = 1 << 32
_SECOND = 1_000_000_000


@dataclass(frozen=True)
class Tcp:
    """One packet; numbers are taken modulo 2**32."""

    from_client: bool
    flags: int
    sequence: int
    acknowledgement: int = 0
    payload: bytes = b""
    captured: int | None = None
    """Octets of the payload that the snap length left."""

    def recorded(self, number: int) -> Packet:
        ends = (50000, 3804) if self.from_client else (3804, 50000)
        addresses = (PHONE, SERVER) if self.from_client else (SERVER, PHONE)
        numbers = (self.sequence % _NUMBERS, self.acknowledgement % _NUMBERS)
        head = struct.pack(">HHIIBBHHH", *ends, *numbers, 0x50, self.flags, 8192, 0, 0)
        total = 40 + len(self.payload)
        ip = struct.pack(">BBHHHBBH", 0x45, 0, total, number % 65536, 0, 64, 6, 0)
        ip += b"".join(ipaddress.IPv4Address(address).packed for address in addresses)
        frame = ethernet(ip + head + self.payload)
        kept = len(frame) if self.captured is None else 54 + self.captured
        return Packet(frame[:kept], 1_700_000_000 * _SECOND + number * _SECOND, len(frame))


def from_client(
    offset: int, payload: bytes = b"", flags: int = ACK, heard: int = 0, captured: int | None = None
) -> Tcp:
    """A packet at an offset of the client's stream that acknowledges ``heard`` octets."""
    sequence, acknowledgement = CLIENT_START + 1 + offset, SERVER_START + 1 + heard
    return Tcp(True, flags, sequence, acknowledgement, payload, captured)


def from_server(
    offset: int, payload: bytes = b"", flags: int = ACK, heard: int = 0, captured: int | None = None
) -> Tcp:
    """The same of the server's stream."""
    sequence, acknowledgement = SERVER_START + 1 + offset, CLIENT_START + 1 + heard
    return Tcp(False, flags, sequence, acknowledgement, payload, captured)


OPENING = [from_client(-1, flags=SYN), from_server(-1, flags=SYN | ACK), from_client(0)]
"""The three-way handshake: rows 0, 1 and 2."""


def flow(*packets: Tcp) -> FlowView:
    """The one flow that the packets are, in this order."""
    recorded = [packet.recorded(number) for number, packet in enumerate(packets)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "flow.pcap"
        path.write_bytes(pcap(recorded))
        ports = PortSelection()
        capture = read_capture((str(path),), ports, AddressTable())
    (view,) = build_flows(capture, ports).views
    return view
