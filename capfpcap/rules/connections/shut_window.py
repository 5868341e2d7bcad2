"""Receive windows that stay shut: a host whose program takes nothing more."""

from __future__ import annotations

from capfpcap.flows.tcp.window import zero_window_rows
from capfpcap.rules.model.progress import Progress
from capfpcap.rules.model.timeouts import CLIENT_GAVE_UP

_FEWEST = 2
"""Packets that say so: the one that shuts it, and an answer to a probe."""


def shut_rows(progress: Progress, *, from_client: bool) -> list[int]:
    """The last rows of one side, if each of them announces a window of zero and that lasted.

    A host answers probes of a shut window, so it says so again and again. A window that opened
    again was a moment's load.
    """
    shut = zero_window_rows(progress.session.connection, from_client=from_client)
    if len(shut) < _FEWEST:
        return []
    return shut if progress.waited(shut[0])[0] >= CLIENT_GAVE_UP else []


def is_full(progress: Progress) -> bool:
    """Whether the server's program takes nothing more: its window stays shut."""
    unfinished = progress.judgeable and not progress.work_done
    return unfinished and bool(shut_rows(progress, from_client=False))
