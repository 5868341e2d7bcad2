"""Receive windows that a side of a connection announces."""

from __future__ import annotations

from itertools import takewhile

from capfpcap.capture.columns import TcpFlag
from capfpcap.flows.connection import Connection

_ENDS = int(TcpFlag.FIN | TcpFlag.RST)


def zero_window_rows(connection: Connection, *, from_client: bool) -> list[int]:
    """The last rows of one side, as far back as each of them announces a window of zero.

    Rows that end the connection say nothing of a window.
    """
    view = connection.view
    columns = view.table.columns
    said = [
        row
        for row, up in enumerate(view.directions(), view.start)
        if up == from_client and not columns.flags[row] & _ENDS
    ]
    return list(takewhile(lambda row: not columns.window[row], reversed(said)))[::-1]
