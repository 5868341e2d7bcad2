"""The exit status says what the verdict is, and 3 whenever there is none."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from capfpcap.cli import run
from capfpcap.cli.exit_status import ExitStatus, FailOn, status_of
from capfpcap.formats import schema
from capfpcap.report import Unjudged, Verdict, VerdictSeverity

from .conftest import Program


def test_a_healthy_capture_ends_with_0(capfpcap: Program, healthy: Path) -> None:
    assert capfpcap("check", healthy).returncode == 0


def test_a_warning_ends_with_1(capfpcap: Program, expiring: Path) -> None:
    assert capfpcap("check", expiring).returncode == 1


def test_a_failure_ends_with_2(capfpcap: Program, failing: Path) -> None:
    assert capfpcap("check", failing).returncode == 2


def test_nothing_to_judge_ends_with_3(capfpcap: Program, empty: Path) -> None:
    assert capfpcap("check", empty).returncode == 3


@pytest.mark.parametrize(
    ("severity", "unjudged", "statuses"),
    [
        (VerdictSeverity.OK, None, (0, 0, 0, 0)),
        (VerdictSeverity.WARNING, None, (1, 1, 0, 0)),
        (VerdictSeverity.CRITICAL, None, (2, 2, 2, 0)),
        (VerdictSeverity.UNKNOWN, Unjudged.OUTCOMES, (3, 0, 0, 0)),
        (VerdictSeverity.UNKNOWN, Unjudged.PART, (3, 3, 3, 3)),
        (VerdictSeverity.UNKNOWN, Unjudged.EVERYTHING, (3, 3, 3, 3)),
    ],
)
def test_fail_on_excuses_faults_and_outcomes_but_not_that_nothing_was_judged(
    severity: VerdictSeverity, unjudged: Unjudged | None, statuses: tuple[int, ...]
) -> None:
    bars = (FailOn.UNKNOWN, FailOn.WARNING, FailOn.CRITICAL, FailOn.NEVER)
    verdict = Verdict(severity=severity, summary="", unjudged=unjudged)
    assert tuple(status_of(verdict, bar) for bar in bars) == statuses


def test_fail_on_moves_the_bar_of_check(capfpcap: Program, expiring: Path, failing: Path) -> None:
    assert capfpcap("check", "--fail-on", "critical", expiring).returncode == 0
    assert capfpcap("check", "--fail-on", "critical", failing).returncode == 2
    assert capfpcap("check", "--fail-on", "never", failing).returncode == 0


def test_phones_without_an_outcome_end_with_3_unless_they_are_excused(
    capfpcap: Program, unfinished: Path
) -> None:
    assert capfpcap("check", unfinished).returncode == 3
    assert capfpcap("check", "--fail-on", "unknown", unfinished).returncode == 3
    assert capfpcap("check", "--fail-on", "warning", unfinished).returncode == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["check"],
        ["check", "--frobnicate"],
        ["check", "--expiry-days", "soon", "x.pcap"],
        ["check", "--capf-port", "70000", "x.pcap"],
        ["check", "--format", "yaml", "x.pcap"],
        ["check", "--tz", "Nowhere/Atall", "x.pcap"],
        ["check", "--tz", "../../etc/passwd", "x.pcap"],
        ["check", "--ignore", "itl-capf-mismatsch", "x.pcap"],
        ["frobnicate"],
        ["explain", "no-such-code"],
    ],
    ids=" ".join,
)
def test_bad_usage_ends_with_3_and_a_sentence(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == ExitStatus.UNKNOWN
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("capfpcap: ")
    assert "Traceback" not in captured.err


def test_a_capture_that_is_not_there_is_named(capfpcap: Program) -> None:
    result = capfpcap("check", "missing.pcap")
    assert result.returncode == 3
    assert b"missing.pcap" in result.stderr
    assert b"Traceback" not in result.stderr
    assert result.stdout == b""


def test_a_file_that_is_no_capture_is_named(capfpcap: Program, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no capture at all, only a text of some length\n" * 9)
    result = capfpcap("check", "notes.txt")
    assert result.returncode == 3
    assert b"notes.txt" in result.stderr
    assert b"Traceback" not in result.stderr


@pytest.mark.parametrize("command", ["check", "flows", "timeline", "reach"])
def test_a_file_that_cannot_be_read_beside_a_good_one_is_named_and_ends_with_3(
    capfpcap: Program, healthy: Path, tmp_path: Path, command: str
) -> None:
    (tmp_path / "junk.pcap").write_bytes(b"junk")
    run = capfpcap(command, healthy, "junk.pcap")
    assert run.returncode == 3
    assert b"junk.pcap is not a capture file" in run.stdout + run.stderr
    assert len(run.stdout.splitlines()) > 1


@pytest.mark.parametrize("command", ["check", "reach"])
def test_an_unknown_verdict_on_phones_says_why_in_its_sentence(
    capfpcap: Program, healthy: Path, tmp_path: Path, command: str
) -> None:
    (tmp_path / "junk.pcap").write_bytes(b"junk")
    run = capfpcap(command, "--format", "json", healthy, "junk.pcap")
    assert json.loads(run.stdout)["verdict"]["summary"].endswith("could not be judged")


@pytest.mark.parametrize("command", ["flows", "timeline"])
def test_a_failure_on_the_captures_does_not_change_the_status_of_what_only_shows_them(
    capfpcap: Program, failing: Path, command: str
) -> None:
    assert capfpcap(command, failing).returncode == 0


@pytest.mark.parametrize("arguments", [["--help"], ["check", "--help"], ["--version"], ["explain"]])
def test_a_full_disk_is_named_by_help_and_explanations_too(arguments: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        run = subprocess.run(
            [sys.executable, "-m", "capfpcap", *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert run.returncode == 3
    assert run.stderr == b"capfpcap: cannot write to standard output: No space left on device\n"


def test_a_closed_standard_input_is_named(healthy: Path) -> None:
    command = shlex.join([sys.executable, "-m", "capfpcap", "check", "-", str(healthy)])
    run = subprocess.run(["sh", "-c", f"{command} <&-"], capture_output=True, check=False)
    assert run.returncode == 3
    assert b"standard input is closed" in run.stdout


def test_standard_input_may_be_a_pipe_or_a_file(failing: Path) -> None:
    command = [sys.executable, "-m", "capfpcap", "check", "--quiet", "-"]
    with failing.open("rb") as file:
        redirected = subprocess.run(command, check=False, capture_output=True, stdin=file)
    piped = subprocess.run(command, check=False, capture_output=True, input=failing.read_bytes())
    assert redirected.returncode == piped.returncode == 2
    assert redirected.stdout == piped.stdout


@pytest.mark.parametrize(
    ("octets", "why"), [(b"", b"is empty"), (b"junk", b"is not a capture file")]
)
def test_standard_input_that_holds_no_capture_is_called_by_its_name(
    octets: bytes, why: bytes
) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "capfpcap", "check", "-"],
        input=octets,
        capture_output=True,
        check=False,
    )
    assert run.returncode == 3
    assert run.stderr.startswith(b"capfpcap: standard input " + why)


def test_the_program_s_own_failure_ends_with_3_and_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> bytes:
        raise ZeroDivisionError("division by zero")

    monkeypatch.delenv("CAPFPCAP_DEBUG", raising=False)
    monkeypatch.setattr(schema, "report_schema", fail)
    assert run(["schema"]) == ExitStatus.UNKNOWN
    sentence = capsys.readouterr().err
    assert sentence.count("\n") == 1
    assert "the program itself failed: ZeroDivisionError: division by zero" in sentence

    monkeypatch.setenv("CAPFPCAP_DEBUG", "0")
    assert run(["--debug", "schema"]) == ExitStatus.UNKNOWN
    assert "Traceback" in capsys.readouterr().err


def test_an_interrupt_ends_with_130(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    process = subprocess.Popen(
        [sys.executable, "-m", "capfpcap", "check", str(pipe)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process, pipe.open("wb"):  # which waits until the program opens its end
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=30)
    assert process.returncode == 130
    assert b"Traceback" not in stderr


def test_a_reader_who_has_seen_enough_is_no_error(failing: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    result = subprocess.run(
        [sys.executable, "-m", "capfpcap", "check", str(failing)],
        stdout=writing,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    os.close(writing)
    assert result.returncode == 2
    assert result.stderr == b""


def test_a_full_disk_ends_with_3_and_a_sentence(capfpcap: Program, healthy: Path) -> None:
    result = capfpcap("check", healthy, "-o", "/dev/full")
    assert result.returncode == 3
    assert b"/dev/full: No space left on device" in result.stderr


@pytest.mark.parametrize("begun", [b"", b"header"])
def test_a_file_that_its_recorder_has_just_begun_changes_no_verdict(
    begun: bytes, healthy: Path, tmp_path: Path
) -> None:
    recorded = healthy.read_bytes()
    (tmp_path / "ring_00001_20260302070000.pcap").write_bytes(recorded)
    (tmp_path / "ring_00002_20260302070100.pcap").write_bytes(begun and recorded[:24])
    (tmp_path / "other.pcap").write_bytes(b"")
    assert run(["check", str(tmp_path)]) == ExitStatus.OK


def test_files_that_are_all_empty_leave_nothing_to_judge(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [tmp_path / name for name in ("a.pcap", "b.pcap")]
    for name in names:
        name.write_bytes(b"")
    assert run(["check", *map(str, names)]) == ExitStatus.UNKNOWN
    assert f"{names[0]} is empty" in capsys.readouterr().err
