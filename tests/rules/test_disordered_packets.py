"""A capture that has neighbouring packets in the wrong order shows no fault."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rules.records import CAPTURES, faults_in, records_of

HEALTHY = ("success-by-http", "tvs-answers", "certificate-without-ca", "two-itls-last-is-new",
           "registers-with-lsc", "fetch-succeeds", "success-tls13")  # fmt: skip
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


def exchanged(scenario: str, folder: Path, stem: str = "publisher") -> Iterator[list[str]]:
    """The faults in a capture, with each packet in turn exchanged with the next one."""
    header, records = records_of(CAPTURES / scenario / f"{stem}.pcap")
    for at in range(len(records) - 1):
        first, second = records[at : at + 2]
        both = [first[:STAMP] + second[STAMP:], second[:STAMP] + first[STAMP:]]
        yield faults_in(
            folder / "exchanged.pcap", header, [*records[:at], *both, *records[at + 2 :]]
        )
