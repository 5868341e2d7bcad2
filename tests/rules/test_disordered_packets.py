"""A capture that has neighbouring packets in the wrong order shows no fault."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from capfpcap.report import Outcome, Report
from tests.rules.records import CAPTURES, RECORD_HEADER, faults_in, records_of, report_on

HEALTHY = ("success-by-http", "tvs-answers", "certificate-without-ca", "two-itls-last-is-new",
           "registers-with-lsc", "fetch-succeeds", "success-tls13")  # fmt: skip
LITTLE_ENDIAN = bytes.fromhex("d4c3b2a1")
STAMP = 8
"""Octets of a record's time."""


@pytest.mark.parametrize("scenario", HEALTHY)
def test_a_healthy_enrolment_with_two_packets_exchanged_stays_silent(
    scenario: str, tmp_path: Path
) -> None:
    for report in exchanged(scenario, tmp_path):
        assert report == []


@pytest.mark.parametrize("scenario", ["service-stopped", "tvs-stopped", "refused-on-the-way"])
def test_an_answer_recorded_before_its_syn_is_its_answer(scenario: str, tmp_path: Path) -> None:
    whole = faults_in(tmp_path / "whole.pcap", *records_of(CAPTURES / scenario / "phone.pcap"))
    for report in exchanged(scenario, tmp_path, "phone"):
        assert report == whole


def time_of(record: bytes) -> int:
    """Microseconds since 1970."""
    seconds, fraction = struct.unpack_from("<II", record)
    return int(seconds * 1_000_000 + fraction)


EVERY_HOST = [
    path
    for path in sorted(CAPTURES.glob("*/*.pcap"))
    if path.read_bytes()[:4] == LITTLE_ENDIAN and path.parent.name != "cut-short"
]


@pytest.mark.parametrize("path", EVERY_HOST, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_is_found_does_not_depend_on_the_order_of_the_records(
    path: Path, tmp_path: Path
) -> None:
    header, records = records_of(path)
    whole = report_on(tmp_path / "whole.pcap", header, records)
    rng, half = random.Random(3804), len(records) // 2
    delayed = sorted(records, key=lambda record: time_of(record) + rng.uniform(0, 4_000))
    for order in (records[half:] + records[:half], delayed):
        report = report_on(tmp_path / "order.pcap", header, order)
        assert codes_in(report) == codes_in(whole)
        assert outcomes_in(report) == outcomes_in(whole)


def codes_in(report: Report) -> list[tuple[str, str | None]]:
    return sorted((item.code, item.phone) for item in report.findings)


def outcomes_in(report: Report) -> dict[str, Outcome]:
    return {phone.name: phone.outcome for phone in report.phones}


def asks_tftp(record: bytes) -> bool:
    """Whether a packet goes to port 69 by UDP over IPv4 without options, in an Ethernet frame."""
    frame = record[RECORD_HEADER:]
    return frame[12:14] == b"\x08\x00" and frame[23:24] == b"\x11" and frame[36:38] == b"\0\x45"


def with_tftp() -> list[Path]:
    """The shipped captures of a phone in which packets that ask TFTP are followed by others."""
    return [
        path
        for path in sorted(CAPTURES.glob("*/phone.pcap"))
        if path.read_bytes()[:4] == LITTLE_ENDIAN and any(map(asks_tftp, records_of(path)[1][:-1]))
    ]


@pytest.mark.parametrize("path", with_tftp(), ids=lambda path: path.parent.name)
def test_tftp_answers_recorded_before_their_requests_are_their_answers(
    path: Path, tmp_path: Path
) -> None:
    header, records = records_of(path)
    turned, at = list(records), 0
    while at < len(turned) - 1:
        if asks_tftp(turned[at]) and not asks_tftp(turned[at + 1]):
            turned[at], turned[at + 1] = turned[at + 1], turned[at]
            at += 1
        at += 1
    whole = faults_in(tmp_path / "whole.pcap", header, records)
    stamped = [time[:STAMP] + one[STAMP:] for time, one in zip(records, turned, strict=True)]
    for order in (turned, stamped):
        assert set(faults_in(tmp_path / "turned.pcap", header, order)) == set(whole)


def exchanged(scenario: str, folder: Path, stem: str = "publisher") -> Iterator[list[str]]:
    """The faults in a capture, with each packet in turn exchanged with the next one."""
    header, records = records_of(CAPTURES / scenario / f"{stem}.pcap")
    for at in range(len(records) - 1):
        first, second = records[at : at + 2]
        both = [first[:STAMP] + second[STAMP:], second[:STAMP] + first[STAMP:]]
        yield faults_in(
            folder / "exchanged.pcap", header, [*records[:at], *both, *records[at + 2 :]]
        )
