"""A phone that refuses a certificate for which a list that it loaded stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from capfpcap.report import Finding
from tests.vantage.records import CAPTURES, TCP, Packet, joined, read

CAPF = 3804
UNKNOWN_CA, EXPIRED = 48, 45
ONE_LIST, TWO_LISTS = "success-by-address", "two-lists-last-counts"


def refusing(scenario: str, description: int) -> list[Packet]:
    """The phone's packets up to the server's certificate, and then its alert (RFC 5246, 7.2)."""
    packets = read(CAPTURES / scenario / "phone.pcap")
    _, answer, *_ = (
        number
        for number, one in enumerate(packets)
        if one.protocol == TCP and one.ports[1] == CAPF and one.payload
    )
    alert = bytes([21, 3, 3, 0, 2, 2, description])
    return [*packets[:answer], packets[answer].with_payload(alert)]


def refusal(tmp_path: Path, scenario: str, description: int) -> Finding:
    (found,) = (
        item
        for item in joined(tmp_path, refusing(scenario, description)).report.findings
        if item.code == "tls-certificate-rejected"
    )
    return found


@pytest.mark.parametrize(
    ("scenario", "description", "words", "remedy"),
    [
        (ONE_LIST, EXPIRED, "by the capture's clock", "Phone NTP Reference"),
        (ONE_LIST, UNKNOWN_CA, "stands for it", "may still hold another"),
        (TWO_LISTS, UNKNOWN_CA, "has another certificate for CAPF", "Make the lists agree"),
    ],
)
def test_what_lists_and_dates_say_tells_what_to_do(
    tmp_path: Path, scenario: str, description: int, words: str, remedy: str
) -> None:
    found = refusal(tmp_path, scenario, description)
    assert words in found.detail
    assert remedy in found.remedy
