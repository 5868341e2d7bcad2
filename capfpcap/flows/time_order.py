"""Brings the rows of each flow into the order of time, where the records of a file are not in it.

Captures of several queues or processor cores hold neighbours in the wrong order; a file may begin
with what was recorded last. But a clock that is set back while it records leaves the order of the
records right and the times wrong. Each flow tells by itself: in the right order fewer of its
packets answer what comes behind them. Where a flow tells nothing, all of them together decide.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from capfpcap.capture.columns import IpProtocol, PacketColumns, TcpFlag
from capfpcap.capture.ports import TFTP
from capfpcap.capture.sequence import HALF

_GROUP_BITS = np.uint64(33)
"""Below a group's number: a direction and a sequence number."""

Rows = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]


def bring_into_time(columns: PacketColumns, to_server: Mask, ordered: Rows, changes: Mask) -> None:
    """Sorts the rows of flows in ``ordered`` by time, where that is the order they were sent in.

    ``changes`` is true where a flow begins; ``to_server`` is of all rows of ``columns``.
    """
    time = columns.time[ordered]
    back = np.flatnonzero((time[1:] < time[:-1]) & ~changes[1:]) + 1
    if not len(back):
        return
    group = np.cumsum(changes) - 1
    disordered = np.zeros(int(group[-1]) + 1, np.bool_)
    disordered[group[back]] = True
    places = np.flatnonzero(disordered[group])
    groups = group[places]
    recorded = ordered[places]
    timed = recorded[np.lexsort((time[places], groups))]
    as_recorded, by_time = (
        np.bincount(groups, _objections(_Sequence(columns, rows, groups, to_server[rows])))
        for rows in (recorded, timed)
    )
    against = by_time - as_recorded
    believed = (against < 0) | ((against == 0) & (against.sum() <= 0))
    ordered[places] = np.where(believed[groups], timed, recorded)


class _Sequence(NamedTuple):
    """Rows in an order to be judged; one entry a row."""

    columns: PacketColumns
    rows: Rows
    group: npt.NDArray[np.intp]
    """Ascending."""
    up: Mask
    """Whether it goes to the server."""


def _objections(sequence: _Sequence) -> npt.NDArray[np.int64]:
    """For each row how much speaks against its standing where it does."""
    columns, rows = sequence.columns, sequence.rows
    is_tcp = columns.protocol[rows] == IpProtocol.TCP
    syn = (columns.flags[rows] & (TcpFlag.SYN | TcpFlag.ACK)) == TcpFlag.SYN
    begins = np.where(is_tcp, syn, columns.destination_port[rows] == TFTP)
    early = _before_any(sequence, begins)
    early |= np.where(is_tcp, _acknowledges_later(sequence), _unasked(sequence))
    objections: npt.NDArray[np.int64] = early.astype(np.int64) + (is_tcp & _steps_back(sequence))
    return objections


def _before_any(sequence: _Sequence, mark: Mask) -> Mask:
    """The rows of flows with a marked row that stand before the first of these."""
    heads = np.flatnonzero(np.diff(sequence.group, prepend=-1))
    rows = np.arange(len(mark))
    first = np.minimum.reduceat(np.where(mark, rows, len(rows)), heads)
    first = np.repeat(first, np.diff(heads, append=len(rows)))
    before: Mask = (rows < first) & (first < len(rows))
    return before


def _unasked(sequence: _Sequence) -> Mask:
    """Answers of UDP servers before which fewer packets asked than answers stand."""
    step = np.where(sequence.up, 1, -1)
    balance = np.cumsum(step)
    heads = np.flatnonzero(np.diff(sequence.group, prepend=-1))
    before = np.repeat(balance[heads] - step[heads], np.diff(heads, append=len(step)))
    unasked: Mask = (balance < before) & ~sequence.up
    return unasked


def _acknowledges_later(sequence: _Sequence) -> Mask:
    """Packets that acknowledge up to the end of one that stands behind them, and before nowhere."""
    columns, rows = sequence.columns, sequence.rows
    flags = columns.flags[rows]
    ends = columns.sequence[rows] + columns.payload_length[rows]
    ends += ((flags & TcpFlag.SYN) != 0).astype(np.uint32)
    ends += ((flags & TcpFlag.FIN) != 0).astype(np.uint32)
    sends = np.flatnonzero(ends != columns.sequence[rows])
    known, first = np.unique(_keys(sequence, sequence.up, ends)[sends], return_index=True)
    early = np.zeros(len(rows), np.bool_)
    if len(known):
        sought = _keys(sequence, ~sequence.up, columns.acknowledgement[rows])
        found = np.minimum(np.searchsorted(known, sought), len(known) - 1)
        early = (known[found] == sought) & (sends[first[found]] > np.arange(len(rows)))
    early &= flags & TcpFlag.ACK != 0
    return early


def _keys(sequence: _Sequence, up: Mask, number: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint64]:
    """Flow, direction and sequence number in one."""
    keys = sequence.group.astype(np.uint64) << _GROUP_BITS
    return keys | up.astype(np.uint64) << np.uint64(32) | number


def _steps_back(sequence: _Sequence) -> Mask:
    """Segments that begin before the one that stands before them in the same direction."""
    columns, rows = sequence.columns, sequence.rows
    back = np.zeros(len(rows), np.bool_)
    for up in (True, False):
        sent = np.flatnonzero((sequence.up == up) & (columns.payload_length[rows] > 0))
        number, group = columns.sequence[rows[sent]], sequence.group[sent]
        behind = (number[1:] - number[:-1] >= HALF) & (group[1:] == group[:-1])
        back[sent[1:][behind]] = True
    return back
