"""Finds a record in the middle of a classic capture file, where nothing says that one begins."""

from __future__ import annotations

import numpy as np

from capfpcap.capture.files.pcap import Header
from capfpcap.capture.octets import Octets
from capfpcap.capture.records import MAX_RECORD, NANOSECONDS

GUESSED_IN = 1 << 19
"""Octets behind the place where a record is wanted that are read to find one."""
MOST_BEFORE = 1 << 16
"""The record found begins within so many of them: few records are longer."""
CHAIN = 16
"""Records that must follow one another before the first of them is believed."""
LONGEST_S = 30 * 86_400
"""Seconds that a capture may last."""
NEAR_S = 3600
"""Seconds that records which follow one another may lie apart."""


def guess_record(octets: bytes, header: Header, seconds: int) -> int | None:
    """Where in the middle of a file the first record begins, as it seems; None where none does.

    ``seconds`` is the time of the file's first record, since 1970 UTC.
    """
    buffer = Octets.over(octets)
    last = len(octets) - header.record_header
    chains = np.arange(min(last, MOST_BEFORE))
    place, before = chains, np.full(len(chains), seconds)
    nearness = LONGEST_S
    for _ in range(CHAIN):
        fields = buffer.headers(place, header.layout)
        captured = fields["captured"].astype(np.int64)
        now = fields["seconds"].astype(np.int64)
        behind = place + header.record_header + captured
        good = (captured > 0) & (captured <= MAX_RECORD) & (captured <= fields["wire"])
        good &= fields["fraction"].astype(np.int64) * header.unit < NANOSECONDS
        good &= (behind < last) & (np.abs(now - before) <= nearness)
        chains, place, before = chains[good], behind[good], now[good]
        nearness = NEAR_S
    return int(chains[0]) if len(chains) else None
