"""Builds the one capture that is too long to record: ``python -m captures.lab.disorder``.

A phone loads a firmware image in blocks of 8 bytes (RFC 2348), and the capture file has the request
last, as a program writes it that merges queues without looking at the times.
"""

from __future__ import annotations

import gzip
import struct
from collections.abc import Iterator
from pathlib import Path

FILE = Path(__file__).parents[1] / "built" / "answers-before-request" / "phone.pcap.gz"
BLOCKS = 29_000
"""So many that the request stands beyond a window of the file and the packets held for it."""
BLOCK = 8
BEGAN = 1_795_000_000
"""Seconds since 1970 of the request."""
PHONE, SERVER = (bytes([10, 20, 30, 44]), bytes([10, 122, 138, 102]))
PHONE_PORT, SERVER_PORT = 49200, 33100
MACS = {PHONE: bytes.fromhex("00c1644b9a10"), SERVER: bytes.fromhex("005056a11b02")}


def main() -> None:
    """Write the capture."""
    first, *others = frames()
    head = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)
    records = b"".join(record(*each) for each in [*others, first])
    FILE.write_bytes(gzip.compress(head + records, 9, mtime=0))


def frames() -> Iterator[tuple[int, bytes]]:
    """Microseconds since the request, and the frame."""
    yield 0, frame(PHONE, SERVER, PHONE_PORT, 69, request())
    for number in range(1, BLOCKS + 1):
        block = number & 0xFFFF
        data = struct.pack(">HH", 3, block) + bytes(BLOCK if number < BLOCKS else 0)
        yield 500 * number, frame(SERVER, PHONE, SERVER_PORT, PHONE_PORT, data)
        acknowledgement = struct.pack(">HH", 4, block)
        yield 500 * number + 150, frame(PHONE, SERVER, PHONE_PORT, SERVER_PORT, acknowledgement)


def request() -> bytes:
    """The read request."""
    return b"\0\1" + b"\0".join(
        [b"rootfs88xx.12-8-1-0001-455.sbn", b"octet", b"blksize", b"8", b""]
    )


def frame(source: bytes, destination: bytes, port: int, to_port: int, payload: bytes) -> bytes:
    """An Ethernet frame with a UDP datagram without a checksum, which RFC 768 allows."""
    datagram = struct.pack(">HHHH", port, to_port, 8 + len(payload), 0) + payload
    header = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(datagram), 0, 0x4000, 63, 17, 0)
    header += source + destination
    header = header[:10] + struct.pack(">H", checksum(header)) + header[12:]
    return (MACS[destination] + MACS[source] + b"\x08\0" + header + datagram).ljust(60, b"\0")


def checksum(header: bytes) -> int:
    """That of an IPv4 header (RFC 791)."""
    total = sum(struct.unpack(">10H", header))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF


def record(at: int, content: bytes) -> bytes:
    """A record of a pcap file."""
    seconds, microseconds = divmod(at, 1_000_000)
    return struct.pack("<IIII", BEGAN + seconds, microseconds, *[len(content)] * 2) + content


if __name__ == "__main__":
    main()
