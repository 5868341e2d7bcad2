"""A segment that is never acknowledged, and what its receiver shows meanwhile that it did get."""

from __future__ import annotations

from typing import NamedTuple

from capfpcap.capture.columns import TcpFlag
from capfpcap.capture.sequence import wrapped
from capfpcap.flows.connection import Connection
from capfpcap.flows.reassembly import Segment

_CONTROL = int(TcpFlag.SYN | TcpFlag.FIN | TcpFlag.RST)


class Acknowledged(NamedTuple):
    """Data or a FIN that was sent once, and the bare packet that acknowledges it."""

    row: int
    by: int


def unacknowledged_copies(connection: Connection, *, from_client: bool) -> list[Segment]:
    """The first segment of one side that was never acknowledged, each time it was sent."""
    side = connection.side(from_client)
    missing = side.acknowledged or 0
    return [item for item in side.segments if item.offset <= missing < item.offset + item.length]


def one_as_large_arrived(
    connection: Connection, segments: list[Segment], *, from_client: bool
) -> bool:
    """Whether a segment no smaller than some that did not came, by a selective acknowledgement.

    Then it is not their size that keeps the others from coming.
    """
    came = connection.selected(from_client).covered
    smallest = min(item.length for item in segments)
    return any(
        item.length >= smallest
        and came.covered(item.offset, item.offset + item.length) == item.length
        for item in connection.side(from_client).segments
    )


def last_acknowledged(
    connection: Connection, after: int, *, from_client: bool
) -> Acknowledged | None:
    """The receiver's last data or FIN behind a row, if the sender acknowledges it by a bare packet.

    None where the receiver sent it again: a host does so when the acknowledgement does not come.
    """
    view = connection.view
    columns = view.table.columns
    sides = list(enumerate(view.directions(), view.start))
    sent = [
        row
        for row, up in sides
        if up != from_client
        and row > after
        and not columns.flags[row] & TcpFlag.RST
        and (columns.payload_length[row] or columns.flags[row] & TcpFlag.FIN)
    ]
    if not sent:
        return None
    last = sent[-1]
    if any(columns.sequence[row] == columns.sequence[last] for row in sent[:-1]):
        return None
    fin = bool(columns.flags[last] & TcpFlag.FIN)
    number = wrapped(int(columns.sequence[last]) + int(columns.payload_length[last]) + fin)
    for row, up in sides:
        bare = not columns.payload_length[row] and not columns.flags[row] & _CONTROL
        if up == from_client and row > last and bare and columns.acknowledgement[row] == number:
            return Acknowledged(last, row)
    return None


def duplicate_acknowledgements(
    connection: Connection, after: int, *, from_client: bool
) -> list[int]:
    """The receiver's bare rows behind ``after`` that acknowledge once more what it had before.

    A host sends them only when something came that was not the next.
    """
    view, side = connection.view, connection.side(from_client)
    columns = view.table.columns
    if side.initial is None:
        return []
    number = wrapped(side.initial + (side.acknowledged or 0))
    rows = [
        row
        for row, up in zip(range(view.start, view.stop), view.directions(), strict=True)
        if up != from_client
        and row > after
        and not columns.payload_length[row]
        and not columns.flags[row] & _CONTROL
        and columns.acknowledgement[row] == number
    ]
    return rows[1:] if side.acknowledged_row in range(after, view.stop) else rows
