"""Tells how long the record headers of a classic capture file are.

Patched versions of libpcap wrote longer ones, some under the magic number of the usual format (Red
Hat Linux 6.1, Nokia's firewalls, SuSE Linux 6.3; the names are those of ``editcap -F``). Nothing
but the records themselves tells: those of one length lead from one to the next, those of the others
do not.
"""

from __future__ import annotations

import numpy as np

from capfpcap.capture.octets import Octets
from capfpcap.capture.records import MAX_RECORD, NANOSECONDS

RECORD_HEADER = 16
MODIFIED_RECORD_HEADER = 24
"""Alexey Kuznetzov's: eight octets on the interface behind the lengths."""
OTHER_RECORD_HEADERS = {RECORD_HEADER: (MODIFIED_RECORD_HEADER, 20), MODIFIED_RECORD_HEADER: (28,)}
"""What a header may be long where it is not as long as the magic number says: Red Hat's and Nokia's
under the usual number, SuSE's under Kuznetzov's."""

CHAIN = 8
"""Records that are followed: no wrong length leads through so many."""
LEAST_CHAIN = 2
"""Records through which a length that is not the stated one must lead."""
NEAR_S = 86_400
"""Seconds that two records which follow one another may lie apart."""


def record_header_length(
    octets: Octets, at: int, end: int, layout: np.dtype[np.void], unit: int, stated: int
) -> int:
    """Octets of each record header in a file whose first record is at ``at``.

    ``stated`` is what the magic number says, ``unit`` nanoseconds in a unit of the time fraction.
    Another length is believed only where ``stated`` leads astray.
    """
    for length in (stated, *OTHER_RECORD_HEADERS[stated]):
        followed = _followed(octets, at, end, layout, unit, length)
        if followed is not None and (length == stated or followed >= LEAST_CHAIN):
            return length
    return stated


def _followed(
    octets: Octets, at: int, end: int, layout: np.dtype[np.void], unit: int, length: int
) -> int | None:
    """Through how many records before ``end`` a length leads; None where one cannot be true."""
    before: int | None = None
    for count in range(CHAIN):
        if at + length > end:
            return count
        fields = octets.headers(np.array([at], np.int64), layout)[0]
        seconds, captured = int(fields["seconds"]), int(fields["captured"])
        possible = captured <= min(MAX_RECORD, int(fields["wire"]))
        possible &= int(fields["fraction"]) * unit < NANOSECONDS
        possible &= before is None or abs(seconds - before) <= NEAR_S
        if not possible:
            return None
        before = seconds
        at += length + captured
    return CHAIN
