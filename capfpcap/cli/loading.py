"""Loading the libraries of the analysis: interrupted without a word, refused with a reason."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from capfpcap.cli.errors import CommandError
from capfpcap.cli.exit_status import ExitStatus

LEAST_ADDRESS_SPACE = 128 << 20
"""Octets without which NumPy's library of linear algebra ends the process itself."""


@contextmanager
def loading() -> Iterator[None]:
    """For as long as libraries are loaded: Ctrl-C ends the process at once.

    NumPy comes first, from as few calls deep as can be: Python 3.11 maps and unmaps a piece of its
    stack at every call across its end, and among the thousands of calls that NumPy's types take
    that end has cost a tenth of a small capture's time.

    Raises:
        CommandError: they need more address space than there may be.
    """
    limit = address_space()
    if limit is not None and limit < LEAST_ADDRESS_SPACE:
        least = f"; it takes {LEAST_ADDRESS_SPACE >> 10} to begin with"
        raise CommandError(too_little_memory() + least)
    with at_once(), without_collecting():
        import numpy as np  # noqa: F401, PLC0415 - see above

        yield


@contextmanager
def without_collecting() -> Iterator[None]:
    """Nothing that is loaded is garbage; to look for some is a twentieth of a small capture's time.

    What was loaded is not looked through later either.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@contextmanager
def at_once() -> Iterator[None]:
    """Ctrl-C ends the process without unwinding it: a broken import may say anything."""
    here = threading.current_thread() is threading.main_thread()
    if not here or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, _leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _leave(_number: int, _frame: FrameType | None) -> NoReturn:
    os._exit(ExitStatus.INTERRUPTED)


def address_space() -> int | None:
    """The octets that the process may address at most (``ulimit -v``); None without a limit."""
    if sys.platform == "win32":
        return None
    try:
        import resource  # noqa: PLC0415 - not on every system
    except ImportError:
        return None
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if limit == resource.RLIM_INFINITY else limit


def too_little_memory() -> str:
    """That memory does not suffice, and what limits it."""
    limit = address_space()
    if limit is None:
        return "there is not enough memory"
    return f"there is not enough memory: 'ulimit -v' allows {limit >> 10} KiB"
