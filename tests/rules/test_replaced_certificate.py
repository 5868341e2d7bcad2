"""A certificate of CAPF that the phone refused, and the good one that it was shown later."""

from __future__ import annotations

from pathlib import Path

import pytest

from capfpcap.report import Outcome
from tests.vantage.records import CAPTURES, IP, SECOND, Packet, joined, read

GOOD, GOOD_NAME = "success-by-address", b"00CCFC9A4E21"
HALF_AN_HOUR = 1800 * SECOND
SOURCE, DESTINATION = IP + 12, IP + 16


def packets_of(scenario: str) -> list[Packet]:
    return [one for one in read(CAPTURES / scenario / "phone.pcap") if one.protocol]


def of_phone(packets: list[Packet], name: bytes, address: bytes) -> list[Packet]:
    """The good enrolment, by another phone."""
    own = packets[0].source
    renamed = [one.with_payload(one.payload.replace(GOOD_NAME, name)) for one in packets]
    return [one.patched(SOURCE if one.source == own else DESTINATION, address) for one in renamed]


@pytest.mark.parametrize(
    ("scenario", "name", "code"),
    [
        ("intercepted", b"DC8C37B4F126", "capf-certificate-replaced"),
        ("certificate-expired", b"74A02FC1D95B", "capf-certificate-expired"),
        ("certificate-not-yet-valid", b"5CE176F9203D", "capf-certificate-not-yet-valid"),
    ],
)
def test_what_was_wrong_with_the_first_is_told_as_overcome(
    scenario: str, name: bytes, code: str, tmp_path: Path
) -> None:
    failed, good = packets_of(scenario), packets_of(GOOD)
    pause = failed[-1].time + HALF_AN_HOUR - good[0].time
    later = [one.later(pause) for one in of_phone(good, name, failed[0].source)]
    report = joined(tmp_path, [*failed, *later]).report
    told = {item.code: item for item in report.findings}
    assert set(told) == {code, "tls-certificate-rejected", "capf-session-complete"}
    assert told[code].resolved
    assert told["tls-certificate-rejected"].caused_by == code
    (phone,) = report.phones
    assert (phone.outcome, phone.root_cause) == (Outcome.RECOVERED, code)
