"""Standard error: sentences for the user, and a progress bar on a terminal.

Nothing else in the program writes there.
"""

from __future__ import annotations

import os
import sys
import time
import traceback
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING

from capfpcap.cli.terminal import is_ascii
from capfpcap.formats.harmless import harmless

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

DEBUG_VARIABLE = "CAPFPCAP_DEBUG"
"""Set to anything but 0, it does what ``--debug`` does."""

PATIENCE_S = 1.0
"""Seconds of work before a progress bar is worth its import and its flicker."""


def complain(sentence: str) -> None:
    """Tell the user what went wrong."""
    _write(f"capfpcap: {harmless(sentence)}")


def show_traceback(error: BaseException) -> None:
    """Where in the program ``error`` arose, for those who asked for it."""
    for block in traceback.format_exception(error):
        for line in block.splitlines():
            _write(harmless(line))


def want_traceback() -> None:
    """Show where failures of the program arise, from now on."""
    os.environ[DEBUG_VARIABLE] = "1"


def wants_traceback() -> bool:
    """Whether the user asked to see where failures of the program arise."""
    return os.environ.get(DEBUG_VARIABLE, "") not in {"", "0"}


def is_terminal() -> bool:
    """Whether a person looks at standard error on a terminal that can move its cursor."""
    if os.environ.get("TERM") == "dumb":
        return False
    with suppress(AttributeError, ValueError):
        return sys.stderr.isatty()
    return False


def _write(line: str) -> None:
    """One line; if standard error is closed or full, there is nobody to tell."""
    if is_ascii():
        line = line.encode("ascii", "backslashreplace").decode()
    with suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(line + "\n")
        sys.stderr.flush()


class ProgressBar:
    """Shows how far the reading is, once it takes longer than ``PATIENCE_S``, on a terminal.

    Called with the octets done and the octets there are, or ``None`` where nobody knows.
    """

    def __init__(self) -> None:
        self._wanted = is_terminal()
        self._begun = time.monotonic()
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, done: int, total: int | None) -> None:
        """Note that ``done`` octets of ``total`` are read."""
        if not self._wanted:
            return
        if self._bar is None and time.monotonic() - self._begun > PATIENCE_S:
            self._bar = _started_bar()
            self._task = self._bar.add_task("Reading", total=total)
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=done, total=total)


def _started_bar() -> Progress:
    from rich.console import Console  # noqa: PLC0415 - 80 ms that only long work pays
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
    )
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    bar.start()
    return bar
