"""Builds the captures that are too long to record: ``python -m captures.lab.built``.

In one a phone loads a firmware image in blocks of 8 bytes (RFC 2348), and the file has the request
last, as a program writes it that merges queues without looking at the times. In the other one
address sends a SYN to CAPF from each of its ports.
"""

from __future__ import annotations

import gzip
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "built"
BLOCKS = 29_000
"""So many that the request stands beyond a window of the file and the packets held for it."""
BLOCK = 8
SYNS = 1_500
BEGAN = 1_795_000_000
"""Seconds since 1970 of the first packet."""
PHONE, SERVER = (bytes([10, 20, 30, 44]), bytes([10, 122, 138, 102]))
PHONE_PORT, SERVER_PORT = 49200, 33100
MACS = {PHONE: bytes.fromhex("00c1644b9a10"), SERVER: bytes.fromhex("005056a11b02")}
TCP, UDP = 6, 17

Timed = tuple[int, bytes]
"""Microseconds since the first packet, and a frame."""


def main() -> None:
    """Write both."""
    first, *others = transfer()
    write("answers-before-request", "phone", [*others, first])
    write("port-scan", "publisher", list(scan()))


def transfer() -> Iterator[Timed]:
    """A TFTP transfer: its request, its blocks and their acknowledgements."""
    name, options = b"rootfs88xx.12-8-1-0001-455.sbn", [b"octet", b"blksize", b"8", b""]
    request = b"\0\1" + b"\0".join([name, *options])
    yield 0, frame(PHONE, SERVER, UDP, datagram(PHONE_PORT, 69, request))
    for number in range(1, BLOCKS + 1):
        block = number & 0xFFFF
        data = struct.pack(">HH", 3, block) + bytes(BLOCK if number < BLOCKS else 0)
        yield 500 * number, frame(SERVER, PHONE, UDP, datagram(SERVER_PORT, PHONE_PORT, data))
        acknowledged = datagram(PHONE_PORT, SERVER_PORT, struct.pack(">HH", 4, block))
        yield 500 * number + 150, frame(PHONE, SERVER, UDP, acknowledged)


def scan() -> Iterator[Timed]:
    """SYNs that nobody answers, none of them twice."""
    for number in range(SYNS):
        head = (20_000 + number, 3804, 0x5EED0000 + number, 0, 0x50, 2, 1024, 0, 0)
        yield 700 * number, frame(PHONE, SERVER, TCP, struct.pack(">HHIIBBHHH", *head))


def datagram(port: int, to_port: int, payload: bytes) -> bytes:
    """A UDP datagram without a checksum, which RFC 768 allows."""
    return struct.pack(">HHHH", port, to_port, 8 + len(payload), 0) + payload


def frame(source: bytes, destination: bytes, protocol: int, payload: bytes) -> bytes:
    """An Ethernet frame of at least 60 bytes."""
    header = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), 0, 0x4000, 63, protocol, 0)
    header += source + destination
    header = header[:10] + struct.pack(">H", checksum(header)) + header[12:]
    return (MACS[destination] + MACS[source] + b"\x08\0" + header + payload).ljust(60, b"\0")


def checksum(header: bytes) -> int:
    """That of an IPv4 header (RFC 791)."""
    total: int = sum(struct.unpack(">10H", header))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF


def write(scenario: str, stem: str, packets: Sequence[Timed]) -> None:
    """A compressed pcap file of these packets in this order."""
    head = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)
    content = gzip.compress(head + b"".join(record(*each) for each in packets), 9, mtime=0)
    (FOLDER / scenario / f"{stem}.pcap.gz").write_bytes(content)


def record(at: int, content: bytes) -> bytes:
    """A record of a pcap file."""
    seconds, microseconds = divmod(at, 1_000_000)
    return struct.pack("<IIII", BEGAN + seconds, microseconds, *[len(content)] * 2) + content


if __name__ == "__main__":
    main()
