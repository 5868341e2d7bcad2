"""``capfpcap wireshark``: the file among a user's own plugins, and nobody else's file touched."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from capfpcap import __version__
from capfpcap.cli import run
from capfpcap.tshark.personal import own_file, version_of

OTHERS = b"-- another's capf.lua\n"
Told = Callable[..., tuple[int, str, str]]


@pytest.fixture
def wireshark(capfd: pytest.CaptureFixture[str]) -> Told:
    """Runs the command: its status, and what it writes to both streams."""

    def told(*arguments: str | Path) -> tuple[int, str, str]:
        status = run(["wireshark", *map(str, arguments)])
        return status, *capfd.readouterr()

    return told


def test_the_file_states_the_version_of_the_package() -> None:
    assert version_of(own_file()) == __version__
    assert re.findall(rb'^local VERSION = "(.*)"$', own_file(), re.MULTILINE) == [
        __version__.encode()
    ]


def test_it_is_installed_once_and_removed_once(tmp_path: Path, wireshark: Told) -> None:
    path = tmp_path / "capf.lua"
    status, said, _ = wireshark("install", "--folder", tmp_path)
    assert (status, path.read_bytes()) == (0, own_file())
    assert said.startswith(f"Installed {path}, version {__version__}.\n")
    assert "Analyze > Reload Lua Plugins" in said
    assert wireshark("path", "--folder", tmp_path) == (0, f"{path}\n", "")
    status, said, _ = wireshark("install", "--folder", tmp_path)
    assert (status, said) == (0, f"{path} is there already, version {__version__}.\n")
    assert [entry.name for entry in tmp_path.iterdir()] == ["capf.lua"]
    status, said, _ = wireshark("uninstall", "--folder", tmp_path)
    assert (status, said.splitlines()[0]) == (0, f"Removed {path}, version {__version__}.")
    assert not list(tmp_path.iterdir())
    status, said, _ = wireshark("uninstall", "--folder", tmp_path)
    assert (status, said) == (0, f"There is no {path}: nothing to remove.\n")


def test_another_version_of_it_is_replaced(tmp_path: Path, wireshark: Told) -> None:
    path = tmp_path / "capf.lua"
    path.write_bytes(own_file().replace(__version__.encode(), b"0.0.9"))
    status, said, _ = wireshark("install", "--folder", tmp_path)
    assert (status, path.read_bytes()) == (0, own_file())
    assert f"version {__version__} in place of version 0.0.9." in said


@pytest.mark.parametrize("action", ["install", "uninstall"])
@pytest.mark.parametrize("kind", ["file", "link", "folder"])
def test_what_is_not_capfpcap_s_is_left_alone(
    tmp_path: Path, wireshark: Told, action: str, kind: str
) -> None:
    path = tmp_path / "capf.lua"
    elsewhere = tmp_path / "elsewhere.lua"
    match kind:
        case "file":
            path.write_bytes(OTHERS)
        case "link":
            elsewhere.write_bytes(own_file() + OTHERS)
            path.symlink_to(elsewhere)
        case _:
            path.mkdir()
    status, said, complained = wireshark(action, "--folder", tmp_path)
    verb = {"install": "overwrite", "uninstall": "remove"}[action]
    assert (status, said) == (3, "")
    assert complained == f"capfpcap: will not {verb} {path}: it is not capfpcap's\n"
    if kind == "file":
        assert path.read_bytes() == OTHERS
    if kind == "link":
        assert path.is_symlink()
        assert elsewhere.read_bytes() == own_file() + OTHERS


def test_the_folder_is_asked_of_tshark_and_made(
    tmp_path: Path, wireshark: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    status, said, _ = wireshark("path")
    path = Path(said.rstrip("\n"))
    assert status == 0
    assert path.is_relative_to(tmp_path)
    assert not path.parent.exists()
    assert wireshark("install")[0] == 0
    assert path.read_bytes() == own_file()


def test_without_tshark_one_sentence_says_how_to_get_it(
    tmp_path: Path, wireshark: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    status, said, complained = wireshark("install")
    assert (status, said) == (3, "")
    assert "apt install tshark" in complained
    assert complained.count("\n") == 1
    assert wireshark("install", "--folder", tmp_path)[0] == 0


def test_a_tshark_without_lua_is_told(
    tmp_path: Path, wireshark: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "tshark"
    program.write_text("#!/bin/sh\necho 'TShark (Wireshark) 4.0.17 (built without Lua).'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    status, _, complained = wireshark("install")
    assert status == 3
    assert "without Lua" in complained


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "say what to do: install, uninstall or path"),
        (("install", "--folder", "nowhere"), "nowhere is not a directory"),
    ],
)
def test_what_cannot_be_done_is_said(
    arguments: tuple[str, ...], sentence: str, wireshark: Told
) -> None:
    status, said, complained = wireshark(*arguments)
    assert (status, said) == (3, "")
    assert complained.startswith(f"capfpcap: {sentence}\n")
