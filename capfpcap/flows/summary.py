"""Counters and history strings of all flows of a table at once.

The history is in the manner of Zeek's conn.log: one letter for each thing that happened, at its
first occurrence, upper case from the client: ``S`` SYN, ``H`` SYN-ACK, ``A`` pure ACK, ``D``
payload, ``F`` FIN, ``R`` RST.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from capfpcap.capture.columns import IpProtocol, TcpFlag
from capfpcap.flows.table import FlowTable

_LETTERS = "SHADFR"


class FlowSummary(NamedTuple):
    """Packets and transport payload octets (as the IP headers state them) each way."""

    packets_to_server: int
    packets_to_client: int
    bytes_to_server: int
    bytes_to_client: int
    history: str


def summarise(table: FlowTable) -> dict[int, FlowSummary]:
    """The summary of each flow, by the row at which it starts."""
    starts = np.array(sorted(view.start for view in table.views), np.intp)
    if not len(starts):
        return {}
    columns, forward = table.columns, table.to_server
    octets = columns.payload_length.astype(np.int64)
    counts = (
        np.add.reduceat(values, starts).tolist()
        for values in (
            forward.astype(np.int64),
            (~forward).astype(np.int64),
            octets * forward,
            octets * ~forward,
        )
    )
    return {
        start: FlowSummary(*values)
        for start, *values in zip(starts.tolist(), *counts, _histories(table, starts), strict=True)
    }


def _histories(table: FlowTable, starts: npt.NDArray[np.intp]) -> list[str]:
    """The history strings of the flows that start at ``starts``."""
    flow = np.zeros(len(table.columns), np.int64)
    flow[starts] = 1
    flow = np.cumsum(flow) - 1
    codes, rows = [], []
    for letter, happened in enumerate(_happened(table)):
        at = np.flatnonzero(happened)
        codes.append(flow[at] * 16 + letter * 2 + table.to_server[at])
        rows.append(at * len(_LETTERS) + letter)
    code, when = np.concatenate(codes), np.concatenate(rows)
    order = np.argsort(when, kind="stable")
    unique, first = np.unique(code[order], return_index=True)
    by_time = np.argsort(first, kind="stable")
    flows, letters = unique[by_time] >> 4, unique[by_time] & 15
    by_flow = np.argsort(flows, kind="stable")
    alphabet = "".join(letter.lower() + letter for letter in _LETTERS)
    text = "".join([alphabet[code] for code in letters[by_flow].tolist()])
    bounds = np.searchsorted(flows[by_flow], np.arange(len(starts) + 1)).tolist()
    return [text[begin:end] for begin, end in pairwise(bounds)]


def _happened(table: FlowTable) -> list[npt.NDArray[np.bool_]]:
    """For each letter the rows in which it happened."""
    flags, columns = table.columns.flags, table.columns
    tcp = columns.protocol == IpProtocol.TCP
    both = flags & (TcpFlag.SYN | TcpFlag.ACK)
    control = flags & (TcpFlag.SYN | TcpFlag.FIN | TcpFlag.RST)
    return [
        tcp & (both == TcpFlag.SYN),
        tcp & (both == (TcpFlag.SYN | TcpFlag.ACK)),
        tcp & (control == 0) & (columns.payload_length == 0),
        columns.payload_length > 0,
        tcp & (flags & TcpFlag.FIN != 0),
        tcp & (flags & TcpFlag.RST != 0),
    ]
