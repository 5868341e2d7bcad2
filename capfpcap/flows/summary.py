"""Counters and history strings of all flows of a table at once.

The history is in the manner of Zeek's conn.log: one letter for each thing that happened, at its
first occurrence, upper case from the client: ``S`` SYN, ``H`` SYN-ACK, ``A`` pure ACK, ``D``
payload, ``F`` FIN, ``R`` RST.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from capfpcap.capture.columns import IpProtocol, TcpFlag
from capfpcap.flows.table import FlowTable, FlowView, portions, rows_of

_LETTERS = "SHADFR"
_CODE_BITS = 4
"""Bits for a letter and its case."""
_ALPHABET = np.frombuffer(
    "".join(letter.lower() + letter for letter in _LETTERS).ljust(1 << _CODE_BITS).encode(),
    np.uint8,
)
_NEVER = np.iinfo(np.int64).max
_ROWS_AT_ONCE = 1 << 16
"""Rows that are summed up at once, so that memory stays bounded."""

_new = tuple.__new__
"""Makes a named tuple in half the time of its constructor, which is written in Python."""


class FlowSummary(NamedTuple):
    """Packets and transport payload octets (as the IP headers state them) each way."""

    packets_to_server: int
    packets_to_client: int
    bytes_to_server: int
    bytes_to_client: int
    history: str


def summarise(table: FlowTable, views: Sequence[FlowView]) -> dict[int, FlowSummary]:
    """The summary of each of some flows of a table, by the row at which it starts."""
    summaries: dict[int, FlowSummary] = {}
    for some in portions(views, _ROWS_AT_ONCE):
        starts = [view.start for view in some]
        summaries |= zip(starts, _summaries(table, some), strict=True)
    return summaries


def _summaries(table: FlowTable, views: Sequence[FlowView]) -> list[FlowSummary]:
    rows = rows_of(views)
    packets = np.array([view.stop - view.start for view in views])
    begins = np.cumsum(packets) - packets
    forward = table.to_server[rows]
    octets = table.columns.payload_length[rows].astype(np.int64)
    up = np.add.reduceat(forward, begins, dtype=np.int64)
    octets_up = np.add.reduceat(octets * forward, begins)
    octets_down = np.add.reduceat(octets, begins) - octets_up
    values = zip(
        up.tolist(),
        (packets - up).tolist(),
        octets_up.tolist(),
        octets_down.tolist(),
        _histories(table, rows, np.repeat(np.arange(len(views)), packets)),
        strict=True,
    )
    return [_new(FlowSummary, value) for value in values]


def _histories(
    table: FlowTable, rows: npt.NDArray[np.int64], flow: npt.NDArray[np.intp]
) -> list[str]:
    """The history strings of the flows that the rows belong to, numbered from 0 by ``flow``.

    For each flow and each thing that can happen, each way, its first occurrence is one number, the
    row above and the letter below; so the numbers of a flow sort by time.
    """
    forward = table.to_server[rows]
    first = np.full((int(flow[-1]) + 1, 2 * len(_LETTERS)), _NEVER, np.int64)
    for letter, happened in enumerate(_happened(table, rows)):
        for upper in (0, 1):
            at = np.flatnonzero(happened & (forward == bool(upper)))[::-1]
            code = 2 * letter + upper
            first[flow[at], code] = at << _CODE_BITS | code
    first.sort(axis=1)
    codes = first & (1 << _CODE_BITS) - 1
    letters = np.where(first == _NEVER, np.uint8(0), _ALPHABET[codes])
    texts: list[str] = letters.view(f"S{letters.shape[1]}").astype(str).ravel().tolist()
    return texts


def _happened(table: FlowTable, rows: npt.NDArray[np.int64]) -> list[npt.NDArray[np.bool_]]:
    """For each letter the rows in which it happened."""
    flags, tcp = table.columns.flags[rows], table.columns.protocol[rows] == IpProtocol.TCP
    payload = table.columns.payload_length[rows] > 0
    both = flags & (TcpFlag.SYN | TcpFlag.ACK)
    control = flags & (TcpFlag.SYN | TcpFlag.FIN | TcpFlag.RST)
    return [
        tcp & (both == TcpFlag.SYN),
        tcp & (both == (TcpFlag.SYN | TcpFlag.ACK)),
        tcp & (control == 0) & ~payload,
        payload,
        tcp & (flags & TcpFlag.FIN != 0),
        tcp & (flags & TcpFlag.RST != 0),
    ]
