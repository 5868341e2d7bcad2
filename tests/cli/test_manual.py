"""The manual's pages and the completion of shells: made of what the commands say of themselves."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import click
import pytest

from capfpcap.cli import cli
from capfpcap.cli.commands.help import PAGES
from capfpcap.cli.group import COMMANDS

from .conftest import Program

HERE = Path(__file__).parents[2]
MAKER = HERE / ".ci" / "manual.py"
REQUESTS = {".TH", ".SH", ".B", ".PP", ".TP", ".nf", ".fi"}
BIN = Path(sys.executable).parent


def names() -> list[str]:
    context = click.Context(cli)
    pages = ["capfpcap.1"]
    for name in COMMANDS:
        pages.append(f"capfpcap-{name}.1")
        command = cli.get_command(context, name)
        if isinstance(command, click.Group):
            inner = click.Context(command)
            pages += [f"capfpcap-{name}-{own}.1" for own in command.list_commands(inner)]
    return pages


def test_the_pages_are_those_that_the_commands_make_today(tmp_path: Path) -> None:
    program = (
        f"import sys; sys.path.insert(0, {str(MAKER.parent)!r})\n"
        "import pathlib, manual\n"
        "[(pathlib.Path(name)).write_text(text) for name, text in manual.made()]\n"
    )
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True, timeout=60)
    assert sorted(page.name for page in tmp_path.iterdir()) == sorted(names())
    for page in tmp_path.iterdir():
        message = f"{page.name} is not what the commands say: make man"
        assert page.read_text() == (PAGES / page.name).read_text(), message


@pytest.mark.parametrize("name", names())
def test_a_page_holds_no_request_but_its_own(name: str) -> None:
    text = (PAGES / name).read_text()
    assert text.isascii()
    lines = text.splitlines()
    assert {line.split()[0] for line in lines if line[:1] in {".", "'"}} <= REQUESTS
    assert lines.count(".nf") == lines.count(".fi")


def test_help_shows_a_command_s_page_where_nobody_sees_a_terminal(capfpcap: Program) -> None:
    page, asked = capfpcap("help", "check"), capfpcap("check", "--help")
    assert page.returncode == 0
    assert page.stdout == asked.stdout
    assert capfpcap("help").stdout == capfpcap("--help").stdout


def test_help_on_no_command_brings_the_one_that_was_meant(capfpcap: Program) -> None:
    result = capfpcap("help", "timelin")
    assert result.returncode == 3
    assert result.stderr.startswith(b"capfpcap: there is no command timelin; did you mean timeline")


def on_a_terminal(*arguments: str, path: str) -> bytes:
    """What the program shows on a terminal, with other programs from ``path`` only."""
    screen, terminal = pty.openpty()
    env = {**os.environ, "PATH": path, "TERM": "xterm"}
    command = [sys.executable, "-m", "capfpcap", *arguments]
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=terminal, env=env, check=True)
    os.close(terminal)
    shown = b""
    try:
        while piece := os.read(screen, 65536):
            shown += piece
    except OSError:  # so the end of a terminal is told
        pass
    os.close(screen)
    return shown


def test_on_a_terminal_man_shows_the_page(tmp_path: Path) -> None:
    man = tmp_path / "man"
    man.write_text('#!/bin/sh\necho "man shows $1"\n')
    man.chmod(0o755)
    shown = on_a_terminal("help", "check", path=f"{tmp_path}:/bin:/usr/bin")
    assert shown.split() == f"man shows {PAGES / 'capfpcap-check.1'}".encode().split()
    man.write_text("#!/bin/sh\nexit 5\n")
    assert b"Usage: capfpcap check" in on_a_terminal("help", "check", path=f"{tmp_path}:/bin")


def test_without_man_help_writes_what_the_command_says_of_itself(tmp_path: Path) -> None:
    assert b"Usage: capfpcap check" in on_a_terminal("help", "check", path=str(tmp_path))


def test_pages_and_plugin_are_in_the_distributions_where_they_are_looked_for(
    tmp_path: Path,
) -> None:
    build = "from hatchling.build import build_sdist, build_wheel\nimport sys\n"
    build += "build_sdist(sys.argv[1]); build_wheel(sys.argv[1])\n"
    subprocess.run(
        [sys.executable, "-c", build, str(tmp_path)], cwd=HERE, check=True, capture_output=True
    )
    (sdist,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        packed = {Path(name).name for name in archive.getnames() if name.endswith(".1")}
    assert packed == set(names())
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as files:
        shared = {name for name in files.namelist() if "/share/man/man1/" in name}
        plugin = files.read("capfpcap/tshark/capf.lua")
    assert {Path(name).name for name in shared} == set(names())
    assert plugin == (HERE / "dissectors" / "wireshark" / "capf.lua").read_bytes()


def completed(*words: str, cwd: Path) -> list[str]:
    """What bash offers for the last of the words, by the script that the README names."""
    script = (
        'eval "$(_CAPFPCAP_COMPLETE=bash_source capfpcap)"\n'
        'COMP_WORDS=(capfpcap "$@"); COMP_CWORD=$#\n'
        '_capfpcap_completion capfpcap\nprintf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    env = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}
    command = ["bash", "-c", script, "bash", *words]
    result = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=True)
    return result.stdout.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["ti"], ["timeline"]),
        (["check", "--max"], ["--max-age"]),
        (["check", "--format", "js"], ["json", "jsonl"]),
        (["explain", "itl-capf-mis"], ["itl-capf-mismatch"]),
        (["check", "--ignore", "dns-nxdomain,itl-capf-mis"], ["dns-nxdomain,itl-capf-mismatch"]),
        (["help", "sch"], ["schema"]),
    ],
)
def test_bash_completes_commands_options_and_codes(
    words: list[str], offered: list[str], tmp_path: Path
) -> None:
    assert completed(*words, cwd=tmp_path) == offered


@pytest.mark.parametrize("words", [["check"], ["check", "--phone"], ["check", "--lock"], ["flows"]])
def test_a_capture_is_completed_with_files(words: list[str]) -> None:
    env = {
        **os.environ,
        "_CAPFPCAP_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(["capfpcap", *words, "ph"]),
        "COMP_CWORD": str(len(words) + 1),
    }
    command = [str(BIN / "capfpcap")]
    result = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    assert result.stdout.splitlines() == ["file,ph"]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_have_a_script_too(shell: str) -> None:
    env = {**os.environ, "_CAPFPCAP_COMPLETE": f"{shell}_source"}
    command = [str(BIN / "capfpcap")]
    result = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    assert "_CAPFPCAP_COMPLETE" in result.stdout
