"""Whether captures have grown since they were read."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path

LOOK_EVERY_S = 1.0
"""Seconds between two looks at the files."""

Sizes = dict[str, tuple[int, int, int] | None]


class Growth:
    """Watches files by their sizes; what was found last is compared with what is found now.

    A file system on another machine tells of no changes, so they are looked for.
    """

    def __init__(self, paths: Callable[[], Iterable[str]]) -> None:
        self._paths = paths
        self._known: Sizes = {}
        self._rest_until = 0.0

    def note(self) -> None:
        """The files are read as they are now."""
        self._known = self._sizes()

    def rest(self, seconds: float) -> None:
        """Do not look for a while: to read is not all that there is to do."""
        self._rest_until = time.monotonic() + seconds

    def has_grown(self) -> bool:
        """Whether it is time to read again, and there is a reason."""
        return time.monotonic() >= self._rest_until and self._sizes() != self._known

    def _sizes(self) -> Sizes:
        return {path: _size(path) for path in self._paths()}


def _size(path: str) -> tuple[int, int, int] | None:
    try:
        status = Path(path).stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns
