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
    flow = np.zeros(len(columns), np.int32)
    flow[starts] = 1
    np.cumsum(flow, out=flow)
    duplicate = np.zeros(len(columns), np.bool_)
    for back in range(1, min(_LOOK_BACK, len(columns) - 1) + 1):
        duplicate[_repeats(columns, payloads, flow, back)] = True
    if duplicate.sum() < max(_FEWEST, _SHARE * len(columns)):
        return None
    return duplicate


def _repeats(
    columns: PacketColumns, payloads: PayloadStore, flow: npt.NDArray[np.int32], back: int
) -> npt.NDArray[np.intp]:
    """The rows that equal the one ``back`` rows before them in all that routers leave alone.

    What tells most rows apart is looked at first, so that for the others little is left to do. UDP
    has no sequence numbers: there the payloads are compared.
    """
    same = columns.identification[back:] == columns.identification[:-back]
    same &= columns.sequence[back:] == columns.sequence[:-back]
    same &= columns.payload_length[back:] == columns.payload_length[:-back]
    rows = np.flatnonzero(same) + back
    for column in (
        flow,
        columns.source,
        columns.source_port,
        columns.flags,
        columns.acknowledgement,
        columns.window,
    ):
        rows = rows[column[rows] == column[rows - back]]
    rows = rows[columns.time[rows] - columns.time[rows - back] <= _NEAR]
    kept = np.ones(len(rows), np.bool_)
    for place in np.flatnonzero(columns.protocol[rows] == IpProtocol.UDP).tolist():
        row = int(rows[place])
        kept[place] = payloads.read(columns, row) == payloads.read(columns, row - back)
    return rows[kept]
