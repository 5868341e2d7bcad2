"""What is shown, taken elsewhere: the clipboard, files, Wireshark."""

from __future__ import annotations

import csv
import json
import shlex
import subprocess
from pathlib import Path

import pytest
from capf_tui.actions import copying, wireshark
from capf_tui.files import new_file, replace_file
from capf_tui.tables import as_csv
from capf_tui.widgets.tone import cell

from tests.tui.looking import Screen, captures_of, look

MISMATCH = captures_of("itl-mismatch")
PHONE = "SEP0008301CE5D2"


@pytest.fixture(autouse=True)
def _folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("TERM_PROGRAM", raising=False)
    monkeypatch.chdir(tmp_path)


def copied() -> str:
    return copying.file_of_copies().read_text()


def test_a_phone_is_copied_as_text_json_and_display_filter() -> None:
    async def act(screen: Screen) -> None:
        await screen.press("y")
        assert "by OSC 52" in screen.text
        assert screen.app.clipboard == copied()
        assert copied().startswith(f"{PHONE}  failed")
        await screen.press("Y")
        assert json.loads(copied())["phone"]["name"] == PHONE
        await screen.press("w")
        assert copied() == "ip.addr == 10.20.50.60"

    look(MISMATCH, act)


def test_a_message_is_copied_with_the_frame_that_brought_it() -> None:
    async def act(screen: Screen) -> None:
        await screen.press("enter", "n", "w")
        assert copied() == "frame.number == 80"
        await screen.press("y")
        assert copied().startswith("alert, fatal unknown_ca")
        await screen.press("Y")
        assert json.loads(copied())["label"] == "alert, fatal unknown_ca"

    look(MISMATCH, act)


@pytest.mark.parametrize(("key", "scenario"), [("2", "itl-mismatch"), ("4", "itl-mismatch")])
def test_display_filters_are_ones_that_tshark_takes(key: str, scenario: str) -> None:
    async def act(screen: Screen) -> None:
        await screen.press(key, "j", "w")

    paths = captures_of(scenario)
    look(paths, act)
    command = ["tshark", "-r", str(paths[0]), "-Y", copied(), "-T", "fields", "-e", "frame.number"]
    result = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    assert result.stdout.split()


def test_a_terminal_without_clipboard_gets_a_file_and_is_told_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "linux")

    async def act(screen: Screen) -> None:
        await screen.press("w")
        assert "This terminal takes no such copy" in screen.text
        assert screen.app.clipboard == ""
        assert copied() == "ip.addr == 10.20.50.60"

    look(MISMATCH, act)


def test_what_is_too_long_for_a_terminal_goes_into_a_file() -> None:
    assert copying.terminal_takes("x" * 70_000)
    assert not copying.terminal_takes("x" * 80_000)


async def _export(screen: Screen, name: str) -> None:
    await screen.press("e")
    await screen.press("ctrl+u")
    await screen.type(name)
    await screen.press("enter")


def test_what_is_shown_is_exported_as_text_csv_and_json(tmp_path: Path) -> None:
    async def act(screen: Screen) -> None:
        await screen.press("slash")
        await screen.type("failed")
        await screen.press("enter")
        for suffix in ("txt", "csv", "json"):
            await _export(screen, f"phones.{suffix}")
            assert f"Exported to phones.{suffix}" in screen.text

    look(captures_of("burst"), act)
    lines = (tmp_path / "phones.txt").read_text().splitlines()
    assert lines[0].split()[:2] == ["Phone", "Address"]
    with (tmp_path / "phones.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    documents = json.loads((tmp_path / "phones.json").read_text())
    names = [line.split()[1] for line in lines[1:]]
    assert names == [row[1] for row in rows[1:]] == [one["name"] for one in documents]
    assert 0 < len(names) < 60


def test_a_ladder_is_exported_in_each_of_its_forms(tmp_path: Path) -> None:
    async def act(screen: Screen) -> None:
        await screen.press("enter")
        for suffix in ("txt", "svg", "mmd", "json"):
            await _export(screen, f"ladder.{suffix}")

    look(MISMATCH, act)
    assert "unknown_ca" in (tmp_path / "ladder.txt").read_text()
    assert (tmp_path / "ladder.svg").read_text().lstrip().startswith("<")
    assert "sequenceDiagram" in (tmp_path / "ladder.mmd").read_text()
    assert json.loads((tmp_path / "ladder.json").read_text())["lanes"]


def test_an_export_replaces_nothing_and_says_what_names_it_takes(tmp_path: Path) -> None:
    (tmp_path / "there.txt").write_text("mine")

    async def act(screen: Screen) -> None:
        await _export(screen, "there.txt")
        assert "there.txt exists" in screen.text
        await screen.press("escape")
        await _export(screen, "phones.doc")
        assert "must end with .txt or .csv or .json" in screen.text
        await screen.press("escape")
        await _export(screen, "no/such/folder.txt")
        assert "cannot be written: No such file or directory" in screen.text

    look(MISMATCH, act)
    assert (tmp_path / "there.txt").read_text() == "mine"


def test_fields_that_a_spreadsheet_would_run_are_text() -> None:
    written = as_csv([[cell("name")]], [[cell("=1+1")], [cell("-")], [cell('a,b"c')]])
    assert written.splitlines() == ["name", "'=1+1", "-", '"a,b""c"']


def test_wireshark_is_opened_at_the_frame(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bin" / "wireshark"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    monkeypatch.setenv("DISPLAY", ":99")

    async def act(screen: Screen) -> None:
        await screen.press("enter", "n", "o")
        assert "Opening Wireshark at frame 80" in screen.text
        await screen.until((tmp_path / "asked").exists)

    look(MISMATCH, act)
    assert (tmp_path / "asked").read_text().split() == ["-r", str(MISMATCH[0]), "-g", "80"]


def test_where_there_is_no_desktop_the_command_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    said = wireshark.open_capture("a file.pcap", 7, "")
    assert said.startswith("There is no desktop here")
    assert shlex.split(said.partition(": ")[2]) == ["wireshark", "-r", "a file.pcap", "-g", "7"]
    assert wireshark.command("x.pcap", None, "tcp")[-2:] == ["-Y", "tcp"]


def test_files_are_for_their_owner_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file.txt"
    replace_file(path, "one")
    replace_file(path, "two")
    assert path.read_text() == "two"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["file.txt"]
    with pytest.raises(FileExistsError):
        new_file(path, "three")
