"""Two captures of one place, each of one direction: what a network tap with two ports writes."""

from __future__ import annotations

import numpy as np

from capfpcap.flows.table import FlowTable


def are_halves(one: FlowTable, other: FlowTable) -> bool:
    """Whether two captures hold the two directions of the same link.

    The MAC addresses of one are those of the other the other way round, which they are at no other
    place of a path that has a router; and they recorded at the same time.
    """
    if not (one.one_sided and other.one_sided):
        return False
    if bool(one.to_server.any()) == bool(other.to_server.any()):
        return False
    there, back = _links(one), {(to, source) for source, to in _links(other)}
    return bool(there & back) and _overlap(one, other)


def _links(table: FlowTable) -> set[tuple[int, int]]:
    """From which MAC address to which frames went; without link layer none."""
    columns = table.columns
    known = columns.source_mac != 0
    pairs = np.unique(
        np.column_stack((columns.source_mac[known], columns.destination_mac[known])), axis=0
    )
    return {(source, to) for source, to in pairs.tolist()}


def _overlap(one: FlowTable, other: FlowTable) -> bool:
    """Whether the packets of both were recorded in the same while."""
    times, others = one.columns.time, other.columns.time
    return bool(times.min() <= others.max() and others.min() <= times.max())
