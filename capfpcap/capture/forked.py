"""Work done by a process of its own that knows all that this one knows."""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import sys
from collections.abc import Callable
from typing import BinaryIO, NamedTuple

_SIGNAL_ON_PARENT_DEATH = 1
"""PR_SET_PDEATHSIG of prctl(2)."""


_LIBRARY = ctypes.CDLL(None) if sys.platform == "linux" else None
"""Loaded before any fork: another thread might hold the loader's lock then."""


class Forked(NamedTuple):
    """The process, and the pipe out of which comes what it writes."""

    process: int
    """Its number; whoever began it ends it."""
    pipe: BinaryIO

    def end(self) -> None:
        """Ends the process, if it has not ended, and closes the pipe."""
        self.pipe.close()
        if sys.platform != "win32":  # where none was forked
            os.kill(self.process, signal.SIGKILL)
            os.waitpid(self.process, 0)


def forked(work: Callable[[BinaryIO], None]) -> Forked:
    """Begins ``work`` in another process, which writes into what it is given and ends.

    It leaves without a word where the work fails, and without running its parent's exit handlers.

    Raises:
        OSError: there is no pipe or no process to be had; on Windows there never is.
    """
    if sys.platform == "win32" or not hasattr(os, "fork"):
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    read_end, write_end = os.pipe()
    parent = os.getpid()
    try:
        process = os.fork()
    except OSError:
        os.close(read_end)
        os.close(write_end)
        raise
    if process == 0:
        try:
            end_with(parent)
            os.close(read_end)
            with os.fdopen(write_end, "wb") as pipe:
                work(pipe)
        finally:
            os._exit(0)
    os.close(write_end)
    return Forked(process, os.fdopen(read_end, "rb"))


def end_with(parent: int) -> None:
    """Has the system end this process with its parent, even one that is killed without a word."""
    if sys.platform == "linux" and _LIBRARY is not None:
        _LIBRARY.prctl(_SIGNAL_ON_PARENT_DEATH, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(0)
