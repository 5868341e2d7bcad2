from __future__ import annotations

import pytest
from capf_dissectors.distinguished_name import common_names, names_agree
from hypothesis import given
from hypothesis import strategies as st

NAME = "CN=CAPF-5a7d5c25,OU=Voice,O=Example Lab,L=Utrecht,C=NL"


@pytest.mark.parametrize(
    "other",
    [
        "C=NL,L=Utrecht,O=Example Lab,OU=Voice,CN=CAPF-5a7d5c25",
        'cn=capf-5A7D5C25; ou="Voice"; o=Example Lab; l=Utrecht; c=NL',
        "CN=CAPF-5a7d5c25",
        "",
    ],
)
def test_one_name_agrees_with_itself_however_it_is_written(other: str) -> None:
    assert names_agree(NAME, other)
    assert names_agree(other, NAME)


def test_another_common_name_does_not_agree() -> None:
    assert not names_agree(NAME, NAME.replace("5a7d", "9988"))


def test_an_escaped_separator_belongs_to_the_value() -> None:
    assert names_agree(r"O=Lab\, Inc,CN=a", r"CN=a;O=Lab\, Inc")
    assert not names_agree(r"O=Lab\, Inc,CN=a", "CN=b,O=Lab")


@pytest.mark.parametrize(
    "name",
    [
        NAME,
        "CN=CAPF-5a7d5c25;OU=Voice;O=Example Lab;L=Utrecht;C=NL",
        'C=NL; O="Example Lab"; cn = "CAPF-5A7D5C25"',
        "/C=NL/O=Example Lab/CN=CAPF-5a7d5c25",
    ],
)
def test_the_common_name_is_found_whatever_parts_the_name(name: str) -> None:
    assert common_names(name) == ["capf-5a7d5c25"]


def test_a_name_without_cn_has_no_common_name() -> None:
    assert common_names("O=CAPF-5a7d5c25;OU=CN") == []


@given(st.text(max_size=80), st.text(max_size=80))
def test_agreement_goes_both_ways(one: str, other: str) -> None:
    assert names_agree(one, one)
    assert names_agree(one, other) == names_agree(other, one)
