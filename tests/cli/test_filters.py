"""Only some phones, only some time: the options that every command shares."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .conftest import CAPTURES, Program

BURST = CAPTURES / "burst" / "publisher.pcap.gz"
THEN_FILTERED = CAPTURES / "enrolled-then-tftp-filtered" / "phone.pcap"
RECOVERED = CAPTURES / "recovered" / "phone.pcap"
BETWEEN = "2026-11-23 20:17:00"
"""After the first start of the phone of ``THEN_FILTERED`` and before its second."""
COMMANDS = ["check", "flows", "timeline", "reach"]


def report(capfpcap: Program, *arguments: str | Path) -> Any:
    result = capfpcap("check", "--format", "json", *arguments)
    return json.loads(result.stdout)


def outcomes(of: Any) -> list[tuple[str, str, str | None]]:
    return [(phone["name"], phone["outcome"], phone["root_cause"]) for phone in of["phones"]]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "phone",
    [
        "SEP0008301CE5D2",
        "sep0008301ce5d2",
        "00:08:30:1c:e5:d2",
        "0008.301C.E5D2",
        "0008301ce5d2",
        "10.20.50.60",
    ],
)
def test_every_command_shows_one_phone_by_name_mac_or_address(
    capfpcap: Program, failing: Path, command: str, phone: str
) -> None:
    whole = capfpcap(command, failing)
    alone = capfpcap(command, failing, "--only", phone)
    assert alone.returncode == whole.returncode
    assert b"10.20.50.60" in alone.stdout
    assert alone.stdout in whole.stdout or command == "flows"


@pytest.mark.parametrize("command", COMMANDS)
def test_a_phone_that_no_capture_shows_is_named_with_those_that_are_there(
    capfpcap: Program, failing: Path, command: str
) -> None:
    result = capfpcap(command, failing, "--only", "SEP0008301CE5D3")
    assert result.returncode == 3
    assert result.stderr == (
        b"capfpcap: the captures show no phone SEP0008301CE5D3; they show SEP0008301CE5D2\n"
    )
    assert result.stdout == b""


@pytest.mark.parametrize("command", COMMANDS[:2] + COMMANDS[3:])
@pytest.mark.parametrize("option", ["--phone", "--publisher"])
def test_a_phone_in_place_of_a_capture_brings_the_option_that_was_meant(
    capfpcap: Program, failing: Path, command: str, option: str
) -> None:
    result = capfpcap(command, option, "SEP0008301CE5D2", failing)
    assert result.returncode == 3
    assert (
        result.stderr.splitlines()[0]
        == (
            f"capfpcap: {option} takes a file; to see the phone SEP0008301CE5D2 alone: "
            "--only SEP0008301CE5D2"
        ).encode()
    )


def test_one_of_many_phones_is_judged_as_among_all(capfpcap: Program) -> None:
    whole = report(capfpcap, BURST)
    chosen = next(phone for phone in whole["phones"] if phone["outcome"] == "failed")
    alone = report(capfpcap, BURST, "--only", chosen["name"])
    assert alone["phones"] == [chosen]
    assert alone["verdict"]["severity"] == "critical"
    assert alone["verdict"]["summary"].startswith("1 of 1 phone failed")
    ids = {flow["id"] for flow in alone["flows"]}
    assert alone["flows"] == [flow for flow in whole["flows"] if flow["phone"] == chosen["name"]]
    assert {finding["flow"] for finding in alone["findings"]} <= ids | {None}
    of_phone = [found for found in whole["findings"] if found["phone"] == chosen["name"]]
    assert [found for found in alone["findings"] if found["phone"]] == of_phone


def test_one_phone_is_the_same_whether_batches_were_shared_out_or_not(capfpcap: Program) -> None:
    names = [phone["name"] for phone in report(capfpcap, BURST)["phones"]][::7]
    only = [word for name in names for word in ("--only", name)]
    one = capfpcap("check", "--format", "json", BURST, *only, "--workers", "1").stdout
    assert capfpcap("check", "--format", "json", BURST, *only, "--workers", "2").stdout == one
    assert [phone["name"] for phone in json.loads(one)["phones"]] == names


def test_a_phone_that_is_missing_beside_one_that_is_there_leaves_the_verdict_unknown(
    capfpcap: Program, healthy: Path
) -> None:
    name = report(capfpcap, healthy)["phones"][0]["name"]
    result = capfpcap("check", healthy, "--only", name, "--only", "10.9.9.9")
    assert result.returncode == 3
    assert b"the captures show no phone 10.9.9.9" in result.stdout


def test_a_phone_behind_a_nat_is_found_by_its_outside_address_too(capfpcap: Program) -> None:
    files = sorted((CAPTURES / "phone-behind-nat").glob("*.pcap"))
    (phone,) = report(capfpcap, *files)["phones"]
    flows = json.loads(capfpcap("flows", "--format", "json", *files).stdout)["flows"]
    (outside,) = {
        segment["client"]["far"]["address"] for flow in flows for segment in flow["path_segments"]
    }
    assert outside not in phone["addresses"]
    assert report(capfpcap, *files, "--only", outside)["phones"] == [phone]


def test_what_a_phone_did_until_a_time_is_judged_as_if_nothing_had_followed(
    capfpcap: Program,
) -> None:
    (whole,) = outcomes(report(capfpcap, THEN_FILTERED))
    assert whole[1:] == ("failed", "tftp-no-answer")
    before = report(capfpcap, THEN_FILTERED, "--until", BETWEEN)
    assert outcomes(before) == [(whole[0], "succeeded", None)]
    assert before["verdict"]["severity"] == "ok"
    after = report(capfpcap, THEN_FILTERED, "--since", BETWEEN)
    assert outcomes(after) == [whole]
    assert all(flow["end"] >= "2026-11-23T20:17:00" for flow in after["flows"])


def test_a_failure_before_the_time_asked_for_is_none_and_what_was_loaded_then_is_known(
    capfpcap: Program,
) -> None:
    (whole,) = report(capfpcap, RECOVERED)["phones"]
    later = report(capfpcap, RECOVERED, "--since", "14:26:20")
    assert later["verdict"]["severity"] == "ok"
    (phone,) = later["phones"]
    assert (phone["name"], phone["outcome"]) == (whole["name"], "succeeded")
    assert phone["trust_list"] == whole["trust_list"]
    assert {flow["service"] for flow in later["flows"]} == {"capf"}


def test_a_stale_list_loaded_before_the_time_asked_for_explains_the_failure_in_it(
    capfpcap: Program, failing: Path
) -> None:
    whole = report(capfpcap, failing)
    capf = [flow["start"] for flow in whole["flows"] if flow["service"] == "capf"]
    later = report(capfpcap, failing, "--since", capf[-1])
    assert outcomes(later) == outcomes(whole)
    assert [flow["start"] for flow in later["flows"]] == capf[-1:]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_takes_a_time(capfpcap: Program, command: str) -> None:
    result = capfpcap(command, "--format", "json", THEN_FILTERED, "--since", "20:17:00")
    whole = capfpcap(command, "--format", "json", THEN_FILTERED)
    assert result.stdout.count(b'"service"') < whole.stdout.count(b'"service"') or (
        command == "reach" and result.stdout.count(b"not used") > whole.stdout.count(b"not used")
    )


def test_the_time_of_a_frame_as_the_timeline_shows_it_selects_that_frame(
    capfpcap: Program, failing: Path
) -> None:
    lines = capfpcap("timeline", failing).stdout.decode().splitlines()
    at = next(line for line in lines if "ClientHello" in line).split()[0]
    only = capfpcap("timeline", failing, "--since", at, "--until", at).stdout.decode()
    events = [line for line in only.splitlines() if line.startswith("2") or line[:1] == "1"]
    assert [line.split()[0] for line in events] == [at]


def test_a_time_is_one_of_the_zone_that_is_shown(capfpcap: Program) -> None:
    prague = ("--tz", "Europe/Prague", "--until", "21:17:00")
    for arguments in (prague, prague[2:] + prague[:2]):
        assert outcomes(report(capfpcap, THEN_FILTERED, *arguments))[0][1] == "succeeded"


def test_the_report_says_which_time_was_judged(capfpcap: Program) -> None:
    remarks = report(capfpcap, THEN_FILTERED, "--since", "20:17", "--until", "20:18")["notes"]
    assert remarks == [
        "What phones did from 2026-11-23 20:17:00.000000 UTC until 2026-11-23 20:18:00.000000 UTC "
        "is judged, and nothing else"
    ]


def test_a_time_in_which_nothing_was_recorded_leaves_nothing_to_judge(
    capfpcap: Program, healthy: Path
) -> None:
    assert capfpcap("check", healthy, "--since", "2030-01-01").returncode == 3
    assert capfpcap("check", healthy, "--until", "2020-01-01").returncode == 3
    assert capfpcap("check", healthy, "--since", "1m").returncode == 3


@pytest.mark.parametrize("text", ["soon", "25:00", "2026-13-01", "", "12", "-5m", "9" * 40])
def test_what_is_no_time_is_named(capfpcap: Program, healthy: Path, text: str) -> None:
    result = capfpcap("check", healthy, f"--since={text}")
    assert result.returncode == 3
    assert b"is no time; one is 2026-11-23 12:30" in result.stderr
    assert b"Traceback" not in result.stderr


def test_codes_are_ignored_by_pattern(capfpcap: Program, failing: Path) -> None:
    kept = report(capfpcap, failing, "--ignore", "itl-*")
    codes = {finding["code"] for finding in kept["findings"]}
    assert codes
    assert not any(code.startswith("itl-") for code in codes)
    result = capfpcap("check", failing, "--ignore", "frob-*")
    assert result.returncode == 3
    assert b"there is no code frob-*" in result.stderr
