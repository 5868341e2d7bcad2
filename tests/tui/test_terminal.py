"""The program in a real terminal: tmux types, and reads the screen."""

from __future__ import annotations

import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tui.looking import PATIENCE_S, ROOT, captures_of


class Tmux:
    """One window of a tmux server of its own."""

    def __init__(self, folder: Path, columns: int, rows: int, command: str) -> None:
        self._server = ["tmux", "-S", str(folder / "tmux"), "-f", "/dev/null"]
        size = ["-x", str(columns), "-y", str(rows)]
        subprocess.run([*self._server, "new-session", "-d", *size, command], check=True, cwd=ROOT)

    @property
    def screen(self) -> str:
        """What stands on the screen; empty once the program and its window are gone."""
        shown = subprocess.run(
            [*self._server, "capture-pane", "-p"], check=False, capture_output=True, text=True
        )
        return shown.stdout

    def type(self, *keys: str) -> None:
        subprocess.run([*self._server, "send-keys", *keys], check=True)

    def until(self, words: str) -> str:
        """Wait until the screen says something."""
        end = time.monotonic() + PATIENCE_S
        while words not in (screen := self.screen):
            assert time.monotonic() < end, f"{words!r} does not come:\n{screen}"
            time.sleep(0.1)
        return screen

    def close(self) -> None:
        subprocess.run([*self._server, "kill-server"], check=False, capture_output=True)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Tmux]:
    files = [str(path.relative_to(ROOT)) for path in captures_of("itl-mismatch")]
    state = f"env -u COLUMNS -u LINES XDG_CONFIG_HOME={shlex.quote(str(tmp_path))}"
    program = shlex.join([sys.executable, "-m", "capfpcap", "tui", *files])
    status = shlex.quote(str(tmp_path / "status"))
    tmux = Tmux(tmp_path, 120, 36, f"{state} {program}; echo $? > {status}")
    yield tmux
    tmux.close()


def test_keys_lead_from_the_phone_to_its_ladder_and_findings(
    terminal: Tmux, tmp_path: Path
) -> None:
    terminal.until("SEP0008301CE5D2")
    terminal.type("4")
    terminal.until("Evidence")
    terminal.type("3")
    terminal.until("alert, fatal unknown_ca")
    terminal.type("1")
    terminal.until("Root cause")
    terminal.type("/", "nobody")
    terminal.until("0 of 1")
    terminal.type("Enter", "3", "/", "ServerHello 4 q", "Enter", "4", "/", "refuses")
    assert "The phone refuses" in terminal.until("1 of 2 findings")
    terminal.type("Enter", "3")
    terminal.until("/ ServerHello 4 q")
    terminal.type("q")
    status = tmp_path / "status"
    end = time.monotonic() + PATIENCE_S
    while not status.exists() or not status.read_text():
        assert time.monotonic() < end, terminal.screen
        time.sleep(0.1)
    assert status.read_text().strip() == "2"
