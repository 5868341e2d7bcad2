"""A recording host whose clock is wrong: the times in a capture file, and nothing else of it.

All hosts of the lab are one machine with one clock, so another one is put in afterwards: an offset
by ``editcap -t``, a drift by adding to each time its share of what has passed since the first.
"""

from __future__ import annotations

import struct
from pathlib import Path

from captures.lab.knobs import Capture
from captures.lab.processes import run

FILE_HEADER_SIZE = 24
RECORD_HEADER = struct.Struct("=IIII")
"""Seconds, fraction, captured and original length, in the octet order of this machine."""
NANOSECOND_MAGIC = 0xA1B23C4D
SECOND = 1_000_000_000


def set_wrong(path: Path, capture: Capture) -> None:
    """Give the times of a pcap file the error that ``capture`` asks for."""
    if capture.clock_gains_per_million:
        path.write_bytes(drifted(path.read_bytes(), capture.clock_gains_per_million))
    if capture.clock_ahead_seconds:
        right = path.with_suffix(".right")
        path.rename(right)
        kind = "nsecpcap" if capture.format == "nanosecond-pcap" else "pcap"
        run("editcap", "-F", kind, "-t", str(capture.clock_ahead_seconds), str(right), str(path))


def drifted(data: bytes, per_million: float) -> bytes:
    """A pcap file whose clock gains from its first packet on."""
    (magic,) = struct.unpack_from("=I", data)
    unit = 1 if magic == NANOSECOND_MAGIC else 1000
    parts, at, first = [data[:FILE_HEADER_SIZE]], FILE_HEADER_SIZE, None
    while at < len(data):
        seconds, fraction, captured, original = RECORD_HEADER.unpack_from(data, at)
        time = seconds * SECOND + fraction * unit
        first = time if first is None else first
        seconds, rest = divmod(time + round((time - first) * per_million / 1e6), SECOND)
        parts.append(RECORD_HEADER.pack(seconds, rest // unit, captured, original))
        at += RECORD_HEADER.size
        parts.append(data[at : at + captured])
        at += captured
    return b"".join(parts)
