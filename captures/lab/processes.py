"""Processes that the lab starts, and their certain end."""

from __future__ import annotations

import ctypes
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

# prctl(2), linux/prctl.h
PR_SET_PDEATHSIG = 1

READY = "ready"
START_SECONDS = 20.0
STOP_SECONDS = 3.0
POLL_SECONDS = 0.02


class LabError(Exception):
    """The lab could not do what the scenario asks; the message says what and why."""


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def run(*command: str) -> str:
    """Run a command to its end and return its output.

    Raises:
        LabError: it failed; carries what it wrote to standard error.
    """
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LabError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


class Process:
    """One running process whose output goes to a log file."""

    def __init__(self, command: Sequence[str], log: Path) -> None:
        self._command = " ".join(command)
        self._log = log
        with log.open("wb") as output:
            self._popen = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - only prctl runs in it
            )

    @property
    def output(self) -> str:
        """What the process has written so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def wait_for(self, text: str, seconds: float = START_SECONDS) -> None:
        """Wait until the process has written ``text``.

        Raises:
            LabError: it ended first, or the time was not enough.
        """
        end = time.monotonic() + seconds
        while text not in self.output:
            if self._popen.poll() is not None or time.monotonic() > end:
                raise LabError(f"{self._command} is not ready: {self.output[-2000:]}")
            time.sleep(POLL_SECONDS)

    def wait(self, seconds: float) -> None:
        """Wait for the process to end by itself.

        Raises:
            LabError: it failed, or did not end in time.
        """
        try:
            code = self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            raise LabError(f"{self._command} did not end: {self.output[-2000:]}") from None
        if code != 0:
            raise LabError(f"{self._command} failed: {self.output[-2000:]}")

    def send(self, number: signal.Signals) -> None:
        """Send a signal, unless the process has ended."""
        if self._popen.poll() is None:
            self._popen.send_signal(number)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End the process: politely, then surely. A frozen process is ended too."""
        self.send(number)
        self.send(signal.SIGCONT)
        try:
            self._popen.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()


class Processes:
    """The processes of one recording; leaving the ``with`` block ends all of them."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._running: dict[str, Process] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in reversed(self._running.values()):
            process.stop()

    def start(self, name: str, command: Sequence[str]) -> Process:
        """Start a process under a name of its own in this recording."""
        process = Process(command, self._logs / f"{name}.log")
        self._running[name] = process
        return process

    def get(self, name: str) -> Process:
        """Return a process started before."""
        return self._running[name]
