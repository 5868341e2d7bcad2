"""Sixty phones of which five are in trouble, as a person, a script and a spreadsheet read them."""

from __future__ import annotations

import csv
import io
import json

from .conftest import CAPTURES, Program

BURST = CAPTURES / "burst" / "publisher.pcap.gz"


def test_the_text_begins_with_a_table_of_who_failed_why_and_in_which_frame(
    capfpcap: Program,
) -> None:
    report = json.loads(capfpcap("check", "--format", "json", BURST).stdout)
    lines = capfpcap("check", BURST).stdout.decode().splitlines()
    start = lines.index(next(line for line in lines if line.startswith("  phone  ")))
    rows = [line.split() for line in lines[start + 1 : lines.index("", start)]]
    first = {
        finding["phone"]: [finding["code"], str(finding["evidence"][0]["frame"])]
        for finding in reversed(report["findings"])
        if finding["phone"] and finding["severity"] != "info" and finding["caused_by"] is None
    }
    assert {row[1]: row[-2:] for row in rows[:-2]} == first
    assert rows[-2][:2] == ["55", "phones"]
    assert start < 5


def test_sixty_phones_with_five_in_trouble_take_two_screens(capfpcap: Program) -> None:
    lines = capfpcap("check", BURST).stdout.decode().splitlines()
    assert len(lines) <= 2 * 25
    assert all(len(line) <= 80 for line in lines)
    assert sum("Do this: " in line for line in lines) == 5


def test_the_phone_that_the_text_names_is_told_in_full_when_asked_for(capfpcap: Program) -> None:
    text = capfpcap("check", BURST).stdout.decode()
    (hint,) = [line for line in text.splitlines() if "--only" in line]
    alone = capfpcap("check", BURST, *hint.split(": ")[1].split()).stdout.decode()
    assert "✗ trust list" in alone
    assert "Evidence" in alone


def test_the_verdict_alone_is_the_first_of_the_report_on_one_line(capfpcap: Program) -> None:
    quiet = capfpcap("check", "--quiet", BURST)
    assert quiet.returncode == 2
    assert quiet.stdout.count(b"\n") == 1
    whole = capfpcap("check", BURST).stdout.decode()
    assert " ".join(whole.split()).startswith(" ".join(quiet.stdout.decode().split()))


def test_the_verdict_alone_goes_to_a_file_too(capfpcap: Program) -> None:
    shown = capfpcap("check", "-q", BURST).stdout
    assert capfpcap("check", "-q", BURST, "-o", "/dev/stdout").stdout == shown


def test_the_verdict_alone_is_no_json(capfpcap: Program) -> None:
    result = capfpcap("check", "--quiet", "--format", "json", BURST)
    assert result.returncode == 3
    assert result.stderr.startswith(b"capfpcap: --quiet is for text, not for json\n")


def test_a_spreadsheet_gets_a_line_a_phone(capfpcap: Program) -> None:
    result = capfpcap("check", "--format", "csv", BURST)
    assert result.returncode == 2
    rows = list(csv.DictReader(io.StringIO(result.stdout.decode()), strict=True))
    phones = json.loads(capfpcap("check", "--format", "json", BURST).stdout)["phones"]
    assert [(row["phone"], row["outcome"]) for row in rows] == [
        (phone["name"], phone["outcome"]) for phone in phones
    ]
    assert all(
        row["code"] == (phone["root_cause"] or "") for row, phone in zip(rows, phones, strict=True)
    )
