"""A capture that has neighbouring packets in the wrong order shows no fault."""

from __future__ import annotations

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
    header, records = records_of(CAPTURES / scenario / "publisher.pcap")
    for at in range(len(records) - 1):
        first, second = records[at : at + 2]
        exchanged = [first[:STAMP] + second[STAMP:], second[:STAMP] + first[STAMP:]]
        sent = [*records[:at], *exchanged, *records[at + 2 :]]
        assert faults_in(tmp_path / "publisher.pcap", header, sent) == [], f"packet {at + 1}"
