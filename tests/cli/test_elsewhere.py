"""What Windows and macOS lack is not needed. Both are imitated by taking names away, not run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zoneinfo
from pathlib import Path

import pytest

from capfpcap import cli
from capfpcap.capture.files.source import Source, read_up_to
from capfpcap.cli.commands.itl.extracting import extract
from capfpcap.cli.errors import CommandError
from capfpcap.inspection.held.certificates import CertificateFile

from .conftest import CAPTURES
from .elsewhere import lost_names

ROOT = CAPTURES.parent
MISMATCH = "captures/itl-mismatch"
PHONE = f"{MISMATCH}/phone.pcap"
DECRYPTED = "captures/decrypted/tls12-chacha20"
COMMANDS = [
    ["check", PHONE],
    ["check", "--phone", PHONE, "--publisher", f"{MISMATCH}/publisher.pcap"],
    ["check", "--workers", "2", "--format", "json", PHONE],
    ["check", "--format", "csv", MISMATCH],
    ["check", "--tz", "Europe/Berlin", "--since", "2020-01-01", PHONE],
    ["timeline", "--keylog", f"{DECRYPTED}/keylog.txt", f"{DECRYPTED}/publisher.pcap"],
    ["flows", MISMATCH],
    ["timeline", f"{MISMATCH}/p*.pcap"],
    ["timeline", "--format", "json", PHONE],
    ["reach", MISMATCH],
    ["explain"],
    ["explain", "itl-capf-mismatch"],
    ["ladder", MISMATCH],
    ["inventory", MISMATCH],
    ["itl", PHONE],
    ["schema"],
    ["help", "reach"],
    ["check", "none.pcap"],
    ["check", "--output", "-", "-"],
]
STRICT = {"PYTHONWARNDEFAULTENCODING": "1", "PYTHONWARNINGS": "error::EncodingWarning"}
"""A file that is opened without naming its encoding would have another one on Windows."""


def run(platform: str, commands: list[list[str]]) -> subprocess.CompletedProcess[str]:
    with (CAPTURES / "itl-mismatch" / "phone.pcap").open("rb") as capture:
        return subprocess.run(
            [sys.executable, "-m", "tests.cli.elsewhere", platform, json.dumps(commands)],
            cwd=ROOT,
            env=os.environ | {"PYTHONIOENCODING": "utf-8", "PYTHONTZPATH": "", **STRICT},
            stdin=capture,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )


@pytest.fixture(scope="module")
def here() -> subprocess.CompletedProcess[str]:
    return run("linux", COMMANDS)


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_every_command_says_the_same_where_a_platform_s_names_are_missing(
    platform: str, here: subprocess.CompletedProcess[str]
) -> None:
    there = run(platform, COMMANDS)
    assert there.stdout.split("\n") == here.stdout.split("\n")
    assert there.stderr == here.stderr
    assert there.returncode == here.returncode == 2
    assert here.stdout.count("status 2 of") == 5
    assert here.stdout.count("status 0 of") == 12


def test_what_is_taken_away_is_what_those_platforms_lack() -> None:
    names, modules = lost_names("win32")
    assert {"fork", "readv", "preadv", "O_CLOEXEC", "geteuid", "nice"} <= set(names["os"])
    assert {"SIGHUP", "SIGKILL", "SIGPIPE", "pthread_sigmask"} <= set(names["signal"])
    assert {"fcntl", "resource", "termios", "pwd", "grp"} <= set(modules)
    names, modules = lost_names("darwin")
    assert {"sched_getaffinity", "memfd_create"} <= set(names["os"])
    assert "fork" not in names["os"]
    assert "fcntl" not in modules


def test_what_does_not_work_there_says_so_in_a_sentence() -> None:
    done = run("win32", [["check", "--lock", "x", PHONE], ["tui", PHONE]])
    assert done.returncode == 3
    assert done.stdout == f"status 3 of {['check', '--lock', 'x', PHONE]}\n"
    assert done.stderr.splitlines() == [
        "capfpcap: --lock does not work on this system: let its scheduler keep runs apart",
        "capfpcap: the terminal interface needs fork, which Windows lacks: use it in WSL",
    ]


def test_without_preadv_places_of_a_file_are_read_while_it_is_read_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "preadv")
    path = tmp_path / "octets"
    data = bytes(range(256))
    path.write_bytes(data)
    with Source(str(path)) as source:
        place = source.stretch(100, 120)
        assert read_up_to(source, 10)[0] == data[:10]
        assert read_up_to(place, 12)[0] == data[100:112]
        assert read_up_to(source, 10)[0] == data[10:20]
        assert read_up_to(place, 12)[0] == data[112:120]
        assert read_up_to(source, 300)[0] == data[20:]


def test_where_folders_cannot_be_opened_certificates_are_written_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "O_DIRECTORY")
    files = [CertificateFile("capf.pem", b"one"), CertificateFile("tvs.pem", b"two")]
    extract(files[:1], str(tmp_path), force=False)
    with pytest.raises(CommandError, match=r"has capf\.pem already"):
        extract(files, str(tmp_path), force=False)
    extract(files, str(tmp_path), force=True)
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert written == {file.name: file.content for file in files}


def test_a_system_without_time_zones_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "tzdata", None)
    zoneinfo.ZoneInfo.clear_cache()
    zoneinfo.reset_tzpath([])
    try:
        assert cli.run(["check", "--tz", "Europe/Berlin", PHONE]) == 3
    finally:
        zoneinfo.reset_tzpath()
    assert "this system knows no time zones: pip install tzdata" in capsys.readouterr().err
