"""``capfpcap tui --serve`` as a user runs it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from tests.tui.looking import PATIENCE_S


class Served:
    """A server that is begun."""

    def __init__(self, url: str, process: subprocess.Popen[str]) -> None:
        self.url = url
        self.process = process

    @cached_property
    def said(self) -> str:
        """The sentence that it says once it listens."""
        assert self.process.stderr is not None
        return self.process.stderr.readline()

    def end(self) -> int:
        """As Ctrl+C does; returns the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE_S)


def free_port() -> int:
    """A port of the loopback that nobody has now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def served(folder: Path, captures: Sequence[str]) -> Iterator[Served]:
    """Serve captures of a folder, and end when that is over."""
    port = free_port()
    program = [sys.executable, "-m", "capfpcap", "tui", "--serve", f"127.0.0.1:{port}", *captures]
    process = subprocess.Popen(
        program,
        cwd=folder,
        env={**os.environ, "XDG_CONFIG_HOME": str(folder / "config")},
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield Served(f"http://127.0.0.1:{port}/", process)
        finally:
            process.terminate()
            process.wait(PATIENCE_S)
