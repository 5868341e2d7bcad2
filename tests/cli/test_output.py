"""A report goes to standard output or to a file, whole or not at all."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from capfpcap.cli.errors import CommandError
from capfpcap.cli.output import check_target, opened, page_of

from .conftest import Program


def test_a_file_holds_what_standard_output_would(
    capfpcap: Program, failing: Path, tmp_path: Path
) -> None:
    shown = capfpcap("check", failing, "--format", "json")
    result = capfpcap("check", failing, "--format", "json", "-o", "report.json")
    assert result.stdout == b""
    assert (tmp_path / "report.json").read_bytes() == shown.stdout
    assert list(tmp_path.iterdir()) == [tmp_path / "report.json"]


def test_a_file_gets_the_permissions_of_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        with opened(str(tmp_path / "report")) as write:
            write(b"report\n")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "report").stat().st_mode) == 0o640


def test_a_failure_in_the_middle_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "report"
    target.write_bytes(b"old\n")
    with pytest.raises(ZeroDivisionError), opened(str(target)) as write:
        write(b"half of the new")
        raise ZeroDivisionError
    assert target.read_bytes() == b"old\n"
    assert list(tmp_path.iterdir()) == [target]


def test_a_symbolic_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old\n")
    (tmp_path / "link").symlink_to("real")
    with opened(str(tmp_path / "link")) as write:
        write(b"new\n")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new\n"


def test_a_device_is_written_straight() -> None:
    with opened(os.devnull) as write:
        write(b"gone\n")
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


def test_a_capture_is_never_overwritten(capfpcap: Program, failing: Path, tmp_path: Path) -> None:
    content = failing.read_bytes()
    (tmp_path / "phone.pcap").write_bytes(content)
    (tmp_path / "alias").symlink_to("phone.pcap")
    for target in "phone.pcap", "./phone.pcap", "alias":
        result = capfpcap("check", "--phone", "phone.pcap", "-o", target)
        assert result.returncode == 3
        assert b"one of the captures" in result.stderr
    assert (tmp_path / "phone.pcap").read_bytes() == content


@pytest.mark.parametrize("target", [".", "no/such/directory/report"])
def test_a_target_that_cannot_be_is_refused_before_any_work(
    target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CommandError, match="cannot write"):
        check_target(target, [])


def test_colour_is_for_terminals_unless_asked(
    capfpcap: Program, failing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert b"\x1b[" not in capfpcap("check", failing).stdout
    assert b"\x1b[" in capfpcap("check", failing, "--color", "always").stdout


def test_no_color_speaks_for_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert page_of(None, "auto").color
    monkeypatch.setenv("NO_COLOR", "1")
    assert not page_of(None, "auto").color
    assert page_of(None, "always").color


def test_a_screen_without_unicode_gets_ascii(capfpcap: Program, failing: Path) -> None:
    result = capfpcap("check", failing, env={"PYTHONIOENCODING": "iso8859-1"})
    assert result.returncode == 2
    assert result.stdout.isascii()


def test_json_is_utf_8_on_any_screen(capfpcap: Program, failing: Path) -> None:
    result = capfpcap("check", failing, "--format", "json", env={"PYTHONIOENCODING": "ascii"})
    assert json.loads(result.stdout)["verdict"]["severity"] == "critical"
