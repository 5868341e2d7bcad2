"""What a timer needs: no two runs at once, and no peace where the recorder has died."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.vantage.records import read, write

from .conftest import CAPTURES, Program

SECOND = 1_000_000_000
PATIENCE_S = 30


def ending(capture: Path, at: Path, seconds_ago: float) -> Path:
    """A copy of a capture whose last packet is so old."""
    packets = read(capture)
    shift = time.time_ns() - int(seconds_ago * SECOND) - packets[-1].time
    at.parent.mkdir(parents=True, exist_ok=True)
    write(at, [packet.later(shift) for packet in packets])
    return at


def test_a_capture_whose_recorder_died_is_not_ok(
    capfpcap: Program, healthy: Path, tmp_path: Path
) -> None:
    capture = ending(healthy, tmp_path / "phone.pcap", 2 * 3600 + 61)
    assert capfpcap("check", "phone.pcap", "--max-age", "3h").returncode == 0
    result = capfpcap("check", capture, "--max-age", "2h", "--format", "json")
    assert result.returncode == 3
    verdict = json.loads(result.stdout)["verdict"]
    assert (verdict["severity"], verdict["unjudged"]) == ("unknown", "stale")
    assert verdict["summary"].endswith(
        f"; the last packet of {capture} is 2 h 1 min old: does the recorder still run?"
    )
    for bar in ("warning", "critical", "never"):
        assert capfpcap("check", capture, "--max-age", "2h", "--fail-on", bar).returncode == 3


def test_a_failure_stays_one_and_the_age_is_remarked(
    capfpcap: Program, failing: Path, tmp_path: Path
) -> None:
    capture = ending(failing, tmp_path / "phone.pcap", 600)
    result = capfpcap("check", "--max-age", "5m", capture, "--format", "json")
    assert result.returncode == 2
    (note,) = [note for note in json.loads(result.stdout)["notes"] if "recorder" in note]
    assert note.startswith(f"the last packet of {capture} is 10 min")


def test_old_files_of_a_folder_whose_newest_is_young_are_no_trouble(
    capfpcap: Program, healthy: Path, tmp_path: Path
) -> None:
    ending(healthy, tmp_path / "ring" / "a_00001_20261123000000.pcap", 9000)
    ending(healthy, tmp_path / "ring" / "deep" / "a_00002_20261123010000.pcap", 5)
    assert b"recorder" not in capfpcap("check", "--max-age", "1m", "ring").stdout


def test_of_two_recorders_the_one_that_died_is_named(capfpcap: Program, tmp_path: Path) -> None:
    folder = CAPTURES / "success-by-address"
    ending(folder / "phone.pcap", tmp_path / "phone.pcap", 1)
    ending(folder / "publisher.pcap", tmp_path / "publisher.pcap", 500)
    files = ("--phone", "phone.pcap", "--publisher", "publisher.pcap")
    result = capfpcap("check", "-q", "--max-age", "1m", *files)
    assert result.returncode == 3
    assert b"the last packet of --publisher is 8 min " in result.stdout
    assert b"--phone is" not in result.stdout


def test_a_recorder_that_recorded_nothing_is_named(capfpcap: Program, empty: Path) -> None:
    result = capfpcap("check", "-q", "--max-age", "1m", empty)
    assert result.returncode == 3
    assert b"phone.pcap holds no packet: does the recorder still run?" in result.stdout


@pytest.mark.parametrize("text", ["soon", "15", "-1h", ""])
def test_what_is_no_duration_is_named(capfpcap: Program, healthy: Path, text: str) -> None:
    result = capfpcap("check", healthy, f"--max-age={text}")
    assert result.returncode == 3
    assert b"is no duration; one is 15m" in result.stderr


@pytest.fixture
def waiting(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A run that holds ``lock`` and waits for a capture that does not come."""
    os.mkfifo(tmp_path / "pipe")
    command = [sys.executable, "-m", "capfpcap", "check", "--lock", "lock", "pipe"]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE) as process:
        until = time.monotonic() + PATIENCE_S
        while not is_locked(tmp_path / "lock"):
            assert time.monotonic() < until
            time.sleep(0.05)
        yield process
        process.kill()


def is_locked(path: Path) -> bool:
    if not path.exists():
        return False
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def test_a_second_run_does_nothing_and_says_so(
    capfpcap: Program, healthy: Path, waiting: subprocess.Popen[bytes]
) -> None:
    result = capfpcap("check", "--lock", "lock", healthy, "-o", "report.txt")
    assert (result.returncode, result.stdout) == (3, b"")
    assert result.stderr == b"capfpcap: another run holds lock: this one did nothing\n"
    assert not Path("report.txt").exists()
    assert capfpcap("check", "--lock", "other", healthy).returncode == 0


def test_a_lock_of_a_run_that_was_killed_blocks_nobody(
    capfpcap: Program, healthy: Path, waiting: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    waiting.send_signal(signal.SIGKILL)
    waiting.wait(PATIENCE_S)
    assert (tmp_path / "lock").exists()
    assert capfpcap("check", "--lock", "lock", healthy).returncode == 0
    assert capfpcap("check", "--lock", "lock", healthy).returncode == 0


def test_a_lock_that_cannot_be_had_is_named(
    capfpcap: Program, healthy: Path, tmp_path: Path
) -> None:
    shutil.copy(healthy, tmp_path / "kept.pcap")
    (tmp_path / "link").symlink_to("kept.pcap")
    for lock, why in [
        ("no/such/folder/lock", b"No such file or directory"),
        ("link", b"Too many levels of symbolic links"),
        (".", b"Is a directory"),
    ]:
        result = capfpcap("check", "--lock", lock, healthy)
        assert (result.returncode, result.stdout) == (3, b"")
        assert result.stderr == f"capfpcap: cannot lock {lock}: ".encode() + why + b"\n"
    assert (tmp_path / "kept.pcap").read_bytes() == healthy.read_bytes()


def test_a_pipe_in_the_lock_s_place_is_not_waited_for(
    capfpcap: Program, healthy: Path, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert capfpcap("check", "--lock", "pipe", healthy).returncode == 0


def test_what_is_written_cannot_be_the_lock(capfpcap: Program, healthy: Path) -> None:
    result = capfpcap("check", "--lock", "./report", "-o", "report", healthy)
    assert result.returncode == 3
    assert b"./report cannot be both the lock and what is written" in result.stderr
