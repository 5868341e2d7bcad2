"""Recorded captures as lists of packets, changed as networks, NATs, clocks and cards do it."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from capfpcap.analysis import Analysis, CaptureInput, analyze
from capfpcap.vantage.fate import Fate, Leg
from capfpcap.vantage.role import Role
from capfpcap.vantage.verdicts import read_legs

CAPTURES = Path(__file__).resolve().parents[2] / "captures"
SECOND = 1_000_000_000
MILLISECOND = 1_000_000
NANOSECOND_MAGIC = 0xA1B23C4D
MICROSECOND_MAGIC = 0xA1B2C3D4
IP = 14
"""Where the IP header lies in an Ethernet frame."""
TCP, UDP = 6, 17
SYN, ACK = 0x02, 0x10


@dataclass(frozen=True, slots=True)
class Packet:
    """One IPv4 packet in an Ethernet frame, without IP options."""

    time: int
    data: bytes
    wire: int

    @property
    def is_ip(self) -> bool:
        return self.data[12:14] == b"\x08\x00" and self.data[IP] == 0x45

    @property
    def protocol(self) -> int:
        return self.data[IP + 9] if self.is_ip else 0

    @property
    def source(self) -> bytes:
        return self.data[IP + 12 : IP + 16]

    @property
    def ports(self) -> tuple[int, int]:
        return struct.unpack_from(">HH", self.data, IP + 20)  # type: ignore[return-value]

    @property
    def flags(self) -> int:
        return self.data[IP + 33]

    @property
    def payload_at(self) -> int:
        if self.protocol == UDP:
            return IP + 28
        return IP + 20 + (self.data[IP + 32] >> 4) * 4

    @property
    def payload(self) -> bytes:
        total = struct.unpack_from(">H", self.data, IP + 2)[0]
        return self.data[self.payload_at : IP + total]

    @property
    def sequence(self) -> int:
        return int(struct.unpack_from(">I", self.data, IP + 24)[0])

    def patched(self, at: int, octets: bytes) -> Packet:
        """With other octets from an offset of the frame on."""
        data = self.data[:at] + octets + self.data[at + len(octets) :]
        return replace(self, data=data)

    def later(self, nanoseconds: int) -> Packet:
        return replace(self, time=self.time + nanoseconds)

    def identified(self, number: int) -> Packet:
        """With another IP identification."""
        return self.patched(IP + 4, struct.pack(">H", number & 0xFFFF))

    def with_payload(self, payload: bytes) -> Packet:
        total = self.payload_at - IP + len(payload)
        data = self.data[: self.payload_at] + payload
        one = replace(self, data=data, wire=len(data))
        return one.patched(IP + 2, struct.pack(">H", total))


def read(path: Path) -> list[Packet]:
    """The packets of a classic pcap file in little-endian order."""
    return packets_in(path.read_bytes())


def packets_in(content: bytes) -> list[Packet]:
    """The packets of a classic capture in little-endian order; the last one may be cut short."""
    unit = 1 if struct.unpack_from("<I", content)[0] == NANOSECOND_MAGIC else 1000
    packets, at = [], 24
    while at + 16 <= len(content):
        seconds, fraction, captured, wire = struct.unpack_from("<IIII", content, at)
        data = content[at + 16 : at + 16 + captured]
        packets.append(Packet(seconds * SECOND + fraction * unit, data, wire))
        at += 16 + captured
    return packets


def write(path: Path, packets: Iterable[Packet]) -> Path:
    """The packets in order of time, in a file with nanoseconds."""
    parts = [struct.pack("<IHHiIII", NANOSECOND_MAGIC, 2, 4, 0, 0, 262144, 1)]
    for packet in sorted(packets, key=lambda packet: packet.time):
        seconds, nanoseconds = divmod(packet.time, SECOND)
        head = struct.pack("<IIII", seconds, nanoseconds, len(packet.data), packet.wire)
        parts.append(head + packet.data)
    path.write_bytes(b"".join(parts))
    return path


def pair(scenario: str) -> tuple[list[Packet], list[Packet]]:
    """What was recorded at the phone and at the publisher."""
    folder = CAPTURES / scenario
    return read(folder / "phone.pcap"), read(folder / "publisher.pcap")


def joined(
    folder: Path, *captures: Iterable[Packet], roles: tuple[Role | None, ...] | None = None
) -> Analysis:
    """The analysis of several captures; roles are inferred unless given."""
    given = roles or (None,) * len(captures)
    inputs = []
    for number, (packets, role) in enumerate(zip(captures, given, strict=True)):
        path = write(folder / f"capture{chr(97 + number)}.pcap", packets)
        inputs.append(CaptureInput((str(path),), role))
    return analyze(inputs)


def legs(analysis: Analysis) -> list[Leg]:
    """Every direction of every flow that two captures show."""
    return [
        leg
        for flow in analysis.scene.flows
        if len(flow.sightings) > 1 or flow.unseen_at
        for leg in read_legs(flow)
    ]


def fates(analysis: Analysis) -> dict[tuple[str, int], Fate]:
    """What became of each packet, by capture and frame number at the place where it is seen.

    A packet that is seen at both places is listed under both.
    """
    found: dict[tuple[str, int], Fate] = {}
    for leg in legs(analysis):
        for passage in leg.passages:
            for sighting, row in (
                (leg.sent, passage.sent_row),
                (leg.arrived, passage.arrived_row),
            ):
                if sighting is not None and row is not None:
                    frame = int(sighting.at.table.columns.frame[row])
                    found[sighting.at.name, frame] = passage.fate
    return found


def codes(analysis: Analysis) -> set[str]:
    return {finding.code for finding in analysis.report.findings}


def translated(
    packets: Iterable[Packet],
    inside: bytes,
    outside: bytes,
    port: Callable[[int], int] = lambda port: port,
) -> list[Packet]:
    """A network address translator between the phone and this capture: its address and ports."""
    changed = []
    for packet in packets:
        one = packet
        if packet.is_ip and packet.protocol in (TCP, UDP):
            for at, port_at in ((IP + 12, IP + 20), (IP + 16, IP + 22)):
                if packet.data[at : at + 4] == inside:
                    number = struct.unpack_from(">H", packet.data, port_at)[0]
                    one = one.patched(at, outside)
                    one = one.patched(port_at, struct.pack(">H", port(number)))
        changed.append(one)
    return changed


def renumbered(packets: Iterable[Packet], client: bytes, up: int, down: int) -> list[Packet]:
    """A firewall that rewrites initial sequence numbers: what it adds to each side's."""
    changed = []
    for packet in packets:
        one = packet
        if packet.protocol == TCP:
            own, peers = (up, down) if packet.source == client else (down, up)
            sequence, acknowledged = struct.unpack_from(">II", packet.data, IP + 24)
            acknowledged += peers if packet.flags & ACK else 0
            numbers = ((sequence + own) & 0xFFFFFFFF, acknowledged & 0xFFFFFFFF)
            one = packet.patched(IP + 24, struct.pack(">II", *numbers))
        changed.append(one)
    return changed


def snapped(packets: Iterable[Packet], length: int) -> list[Packet]:
    """A snap length."""
    return [replace(packet, data=packet.data[:length]) for packet in packets]
