"""``capfpcap tui`` as a command: what it wants, what it says where it cannot, how it ends."""

from __future__ import annotations

import os
import pty
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from capfpcap.cli.exit_status import ExitStatus

from .conftest import Program

PATIENCE_S = 60.0


class Terminal:
    """The program on a terminal of its own, read as the bytes that it writes."""

    def __init__(self, folder: Path, *arguments: str | Path) -> None:
        ours, theirs = pty.openpty()
        self._ours, self._seen = ours, b""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "capfpcap", "tui", *map(str, arguments)],
            cwd=folder,
            env={**os.environ, "TERM": "xterm-256color", "XDG_CONFIG_HOME": str(folder)},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)

    def until(self, words: bytes) -> None:
        """Wait until the program has written something."""
        end = time.monotonic() + PATIENCE_S
        while words not in self._seen:
            assert time.monotonic() < end, self._seen
            self._read()

    def _read(self) -> None:
        if select.select([self._ours], [], [], 0.1)[0]:
            try:
                self._seen += os.read(self._ours, 65536)
            except OSError:  # nobody writes any more
                time.sleep(0.01)

    def type(self, keys: bytes) -> None:
        os.write(self._ours, keys)

    def status(self) -> int:
        """How the program ends; what it still writes is taken from it."""
        end = time.monotonic() + PATIENCE_S
        while self.process.poll() is None:
            assert time.monotonic() < end, self._seen
            self._read()
        return self.process.returncode

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._ours)


@contextmanager
def on_terminal(folder: Path, *arguments: str | Path) -> Iterator[Terminal]:
    terminal = Terminal(folder, *arguments)
    try:
        yield terminal
    finally:
        terminal.close()


@pytest.mark.parametrize(
    ("capture", "options", "verdict"),
    [
        ("expiring", ("--fail-on", "critical"), "! WARNING"),
        ("failing", ("--ignore", "itl-capf-mismatch"), "✗ CRITICAL"),
        ("empty", (), "? UNKNOWN"),
    ],
)
def test_it_ends_as_a_check_with_the_same_options_does(
    capture: str,
    options: tuple[str, ...],
    verdict: str,
    capfpcap: Program,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    path: Path = request.getfixturevalue(capture)
    checked = capfpcap("check", *options, path)
    with on_terminal(tmp_path, *options, path) as terminal:
        terminal.until(verdict.encode())
        terminal.type(b"q")
        assert terminal.status() == checked.returncode


def test_who_leaves_before_there_is_a_verdict_has_interrupted_it(tmp_path: Path) -> None:
    endless = tmp_path / "endless.pcap"
    os.mkfifo(endless)
    with on_terminal(tmp_path, endless) as terminal:
        terminal.until(b"Filter")
        terminal.type(b"q")
        assert terminal.status() == ExitStatus.INTERRUPTED


def test_without_a_terminal_it_says_what_there_is_instead(capfpcap: Program, failing: Path) -> None:
    result = capfpcap("tui", failing)
    assert result.returncode == 3
    assert result.stdout == b""
    assert b"this needs a terminal; without one, check writes a report" in result.stderr


@pytest.mark.parametrize(
    ("missing", "options", "extra"),
    [("textual", (), "tui"), ("textual_serve", ("--serve", "127.0.0.1:9"), "serve")],
)
def test_what_is_not_installed_is_said_in_a_sentence(
    missing: str, options: tuple[str, ...], extra: str, failing: Path
) -> None:
    program = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "from capfpcap.cli import run; sys.exit(run(sys.argv[1:]))\n"
    )
    command = [sys.executable, "-c", program, "tui", *options, str(failing)]
    result = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert result.returncode == 3
    assert result.stderr.count("\n") == 1
    assert f"pip install 'capfpcap[{extra}]'" in result.stderr


@pytest.mark.parametrize("address", ["moon", "localhost:", "localhost:0", "[::1]:65536", ":²"])
def test_an_address_that_is_none_is_answered_with_what_is_meant(
    address: str, capfpcap: Program, failing: Path
) -> None:
    result = capfpcap("tui", failing, "--serve", address)
    assert result.returncode == 3
    assert b"is no HOST:PORT" in result.stderr
    assert b"--serve alone means localhost:8000" in result.stderr


def test_a_port_that_is_taken_is_said_and_nothing_is_left_running(
    capfpcap: Program, failing: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = capfpcap("tui", failing, "--serve", f"127.0.0.1:{taken.getsockname()[1]}")
    assert result.returncode == 3
    assert b"shows the captures" not in result.stderr
    assert b"the terminal interface cannot run: " in result.stderr
    assert b"address already in use" in result.stderr.lower()


def test_standard_input_cannot_be_followed(capfpcap: Program) -> None:
    result = capfpcap("tui", "--follow", "-")
    assert result.returncode == 3
    assert b"standard input cannot be followed" in result.stderr


def test_a_capture_that_cannot_be_read_is_named_on_the_screen(
    capfpcap: Program, tmp_path: Path
) -> None:
    with on_terminal(tmp_path, "moon.pcap") as terminal:
        terminal.until(b"moon.pcap cannot be read: No such file or directory")
        terminal.type(b"q")
        assert terminal.status() == capfpcap("check", "moon.pcap").returncode == 3
