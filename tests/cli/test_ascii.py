"""Under a locale of ASCII, and where it is asked for, text is ASCII."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = ["check", "timeline", "flows", "reach", "ladder"]
SHOWN = "“LSC: Connection Failed”"


def run(*arguments: str | Path, **environment: str) -> tuple[bytes, bytes]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("LC_", "LANG", "PYTHONIOENCODING", "PYTHONUTF8"))
    }
    done = subprocess.run(
        [sys.executable, "-m", "capfpcap", *map(str, arguments)],
        capture_output=True,
        check=False,
        timeout=60,
        env=kept | environment,
    )
    assert done.returncode in (0, 1, 2, 3)
    return done.stdout, done.stderr


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("locale", ["C", "POSIX"])
def test_the_text_of_every_command_is_ascii_in_such_a_locale(
    command: str, locale: str, failing: Path
) -> None:
    out, _ = run(command, failing, LC_ALL=locale)
    assert out.isascii()
    assert not run(command, failing, LC_ALL="C.UTF-8")[0].isascii()


@pytest.mark.parametrize("command", COMMANDS)
def test_the_text_of_every_command_is_ascii_where_it_is_asked_for(
    command: str, failing: Path
) -> None:
    assert run(command, "--ascii", failing, LC_ALL="C.UTF-8")[0].isascii()


def test_a_file_is_utf_8_unless_it_is_asked_for(failing: Path, tmp_path: Path) -> None:
    for name, option in (("usual", []), ("plain", ["--ascii"])):
        run("check", *option, "-o", tmp_path / name, failing, LC_ALL="C")
    assert SHOWN in (tmp_path / "usual").read_text(encoding="utf-8")
    assert (tmp_path / "plain").read_bytes().isascii()


def test_who_tells_python_what_to_write_is_heeded(failing: Path) -> None:
    out, _ = run("check", failing, LC_ALL="C", PYTHONIOENCODING="utf-8")
    assert SHOWN in out.decode()


def test_sentences_on_standard_error_are_ascii_as_well(tmp_path: Path) -> None:
    _, err = run("check", tmp_path / "größe.pcap", LC_ALL="C")
    assert err.isascii()
    assert b"gr\\xf6\\xdfe.pcap cannot be read" in err


def test_explanations_are_ascii_as_well() -> None:
    assert run("explain", "--ascii", "dns-nxdomain")[0].isascii()
    assert run("explain", LC_ALL="C")[0].isascii()


def test_a_pipe_of_windows_is_written_in_ascii(failing: Path) -> None:
    """There a pipe or file has the code page of the system, which knows few of our marks."""
    for command in ("check", "ladder"):
        out, err = run(command, failing, PYTHONIOENCODING="cp1252")
        assert out.isascii()
        assert not err
    for asked in (["reach", "--help"], ["help", "reach"]):
        assert b"-> is the way to the server" in run(*asked, PYTHONIOENCODING="cp1252")[0]
    missing = run("check", "größe\u2192.pcap", PYTHONIOENCODING="cp1252")[1]
    assert missing.decode("cp1252").startswith("capfpcap: größe\\u2192.pcap cannot be read")
