"""Facts about captures name the frames that show them."""

from __future__ import annotations

import pytest

from capfpcap.analysis import CaptureInput, check
from tests.rules.records import CAPTURES


@pytest.mark.parametrize(
    ("scenario", "code"),
    [("snapped", "capture-snapped"), ("one-direction-captured", "capture-one-sided")],
)
def test_a_capture_that_lacks_something_is_told_with_frames(scenario: str, code: str) -> None:
    report = check([CaptureInput((str(CAPTURES / scenario / "phone.pcap"),))])
    (fact,) = [finding for finding in report.findings if finding.code == code]
    assert fact.evidence
    assert all(1 <= each.frame <= report.captures[0].packets for each in fact.evidence)
