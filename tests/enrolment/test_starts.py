"""The starts of one phone are told apart by its files."""

from __future__ import annotations

import pytest

from capfpcap.analysis import CaptureInput, analyze
from capfpcap.enrolment.phone import Phone
from capfpcap.enrolment.starts import starts_of
from tests.rules.records import CAPTURES


def phone_of(scenario: str, stem: str = "phone") -> Phone:
    (phone,) = analyze([CaptureInput((str(CAPTURES / scenario / f"{stem}.pcap"),))]).scene.phones
    return phone


@pytest.mark.parametrize("stem", ["phone", "publisher"])
def test_a_phone_that_loads_its_files_once_more_starts_again(stem: str) -> None:
    phone = phone_of("started-twice", stem)
    first, second = starts_of(phone)
    assert first.phone.flows + second.phone.flows == phone.flows
    assert [len(start.phone.attempts) for start in (first, second)] == [1, 1]
    assert [item.transfer.name for item in first.phone.files] == [
        item.transfer.name for item in second.phone.files
    ]


def test_a_start_knows_what_the_phone_loaded_before_it() -> None:
    first, second = starts_of(phone_of("started-twice"))
    assert (len(first.phone.trust_lists), len(second.phone.trust_lists)) == (1, 2)
    assert (len(first.phone.configurations), len(second.phone.configurations)) == (1, 2)


def test_a_name_that_leads_to_the_files_belongs_to_the_start() -> None:
    first, second = starts_of(phone_of("name-resolves-later"))
    assert not any(item.lookup.addresses for item in first.phone.lookups)
    assert any(item.lookup.addresses for item in second.phone.lookups)


@pytest.mark.parametrize(
    "scenario", ["success-by-name", "udp-lost-once", "recovered", "tftp-filtered"]
)
def test_a_phone_that_repeats_itself_does_not_start_again(scenario: str) -> None:
    assert starts_of(phone_of(scenario)) == []
