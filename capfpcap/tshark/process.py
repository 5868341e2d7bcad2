"""Runs tshark within bounds, and ends it and all that it started whatever happens."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from capfpcap.tshark.errors import TsharkError
from capfpcap.tshark.folder import environment

MAX_OUTPUT = 64 << 20
"""Bytes that one run writes at most: some hundred frames with a large trust list each."""
MAX_COMPLAINTS = 1 << 16
"""Bytes that are kept of what it writes to standard error."""
PATIENCE_S = 120.0
"""Seconds that one run may take."""
_PIECE = 1 << 16
_TO_ROOT = "Running as user"
"""Begins what tshark tells root in each run, which is no complaint."""
_LUA_ERRORS = ("Lua Error", "Lua: Error")
"""What tshark writes of a plugin that failed; its exit status stays 0."""


class Written(NamedTuple):
    """What one run wrote."""

    output: bytes
    complaints: bytes


def run(command: Sequence[str], folder: Path) -> bytes:
    """The output of tshark, run in a folder of :mod:`capfpcap.tshark.folder`.

    Raises:
        TsharkError: it cannot be run, fails, says that a plugin failed, or goes beyond a limit.
    """
    process = start(command, folder)
    try:
        written = _taken(process)
        status = process.wait(_PATIENCE_AT_END_S)
    except subprocess.TimeoutExpired as error:
        kill_group(process.pid)
        raise TsharkError(TOO_LONG) from error
    except BaseException:
        kill_group(process.pid)
        raise
    finally:
        _let_go(process)
    check_complaints(written.complaints, status)
    return written.output


_PATIENCE_AT_END_S = 10.0
TOO_LONG = f"tshark takes more than {PATIENCE_S:.0f} s"
TOO_MUCH = f"what tshark writes is more than {MAX_OUTPUT >> 20} MiB; ask for fewer frames"


def start(command: Sequence[str], folder: Path) -> subprocess.Popen[bytes]:
    """Begin tshark in a process group of its own.

    Raises:
        TsharkError: the system refuses.
    """
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=environment(folder),
            start_new_session=True,
        )
    except OSError as error:
        raise TsharkError(f"{command[0]} cannot be run: {error.strerror}") from error


def _let_go(process: subprocess.Popen[bytes]) -> None:
    """Close the pipes of a process that has ended or is about to, and let the system forget it."""
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()
    process.wait()


def kill_group(process: int) -> None:
    """Kill a process that began a group and was not waited for, with all of the group."""
    if sys.platform != "win32":
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process, signal.SIGKILL)


def _taken(process: subprocess.Popen[bytes]) -> Written:
    assert process.stdout is not None
    assert process.stderr is not None
    output, complaints = bytearray(), bytearray()
    deadline = time.monotonic() + PATIENCE_S
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ, output)
        selector.register(process.stderr, selectors.EVENT_READ, complaints)
        while selector.get_map():
            ready = selector.select(max(deadline - time.monotonic(), 0))
            if not ready:
                raise TsharkError(TOO_LONG)
            for key, _ in ready:
                piece = os.read(key.fd, _PIECE)
                if not piece:
                    selector.unregister(key.fileobj)
                key.data.extend(piece)
            if len(output) > MAX_OUTPUT:
                raise TsharkError(TOO_MUCH)
            del complaints[MAX_COMPLAINTS:]
    return Written(bytes(output), bytes(complaints))


def check_complaints(complaints: bytes, status: int | None) -> None:
    """Look through what tshark wrote to standard error, of which its status says little.

    Raises:
        TsharkError: it failed, or a plugin did.
    """
    lines = complaints.decode(errors="replace").splitlines()
    told = [line.strip() for line in lines if line.strip() and _TO_ROOT not in line]
    refuse_lua_errors(told)
    if status:
        why = told[0] if told else f"it ended with status {status}"
        raise TsharkError(f"tshark cannot read the frames: {why}")


def refuse_lua_errors(lines: Sequence[str]) -> None:
    """Raises :class:`TsharkError` where one of them tells of a plugin that failed."""
    for number, line in enumerate(lines):
        if any(sign in line for sign in _LUA_ERRORS):
            where = " ".join(lines[number : number + 2])
            raise TsharkError(f"a plugin of Wireshark failed: {where}")
