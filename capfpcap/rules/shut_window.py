"""Receive windows that stay shut: a host whose program takes nothing more."""

from __future__ import annotations

from itertools import takewhile

from capfpcap.capture.columns import TcpFlag
from capfpcap.rules.patience import CLIENT_GAVE_UP
from capfpcap.rules.progress import Progress

_ENDS = int(TcpFlag.FIN | TcpFlag.RST)
_FEWEST = 2
"""Packets that say so: the one that shuts it, and an answer to a probe."""


def shut_rows(progress: Progress, *, from_client: bool) -> list[int]:
    """The last rows of one side, if each of them announces a window of zero and that lasted.

    A host answers probes of a shut window, so it says so again and again. Rows that end the
    connection say nothing of a window, and a window that opened again was a moment's load.
    """
    view = progress.session.view
    columns = view.table.columns
    said = [
        row
        for row, up in enumerate(view.directions(), view.start)
        if up == from_client and not columns.flags[row] & _ENDS
    ]
    shut = list(takewhile(lambda row: not columns.window[row], reversed(said)))[::-1]
    if len(shut) < _FEWEST:
        return []
    return shut if progress.waited(shut[0])[0] >= CLIENT_GAVE_UP else []


def is_full(progress: Progress) -> bool:
    """Whether the server's program takes nothing more: its window stays shut."""
    unfinished = progress.judgeable and not progress.work_done
    return unfinished and bool(shut_rows(progress, from_client=False))
