"""``capfpcap inventory`` as a user runs it."""

from __future__ import annotations

import csv
import io
import json

from .conftest import CAPTURES, Program

SWITCH_PORT = CAPTURES / "authenticates-with-mic" / "phone.pcap"


def test_text_is_a_table_of_eighty_columns(capfpcap: Program) -> None:
    result = capfpcap("inventory", SWITCH_PORT)
    assert (result.returncode, result.stderr) == (0, b"")
    lines = result.stdout.decode().splitlines()
    assert lines[0].startswith("1 phone, certificates seen of 1")
    assert [line.split()[0] for line in lines if " RSA 2048 " in line] == ["SEP0C8525A93E17", "MIC"]
    assert max(map(len, lines)) <= 80


def test_a_file_is_written_as_asked_and_days_are_counted_from_a_date(capfpcap: Program) -> None:
    capture = CAPTURES / "lsc-expired" / "phone.pcap"
    assert capfpcap("inventory", capture, "--format", "csv", "-o", "out.csv").returncode == 0
    assert capfpcap("inventory", capture, "--at", "yesterday").returncode == 3
    assert capfpcap("inventory", capture, "--at", "12:30").returncode == 3
    at = capfpcap("inventory", capture, "--format", "csv", "--at", "2026-09-01").stdout.decode()
    (row,) = csv.DictReader(io.StringIO(at))
    assert row["days_left"] == "8"


def test_only_a_phone_that_there_is_can_be_asked_for(capfpcap: Program) -> None:
    told = capfpcap("inventory", SWITCH_PORT, "--only", "SEP0C8525A93E17", "--format", "json")
    assert [phone["name"] for phone in json.loads(told.stdout)["phones"]] == ["SEP0C8525A93E17"]
    missing = capfpcap("inventory", SWITCH_PORT, "--only", "SEP000000000000")
    assert missing.returncode == 3
    assert b"the captures show no phone SEP000000000000" in missing.stderr


def test_no_phone_is_status_three_and_a_pipe_says_what_it_lacks(capfpcap: Program) -> None:
    assert capfpcap("inventory", CAPTURES / "empty" / "phone.pcap").returncode == 3
    assert capfpcap("inventory").returncode == 3
