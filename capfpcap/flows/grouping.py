"""Sorts rows so that each flow is one run of them.

Grouping a million packets one by one in Python would take longer than reading them: rows get a
mixed 64-bit key, and one stable sort brings the rows of a conversation together. Flows come to lie
in the order of their first packets, so that a walk over all of them reads the rows in turn.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from capfpcap.capture.columns import PacketColumns, TcpFlag
from capfpcap.flows.orientation import Orientation

_MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(0x165667B19E3779F9))
"""Odd multipliers that spread the parts of a key over 64 bits; any would do."""


def group_rows(
    columns: PacketColumns, orientation: Orientation, member: npt.NDArray[np.intp]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Rows in the order of flows and of their first packets, and where each flow begins."""
    if not len(member):
        return member, member
    ports = orientation.client_port[member].astype(np.uint64) * np.uint64(1 << 24)
    ports += orientation.server_port[member].astype(np.uint64) * np.uint64(1 << 8)
    ports += columns.protocol[member]
    parts = [orientation.client[member], orientation.server[member], ports]
    order = np.argsort(_mixed(parts), kind="stable")
    if _collides(parts, order):
        order = np.lexsort(parts)
    changes = _changes(parts, order)
    ordered = member[order]
    starts = np.flatnonzero(changes | _reopened(columns, orientation, ordered, changes))
    return _by_time(columns.time, ordered, starts)


def _by_time(
    time: npt.NDArray[np.int64], ordered: npt.NDArray[np.intp], starts: npt.NDArray[np.intp]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """The same rows and starts with the flows in the order of their first packets."""
    turn = np.argsort(time[ordered[starts]], kind="stable")
    lengths = np.diff(starts, append=len(ordered))[turn]
    stops = np.cumsum(lengths)
    shift = np.repeat(starts[turn] - (stops - lengths), lengths)
    return ordered[np.arange(len(ordered)) + shift], stops - lengths


def _mixed(parts: list[npt.NDArray[np.uint64]]) -> npt.NDArray[np.uint64]:
    """One number a row that is equal where all parts are."""
    mixed = np.zeros(len(parts[0]), np.uint64)
    for part, multiplier in zip(parts, _MIX, strict=True):
        mixed = (mixed ^ part) * multiplier
        mixed ^= mixed >> np.uint64(29)
    return mixed


def _changes(
    parts: list[npt.NDArray[np.uint64]], order: npt.NDArray[np.intp]
) -> npt.NDArray[np.bool_]:
    """True where a row's key is not that of the row before it."""
    changes = np.zeros(len(order), np.bool_)
    changes[0] = True
    for part in parts:
        ordered = part[order]
        changes[1:] |= ordered[1:] != ordered[:-1]
    return changes


def _collides(parts: list[npt.NDArray[np.uint64]], order: npt.NDArray[np.intp]) -> bool:
    """Whether two keys fell on one mixed number, which honest traffic never does."""
    heads = order[_changes(parts, order)]
    mixed = _mixed([part[heads] for part in parts])
    return bool((mixed[1:] == mixed[:-1]).any())


def _reopened(
    columns: PacketColumns,
    orientation: Orientation,
    ordered: npt.NDArray[np.intp],
    changes: npt.NDArray[np.bool_],
) -> npt.NDArray[np.bool_]:
    """True at a SYN that begins another connection on the same ports.

    That is one whose sequence number differs from the SYN's before it, and the first one where
    packets of an older connection lie before it.
    """
    flags = columns.flags[ordered]
    syn = np.flatnonzero((flags & (TcpFlag.SYN | TcpFlag.ACK | TcpFlag.RST)) == TcpFlag.SYN)
    reopened = np.zeros(len(ordered), np.bool_)
    if not len(syn):
        return reopened
    group = np.cumsum(changes)[syn]
    sequence = columns.sequence[ordered[syn]]
    forward = orientation.to_server[ordered[syn]]
    same_group = np.zeros(len(syn), np.bool_)
    same_group[1:] = group[1:] == group[:-1]
    follows_other_syn = same_group.copy()
    follows_other_syn[1:] &= (sequence[1:] != sequence[:-1]) & (forward[1:] == forward[:-1])
    follows_older_packets = ~same_group & ~changes[syn] & (flags[syn - 1] & TcpFlag.SYN == 0)
    reopened[syn] = follows_other_syn | follows_older_packets
    return reopened
