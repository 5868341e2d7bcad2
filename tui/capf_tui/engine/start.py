"""How an engine is begun, and how another application finds it."""

from __future__ import annotations

import os
import signal
import socket
from contextlib import suppress
from multiprocessing.connection import Connection

from capf_tui.asking import ALL_MODULES
from capf_tui.engine.link import Link
from capf_tui.engine.process import Engine, Examine, connection_of
from capfpcap.capture.forked import end_with

assert ALL_MODULES, "questions are known once their modules are imported"


def start(examine: Examine) -> Link:
    """Begin an engine that analyses for this process.

    It is forked: this process must have no other threads yet.

    Raises:
        OSError: there is no process to be had.
    """
    ours, theirs = socket.socketpair()
    process = _forked(lambda: Engine(examine, [_kept(theirs, ours)]).run())
    theirs.close()
    return Link(connection_of(ours), process)


def serve(examine: Examine, path: str) -> int:
    """Begin an engine to which applications come at ``path``; the number of its process."""
    door = socket.socket(socket.AF_UNIX)
    door.bind(path)
    door.listen()
    process = _forked(lambda: Engine(examine, [], door).run())
    door.close()
    return process


def attach(path: str) -> Link:
    """Connect to the engine at ``path``.

    Raises:
        OSError: there is none.
    """
    end = socket.socket(socket.AF_UNIX)
    end.connect(path)
    return Link(connection_of(end))


def _kept(end: socket.socket, other: socket.socket) -> Connection:
    other.close()
    return connection_of(end)


def _forked(work: object) -> int:
    parent = os.getpid()
    process = os.fork()
    if process:
        return process
    try:
        end_with(parent)
        _leave_the_terminal()
        assert callable(work)
        work()
    finally:
        os._exit(0)


def _leave_the_terminal() -> None:
    """Whatever happens in the engine, the screen stays the application's."""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (1, 2):
        with suppress(OSError):
            os.dup2(nowhere, stream)
    os.close(nowhere)
