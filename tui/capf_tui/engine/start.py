"""How an engine is begun, and how another application finds it."""

from __future__ import annotations

import os
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from capf_tui.asking import ALL_MODULES
from capf_tui.engine.growth import Growth
from capf_tui.engine.link import Link
from capf_tui.engine.process import CANCEL, Engine, Examine, connection_of
from capfpcap.capture.forked import end_with

_STANDS_BACK = 5
"""By how much the engine is nicer than the application, so that every key finds a processor."""

assert ALL_MODULES, "questions are known once their modules are imported"


@contextmanager
def swept_folder() -> Iterator[Path]:
    """A folder for the temporary files of an engine begun meanwhile, which is killed in the end.

    Keys may be in them.
    """
    with tempfile.TemporaryDirectory(prefix="capfpcap-", ignore_cleanup_errors=True) as name:
        before, tempfile.tempdir = tempfile.tempdir, name
        try:
            yield Path(name)
        finally:
            tempfile.tempdir = before


def start(examine: Examine, growth: Growth | None = None) -> Link:
    """Begin an engine that analyses for this process.

    It is forked: this process must have no other threads yet.

    Raises:
        OSError: there is no process to be had.
    """
    ours, theirs = socket.socketpair()

    def work() -> None:
        ours.close()
        Engine(examine, [connection_of(theirs)], growth=growth).run()

    process = _forked(work)
    theirs.close()
    return Link(ours, process)


def serve(examine: Examine, path: str, growth: Growth | None = None) -> Link:
    """Begin an engine to which applications come at ``path``.

    Raises:
        OSError: there is no process to be had.
    """
    door = socket.socket(socket.AF_UNIX)
    door.bind(path)
    door.listen()
    process = _forked(lambda: Engine(examine, [], door, growth).run())
    door.close()
    return attach(path, process)


def attach(path: str, process: int | None = None) -> Link:
    """Connect to the engine at ``path``; ``process`` is its number, if it is to end with the link.

    Raises:
        OSError: there is none.
    """
    end = socket.socket(socket.AF_UNIX)
    end.connect(path)
    return Link(end, process)


def _forked(work: Callable[[], None]) -> int:
    parent = os.getpid()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {CANCEL})  # until it can be cancelled
    try:
        process = os.fork()
    except OSError:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        raise
    if process:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return process
    try:
        end_with(parent)
        _leave_the_terminal()
        os.nice(_STANDS_BACK)
        work()
    finally:
        os._exit(0)


def _leave_the_terminal() -> None:
    """Whatever happens in the engine, the screen stays the application's."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is meant for the application
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):
        with suppress(OSError):
            os.dup2(nowhere, stream)
    os.close(nowhere)
