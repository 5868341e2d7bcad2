"""A phone is found by whatever its label, its screen or a switch calls it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capfpcap.enrolment.choice import (
    Identity,
    NotShownError,
    PhoneChoice,
    looks_like_a_phone,
    names_phone,
    not_shown,
)

PHONE = Identity("SEP0008301CE5D2", "00:08:30:1c:e5:d2", ("10.20.50.60", "2001:db8::31"))
NAMELESS = Identity("10.20.50.61", "00:08:30:1c:e5:d3", ("10.20.50.61",))


@pytest.mark.parametrize(
    "text",
    [
        "SEP0008301CE5D2",
        "sep0008301ce5d2",
        " Sep0008301Ce5d2 ",
        "ATA0008301CE5D2",
        "0008301CE5D2",
        "00:08:30:1C:E5:D2",
        "00-08-30-1c-e5-d2",
        "00 08 30 1c e5 d2",
        "00.08.30.1c.e5.d2",
        "0008.301c.e5d2",
        "0008-301C-E5D2",
        "000830-1ce5d2",
        "0:8:30:1c:e5:d2",
        "10.20.50.60",
        "2001:db8::31",
        "2001:DB8:0:0::31",
        "[2001:db8::31]",
        "::ffff:10.20.50.60",
    ],
)
def test_a_name_in_any_case_a_mac_in_any_form_and_any_address_name_a_phone(text: str) -> None:
    assert names_phone(text, PHONE)
    assert not names_phone(text, NAMELESS)
    assert looks_like_a_phone(text)


@pytest.mark.parametrize(
    "text", ["", "SEP", "0008301CE5D", "SEP0008301CE5D", "10.20.50", "phone.pcap", "00:08:30:1c:e5"]
)
def test_half_a_name_names_nobody(text: str) -> None:
    assert not names_phone(text, PHONE)
    assert not looks_like_a_phone(text)


def test_a_device_name_finds_the_phone_of_which_only_the_mac_is_known() -> None:
    assert names_phone("SEP0008301CE5D3", NAMELESS)


def test_an_address_is_no_mac() -> None:
    odd = Identity("100.200.100.200", None, ("100.200.100.200",))
    assert names_phone("100.200.100.200", odd)
    assert not names_phone("1002.0010.0200", odd)


def test_a_name_of_another_kind_is_found_in_any_case() -> None:
    assert names_phone("csfanna", Identity("CSFANNA", None, ("10.1.1.1",)))


def test_nothing_asked_for_is_missing_where_all_is_found() -> None:
    assert not_shown(PhoneChoice(("a", "b")), {"a", "b"}, ["a", "b"]) == []
    assert not_shown(PhoneChoice(), set(), ["a"]) == []


def test_what_is_missing_beside_what_is_found_is_a_sentence() -> None:
    names = ["SEP0008301CE5D2", "SEP0008301CE5D3", "CSFANNA", "CSFBERT"]
    (sentence,) = not_shown(PhoneChoice(("csfann", "x")), {"x"}, names)
    assert sentence == "the captures show no phone csfann; they show CSFANNA and 3 more"


def test_that_nothing_of_it_is_found_is_an_error() -> None:
    with pytest.raises(NotShownError, match="no phone x; they show a, b, c and 1 more"):
        not_shown(PhoneChoice(("x",)), set(), ["a", "b", "c", "d"])


@given(st.text(max_size=50))
def test_no_text_makes_it_fail(text: str) -> None:
    names_phone(text, PHONE)
    looks_like_a_phone(text)
