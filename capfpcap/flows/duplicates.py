"""Packets that a mirror port recorded twice: on their way in and on their way out.

A mirror repeats nearly everything; a host repeats little, and later. Rows are taken for duplicates
only where many of a capture's rows are.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from capfpcap.capture.columns import IpProtocol, PacketColumns, PayloadStore

_LOOK_BACK = 4
"""Rows of the same flow between a packet and its duplicate, at the most."""
_NEAR = 100_000_000
"""Nanoseconds between the two; TCP repeats after 200 ms at the least (RFC 6298 and Linux)."""
_SHARE = 0.2
"""The share of rows that must be duplicates; a mirror of both directions makes it a half."""
_FEWEST = 4


def duplicate_rows(
    columns: PacketColumns, payloads: PayloadStore, starts: npt.NDArray[np.intp]
) -> npt.NDArray[np.bool_] | None:
    """Which rows repeat one shortly before; None where no mirror was at work.

    ``columns`` are sorted by flow; ``starts`` says where each flow begins.
    """
    if len(columns) < _FEWEST:
        return None
    flow = np.zeros(len(columns), np.int64)
    flow[starts] = 1
    flow = np.cumsum(flow)
    duplicate = np.zeros(len(columns), np.bool_)
    for back in range(1, _LOOK_BACK + 1):
        if len(columns) > back:
            duplicate[back:] |= _same(columns, payloads, flow, back)
    if duplicate.sum() < max(_FEWEST, _SHARE * len(columns)):
        return None
    return duplicate


def _same(
    columns: PacketColumns, payloads: PayloadStore, flow: npt.NDArray[np.int64], back: int
) -> npt.NDArray[np.bool_]:
    """Whether each row equals the one ``back`` rows before it in all that routers leave alone.

    UDP has no sequence numbers: there the payloads are compared.
    """
    same: npt.NDArray[np.bool_] = flow[back:] == flow[:-back]
    for column in (
        columns.source,
        columns.source_port,
        columns.flags,
        columns.sequence,
        columns.acknowledgement,
        columns.window,
        columns.identification,
        columns.payload_length,
    ):
        same &= column[back:] == column[:-back]
    same &= columns.time[back:] - columns.time[:-back] <= _NEAR
    for row in np.flatnonzero(same & (columns.protocol[back:] == IpProtocol.UDP)).tolist():
        same[row] = payloads.read(columns, row) == payloads.read(columns, row + back)
    return same
