"""What the report says of a phone."""

from __future__ import annotations

from pathlib import Path

import pytest

from capfpcap.analysis import CaptureInput, check
from capfpcap.report import Certificate, CertificateKind

CAPTURES = Path(__file__).parents[2] / "captures"


def shown_by_the_phone(scenario: str) -> Certificate | None:
    """The LSC of the only phone of a shipped capture."""
    (phone,) = check([CaptureInput((str(CAPTURES / scenario / "phone.pcap"),))]).phones
    return phone.lsc


@pytest.mark.parametrize("scenario", ["registers-with-lsc", "lsc-expired", "lsc-foreign-issuer"])
def test_the_lsc_that_a_phone_shows_is_in_the_report(scenario: str) -> None:
    lsc = shown_by_the_phone(scenario)
    assert lsc is not None
    assert lsc.kind is CertificateKind.LSC
    assert "SEP" in lsc.subject


@pytest.mark.parametrize("scenario", ["mic-accepted", "success-by-address"])
def test_the_certificate_of_manufacture_and_one_that_tls_hides_are_no_lsc(scenario: str) -> None:
    assert shown_by_the_phone(scenario) is None
