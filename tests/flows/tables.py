"""Frames of several hosts, written to a file and read back as a table of flows."""

from __future__ import annotations

import struct
import tempfile
from dataclasses import dataclass
from pathlib import Path

from capfpcap.capture.addresses import AddressTable
from capfpcap.capture.columns import Capture
from capfpcap.capture.ports import PortSelection
from capfpcap.capture.reader import read_capture
from capfpcap.flows.table import FlowTable, FlowView, build_flows, build_tables
from tests.capture.builder import PHONE, SERVER, Packet, ethernet, ipv4, pcap, udp

from .packets import ACK

START = 1_700_000_000_000_000_000
SECOND = 1_000_000_000
OTHER_PHONE = "10.1.20.32"


@dataclass(frozen=True)
class End:
    address: str
    port: int


CLIENT = End(PHONE, 50000)
CAPF = End(SERVER, 3804)


def segment(
    source: End,
    destination: End,
    flags: int = ACK,
    sequence: int = 1,
    payload: bytes = b"",
    *,
    identification: int = 77,
    ttl: int = 64,
) -> bytes:
    """A frame with a TCP segment."""
    ports = (source.port, destination.port)
    head = struct.pack(">HHIIBBHHH", *ports, sequence, 1, 0x50, flags, 8192, 0, 0)
    return ethernet(
        ipv4(
            head + payload,
            source=source.address,
            destination=destination.address,
            identification=identification,
            ttl=ttl,
        )
    )


def datagram(
    source: End, destination: End, payload: bytes = b"", *, identification: int = 77
) -> bytes:
    """A frame with a UDP datagram."""
    packet = udp(payload, source.port, destination.port)
    addresses = (source.address, destination.address)
    return ethernet(ipv4(packet, 17, *addresses, identification=identification))


def capture_of(*frames: bytes, gap: int = SECOND) -> Capture:
    """The frames as a capture; the first at :data:`START`, the others ``gap`` after each other."""
    packets = [Packet(frame, START + number * gap) for number, frame in enumerate(frames)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.pcap"
        path.write_bytes(pcap(packets))
        return read_capture((str(path),), PortSelection(), AddressTable())


def table_of(*frames: bytes, gap: int = SECOND) -> FlowTable:
    """The flows of :func:`capture_of`."""
    return build_flows(capture_of(*frames, gap=gap), PortSelection())


def places_of(*frames: bytes, gap: int = SECOND) -> list[FlowTable]:
    """The same, a table for each place that recorded some of them."""
    return build_tables(capture_of(*frames, gap=gap), PortSelection())


def frames_of(view: FlowView) -> list[int]:
    """Frame numbers of a flow, from 1."""
    frames: list[int] = view.table.columns.frame[view.rows].tolist()
    return frames


def ends_of(view: FlowView) -> tuple[End, End]:
    """Client and server."""
    text = view.table.capture.addresses.text
    return End(text(view.client), view.client_port), End(text(view.server), view.server_port)
