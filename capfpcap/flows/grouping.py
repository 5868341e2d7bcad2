"""Sorts rows so that each flow is one run of them.

Grouping a million packets one by one in Python would take longer than reading them: rows get a
mixed 64-bit key, and one stable sort brings the rows of a conversation together. Flows come to lie
in the order of their first packets, so that a walk over all of them reads the rows in turn.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from capfpcap.capture.columns import IpProtocol, PacketColumns, TcpFlag
from capfpcap.capture.keys import Keys
from capfpcap.capture.ports import TFTP
from capfpcap.capture.select.tftp import DISORDER
from capfpcap.flows.orientation import Orientation
from capfpcap.flows.time_order import bring_into_time

_MIX = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F))
"""Odd multipliers that spread the halves of a key over 64 bits; any would do."""
_PROTOCOL_BIT = np.uint64(56)
"""Above address and port: no table has 2**40 addresses."""

_OPENING = TcpFlag.SYN | TcpFlag.ACK | TcpFlag.RST

Rows = npt.NDArray[np.intp]


def group_rows(columns: PacketColumns, orientation: Orientation, member: Rows) -> tuple[Rows, Rows]:
    """Rows in the order of flows and of their first packets, and where each flow begins."""
    if not len(member):
        return member, member
    client = orientation.client | columns.protocol.astype(np.uint64) << _PROTOCOL_BIT
    server = orientation.server
    if len(member) < len(columns):
        client, server = client[member], server[member]
    order, changes = together(client, server)
    ordered = member[order]
    bring_into_time(columns, orientation.to_server, ordered, changes)
    syns = _openings(columns, ordered, changes)
    if len(syns.at):
        _answers_behind(columns, orientation, ordered, changes, syns)
        changes |= _reopened(columns, orientation, ordered, changes, syns)
    _tftp_answers_behind(columns, ordered, changes)
    starts = np.flatnonzero(changes)
    return _by_time(columns.time, ordered, starts)


def together(client: Keys, server: Keys) -> tuple[Rows, npt.NDArray[np.bool_]]:
    """An order that puts equal pairs of keys together and keeps theirs, and where others begin.

    Mixed number and index are sorted as one, which is ten times faster than to sort indices by
    numbers. Where two keys fell on one mixed number, which honest traffic hardly ever does, the
    keys themselves are sorted.
    """
    order, boundaries = _by_mixed(_mixed(client, server))
    changes = _changes(client, server, order)
    if (changes & ~boundaries).any():
        order = np.lexsort((client, server))
        changes = _changes(client, server, order)
    return order, changes


def _by_mixed(mixed: Keys) -> tuple[Rows, npt.NDArray[np.bool_]]:
    """An order by mixed numbers, as far as they fit beside an index, and where they change."""
    index_bits = np.uint64(len(mixed).bit_length())
    packed = (mixed >> index_bits) << index_bits
    packed |= np.arange(len(mixed), dtype=np.uint64)
    packed.sort()
    boundaries = np.ones(len(mixed), np.bool_)
    boundaries[1:] = (packed[1:] ^ packed[:-1]) >> index_bits != 0
    packed &= (np.uint64(1) << index_bits) - np.uint64(1)
    return packed.astype(np.intp), boundaries


def _by_time(
    time: npt.NDArray[np.int64], ordered: npt.NDArray[np.intp], starts: npt.NDArray[np.intp]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """The same rows and starts with the flows in the order of their first packets."""
    first = ordered[starts]
    turn = np.lexsort((first, time[first]))
    lengths = np.diff(starts, append=len(ordered))[turn]
    stops = np.cumsum(lengths)
    shift = np.repeat(starts[turn] - (stops - lengths), lengths)
    return ordered[np.arange(len(ordered)) + shift], stops - lengths


def _mixed(client: Keys, server: Keys) -> Keys:
    """One number a row that is equal where both halves of the key are."""
    mixed = client * _MIX[0]
    mixed ^= mixed >> np.uint64(29)
    mixed ^= server
    mixed *= _MIX[1]
    return mixed ^ (mixed >> np.uint64(29))


def _changes(client: Keys, server: Keys, order: Rows) -> npt.NDArray[np.bool_]:
    """True where a row's key is not that of the row before it."""
    changes = np.ones(len(order), np.bool_)
    ordered = client[order]
    changes[1:] = ordered[1:] != ordered[:-1]
    ordered = server[order]
    changes[1:] |= ordered[1:] != ordered[:-1]
    return changes


class _Openings(NamedTuple):
    """The SYNs without ACK and RST, in their order."""

    at: Rows
    """Where they stand among the ordered rows."""
    sequence: npt.NDArray[np.uint32]
    group: npt.NDArray[np.intp]
    repeated: npt.NDArray[np.bool_]
    """Whether the one before has the same number, in the same group."""


def _openings(columns: PacketColumns, ordered: Rows, changes: npt.NDArray[np.bool_]) -> _Openings:
    at = np.flatnonzero((columns.flags[ordered] & _OPENING) == TcpFlag.SYN)
    sequence, group = columns.sequence[ordered[at]], np.cumsum(changes, dtype=np.intp)[at]
    repeated = np.zeros(len(at), np.bool_)
    repeated[1:] = (sequence[1:] == sequence[:-1]) & (group[1:] == group[:-1])
    return _Openings(at, sequence, group, repeated)


def _answers_behind(
    columns: PacketColumns,
    orientation: Orientation,
    ordered: Rows,
    changes: npt.NDArray[np.bool_],
    syns: _Openings,
) -> None:
    """Puts an answer that was recorded just before its SYN behind it, in ``ordered`` and ``syns``.

    What captures on several processor cores at once may write neighbours in the wrong order.
    """
    first = ~syns.repeated & ~changes[syns.at]
    at = syns.at[first]
    before, row = ordered[at - 1], ordered[at]
    flags = columns.flags[before]
    answers = (flags & TcpFlag.ACK != 0) & (flags & (TcpFlag.SYN | TcpFlag.RST) != 0)
    answers &= columns.acknowledgement[before] == syns.sequence[first] + np.uint32(1)
    answers &= orientation.to_server[before] != orientation.to_server[row]
    turned = at[answers]
    ordered[turned], ordered[turned - 1] = ordered[turned - 1], ordered[turned]
    syns.at[np.flatnonzero(first)[answers]] -= 1


def _tftp_answers_behind(
    columns: PacketColumns, ordered: Rows, changes: npt.NDArray[np.bool_]
) -> None:
    """Puts a TFTP answer that was recorded just before its request behind it, in ``ordered``.

    It comes from the host that is asked, and not from a port that the packet before it is from or
    to; what follows another request answers that one.
    """
    at = np.flatnonzero(columns.destination_port[ordered] == TFTP)
    at = at[~changes[at]]
    before, request = ordered[at - 1], ordered[at]
    answers = columns.destination_port[before] == columns.source_port[request]
    answers &= columns.source[before] == columns.destination[request]
    answers &= np.abs(columns.time[request] - columns.time[before]) <= DISORDER
    answers &= (columns.protocol[before] == IpProtocol.UDP) & (columns.source_port[before] != TFTP)
    at, before = at[answers], before[answers]
    earlier = ordered[at - 2]
    follows = (columns.destination_port[earlier] == TFTP) | (
        (columns.source_port[earlier] == columns.source_port[before])
        | (columns.destination_port[earlier] == columns.source_port[before])
    )
    at = at[changes[at - 1] | ~follows]
    ordered[at], ordered[at - 1] = ordered[at - 1], ordered[at]


def _reopened(
    columns: PacketColumns,
    orientation: Orientation,
    ordered: Rows,
    changes: npt.NDArray[np.bool_],
    syns: _Openings,
) -> npt.NDArray[np.bool_]:
    """True at a SYN that begins another connection on the same ports.

    That is one whose sequence number differs from the SYN's before it, and the first one where
    packets of an older connection lie before it.
    """
    reopened = np.zeros(len(ordered), np.bool_)
    forward = orientation.to_server[ordered[syns.at]]
    same_group = np.zeros(len(syns.at), np.bool_)
    same_group[1:] = syns.group[1:] == syns.group[:-1]
    follows_other_syn = same_group & ~syns.repeated
    follows_other_syn[1:] &= forward[1:] == forward[:-1]
    older = columns.flags[ordered[syns.at - 1]] & TcpFlag.SYN == 0
    reopened[syns.at] = follows_other_syn | (~same_group & ~changes[syns.at] & older)
    return reopened
