"""Each command does what its help says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from capfpcap import __version__
from capfpcap.cli import console, run
from capfpcap.cli.group import COMMANDS
from capfpcap.rules.catalogue import CATALOGUE

from .conftest import CAPTURES, Program


def test_the_report_names_cause_frames_and_remedy(capfpcap: Program, failing: Path) -> None:
    text = capfpcap("check", failing).stdout.decode()
    assert text.startswith("CRITICAL  1 of 1 phone")
    assert "[itl-capf-mismatch]" in text
    assert "Do this: " in text
    assert "✗ trust list" in text
    assert "tls-certificate-rejected" in text
    assert all(len(line) <= 80 for line in text.splitlines())


def test_the_json_report_fits_the_schema_that_the_program_prints(
    capfpcap: Program, failing: Path
) -> None:
    report = json.loads(capfpcap("check", failing, "--format", "json").stdout)
    jsonschema.validate(report, json.loads(capfpcap("schema").stdout))


def test_roles_given_are_said_to_be_given(capfpcap: Program) -> None:
    scenario = CAPTURES / "itl-mismatch"
    result = capfpcap(
        "check",
        "--format=json",
        "--phone",
        scenario / "phone.pcap",
        "--publisher",
        scenario / "publisher.pcap",
    )
    captures = json.loads(result.stdout)["captures"]
    assert [(each["role"], each["role_given"]) for each in captures] == [
        ("phone", True),
        ("publisher", True),
    ]


@pytest.mark.parametrize("command", ["flows", "timeline"])
def test_roles_given_name_the_places_where_flows_were_seen(capfpcap: Program, command: str) -> None:
    folder = CAPTURES / "itl-mismatch"
    files = ("--subscriber", folder / "phone.pcap", "--phone", folder / "publisher.pcap")
    shown = capfpcap(command, "--format=json", *files).stdout
    assert b'"subscriber"' in shown
    assert b'"publisher"' not in shown


def test_an_ignored_code_is_left_out(capfpcap: Program, expiring: Path) -> None:
    result = capfpcap("check", expiring, "--ignore", "capf-certificate-expiring,dns-nxdomain")
    assert result.returncode == 0
    assert b"capf-certificate-expiring" not in result.stdout


def test_days_to_expiry_can_be_chosen(capfpcap: Program, expiring: Path) -> None:
    assert capfpcap("check", expiring, "--expiry-days", "0").returncode == 0


def test_a_mistyped_code_brings_the_code_that_was_meant(capfpcap: Program) -> None:
    result = capfpcap("check", "x.pcap", "--ignore", "itl-capf-mismatsch")
    assert b"did you mean itl-capf-mismatch" in result.stderr


def test_one_capture_given_twice_is_refused(capfpcap: Program, failing: Path) -> None:
    result = capfpcap("check", failing, "--publisher", failing)
    assert result.returncode == 3
    assert b"is given twice" in result.stderr


def test_times_are_shown_in_the_zone_asked_for(capfpcap: Program, failing: Path) -> None:
    assert b" UTC" in capfpcap("check", failing).stdout
    local = capfpcap("check", failing, "--tz", "local", env={"TZ": "XYZ-3"}).stdout
    assert b" XYZ" in local
    assert b" UTC" not in local


def test_flows_are_listed_in_a_table_and_in_json(capfpcap: Program, failing: Path) -> None:
    table = capfpcap("flows", failing).stdout.decode().splitlines()
    flows = json.loads(capfpcap("flows", failing, "--format", "json").stdout)["flows"]
    assert table[0].split()[:4] == ["id", "service", "client", "server"]
    assert [line.split()[0] for line in table[1:]] == [flow["id"] for flow in flows]


def test_explain_tells_what_a_code_means_and_what_it_is_not(capfpcap: Program) -> None:
    text = capfpcap("explain", "itl-capf-mismatch").stdout.decode()
    for heading in "What it means", "How it is found", "What it is not", "What to do":
        assert heading in text


def test_explain_without_a_code_lists_them_all(capfpcap: Program) -> None:
    listing = capfpcap("explain").stdout.decode()
    assert all(f"  {code} (" in listing for code in CATALOGUE)


def test_help_is_shown_without_a_command(capfpcap: Program) -> None:
    result = capfpcap()
    assert b"capfpcap check phone.pcap" in result.stdout
    assert all(name.encode() in result.stdout for name in COMMANDS)


def test_the_version_is_printed(capfpcap: Program) -> None:
    assert capfpcap("--version").stdout.decode() == f"capfpcap {__version__}\n"


def test_a_capture_in_place_of_a_command_brings_the_command_that_was_meant(
    capfpcap: Program, failing: Path
) -> None:
    result = capfpcap(failing)
    assert result.returncode == 3
    assert f"capfpcap check {failing}".encode() in result.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_a_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([command, "--help"]) == 0
    assert f"Usage: capfpcap {command}" in capsys.readouterr().out


def test_progress_is_shown_after_a_while_on_a_terminal() -> None:
    program = (
        "from capfpcap.cli import console\n"
        "console.PATIENCE_S = 0.0\n"
        "with console.ProgressBar() as progress:\n"
        "    progress(10, 100)\n"
        "    progress(100, 100)\n"
    )
    screen, terminal = os.openpty()
    env = {**os.environ, "TERM": "xterm"}
    subprocess.run([sys.executable, "-c", program], stderr=terminal, env=env, check=True)
    assert b"Reading" in os.read(screen, 65536)
    os.close(terminal)
    os.close(screen)


def test_no_progress_is_shown_elsewhere(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(console, "PATIENCE_S", 0.0)
    with console.ProgressBar() as progress:
        progress(10, None)
    assert capsys.readouterr().err == ""


def test_a_misspelt_command_is_answered_with_those_it_may_have_meant(capfpcap: Program) -> None:
    result = capfpcap("chek", "phone.pcap")
    assert result.returncode == 3
    assert b"there is no command chek; did you mean check" in result.stderr


def test_a_way_that_a_capture_does_not_show_loses_nothing(capfpcap: Program) -> None:
    captures = sorted((CAPTURES / "asymmetric-capture").glob("*.pcap"))
    result = capfpcap("reach", "--format=json", *captures)
    ways = [
        service[way]
        for phone in json.loads(result.stdout)["phones"]
        for service in phone["services"]
        for way in ("to_server", "to_client")
    ]
    assert not any(way["lost"] for way in ways)
    assert all(way["hint"] != "nothing was sent" or not way["sent"] for way in ways)
