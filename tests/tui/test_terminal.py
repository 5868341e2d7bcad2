"""The program in a real terminal: tmux types, and reads the screen."""

from __future__ import annotations

import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.tui.looking import PATIENCE_S, ROOT, shipped

MISMATCH = ("itl-mismatch/phone.pcap", "itl-mismatch/publisher.pcap")


class Tmux:
    """One window of a tmux server of its own."""

    def __init__(self, folder: Path, columns: int, rows: int, command: str) -> None:
        self._folder = folder
        size = ["-x", str(columns), "-y", str(rows)]
        self._run(
            "-f",
            "/dev/null",
            "new-session",
            "-d",
            *size,
            f"cd {shlex.quote(str(ROOT))} && {command}",
        )

    def _run(self, *words: str, check: bool = True) -> str:
        """What tmux answers; its socket is named in its folder: a whole path may be too long."""
        command = ["tmux", "-S", "tmux", *words]
        answer = subprocess.run(
            command, check=check, capture_output=True, text=True, cwd=self._folder
        )
        return answer.stdout

    @property
    def screen(self) -> str:
        """What stands on the screen; empty once the program and its window are gone."""
        return self._run("capture-pane", "-p", check=False)

    def type(self, *keys: str) -> None:
        self._run("send-keys", *keys)

    def until(self, words: str) -> str:
        """Wait until the screen says something."""
        end = time.monotonic() + PATIENCE_S
        while words not in (screen := self.screen):
            assert time.monotonic() < end, f"{words!r} does not come:\n{screen}"
            time.sleep(0.1)
        return screen

    def close(self) -> None:
        self._run("kill-server", check=False)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Callable[[str], Tmux]]:
    """Opens captures, the words of a shell; the exit status goes into a file."""
    opened: list[Tmux] = []

    def run(captures: str) -> Tmux:
        state = f"env -u COLUMNS -u LINES XDG_CONFIG_HOME={shlex.quote(str(tmp_path))}"
        program = shlex.join([sys.executable, "-m", "capfpcap", "tui"])
        status = shlex.quote(str(tmp_path / "status"))
        command = f"{state} {program} {captures}; echo $? > {status}"
        opened.append(Tmux(tmp_path, 120, 36, command))
        return opened[-1]

    yield run
    for tmux in opened:
        tmux.close()


def status_in(folder: Path) -> str:
    """The status with which the program ends."""
    status = folder / "status"
    end = time.monotonic() + PATIENCE_S
    while not status.exists() or not status.read_text():
        assert time.monotonic() < end
        time.sleep(0.1)
    return status.read_text().strip()


def test_keys_lead_from_the_phone_to_its_ladder_and_findings(
    terminal: Callable[[str], Tmux], tmp_path: Path
) -> None:
    tmux = terminal(shlex.join(map(str, shipped(*MISMATCH))))
    tmux.until("SEP0008301CE5D2")
    tmux.type("4")
    tmux.until("Evidence")
    tmux.type("3")
    tmux.until("alert, fatal unknown_ca")
    tmux.type("1")
    tmux.until("Root cause")
    tmux.type("/", "nobody")
    tmux.until("0 of 1")
    tmux.type("Enter", "3", "/", "ServerHello 4 q", "Enter", "4", "/", "refuses")
    assert "The phone refuses" in tmux.until("1 of 2 findings")
    tmux.type("Enter", "3")
    tmux.until("/ ServerHello 4 q")
    tmux.type("q")
    assert status_in(tmp_path) == "2"


def test_a_capture_may_come_through_a_pipe_and_keys_still_from_the_terminal(
    terminal: Callable[[str], Tmux], tmp_path: Path
) -> None:
    (capture, _) = shipped(*MISMATCH)
    tmux = terminal(f"- < {shlex.quote(str(capture))}")
    tmux.until("Do this")
    tmux.type("3")
    tmux.until("alert, fatal unknown_ca")
    tmux.type("q")
    assert status_in(tmp_path) == "2"
