"""Work done by a process of its own that knows all that this one knows."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import BinaryIO, NamedTuple


class Forked(NamedTuple):
    """The process, and the pipe out of which comes what it writes."""

    process: int
    """Its number; whoever began it waits for it."""
    pipe: BinaryIO


def forked(work: Callable[[BinaryIO], None]) -> Forked:
    """Begins ``work`` in another process, which writes into what it is given and ends.

    It leaves without a word where the work fails, and without running its parent's exit handlers.

    Raises:
        OSError: there is no pipe or no process to be had.
    """
    read_end, write_end = os.pipe()
    process = os.fork()
    if process == 0:
        try:
            os.close(read_end)
            with os.fdopen(write_end, "wb") as pipe:
                work(pipe)
        finally:
            os._exit(0)
    os.close(write_end)
    return Forked(process, os.fdopen(read_end, "rb"))
