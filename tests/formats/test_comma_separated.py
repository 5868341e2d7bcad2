"""The phones as comma-separated values: quoted, complete, and nothing that computes."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capfpcap.formats import render
from capfpcap.formats.comma_separated import COLUMNS
from capfpcap.formats.page import Page
from capfpcap.report import Outcome, Report

from . import samples

FORMULA = "=+-@\uff1d\uff0b\uff0d\uff20"
"""Of full width too, which East Asian spreadsheets take for the same."""


def rows(report: Report) -> list[dict[str, str]]:
    text = b"".join(render(report, "csv", Page())).decode()
    return list(csv.DictReader(io.StringIO(text), strict=True))


def test_each_phone_is_a_line_with_its_cause_and_first_frame() -> None:
    failed, healthy = rows(samples.report())
    assert tuple(failed) == COLUMNS
    assert failed["phone"] == samples.PHONE
    assert failed["addresses"] == "10.10.10.50"
    assert (failed["outcome"], failed["code"]) == ("failed", "itl-capf-mismatch")
    assert (failed["capture"], failed["frame"]) == ("phone", "44")
    assert failed["codes"] == "itl-capf-mismatch tls-certificate-rejected"
    assert (healthy["outcome"], healthy["code"], healthy["frame"]) == ("succeeded", "", "")


def test_no_phones_leave_the_header() -> None:
    assert b"".join(render(samples.report(phones=()), "csv", Page())) == (
        ",".join(COLUMNS).encode() + b"\n"
    )


@pytest.mark.parametrize("text", ['say "no"', "a,b", "Straße, Brno", "a;b", " "])
def test_what_separates_and_quotes_comes_back_as_it_was(text: str) -> None:
    phone = samples.phone(status_message=text)
    assert rows(samples.report(phones=(phone,)))[0]["status_message"] == text


@pytest.mark.parametrize("sign", FORMULA)
def test_no_cell_begins_as_a_formula(sign: str) -> None:
    finding = samples.finding(title=f"{sign}HYPERLINK(1)")
    (row,) = rows(samples.report(phones=(samples.phone(),), findings=(finding,)))
    assert row["cause"] == f"'{sign}HYPERLINK(1)"


def test_no_semicolon_begins_a_formula_where_it_ends_a_cell() -> None:
    phone = samples.phone(status_message="a; =cmd|' /C calc'!A0;@x")
    (row,) = rows(samples.report(phones=(phone,)))
    assert row["status_message"] == "a; '=cmd|' /C calc'!A0;'@x"


@given(st.text(max_size=30))
def test_packet_text_leaves_the_table_whole_and_inert(text: str) -> None:
    phone = samples.phone(
        name=text, mac=None, addresses=(text,), outcome=Outcome.UNKNOWN, status_message=text
    )
    report = samples.report(phones=(phone, samples.healthy_phone()), findings=())
    first, second = rows(report)
    assert second["phone"] == samples.HEALTHY_PHONE
    for cell in first.values():
        assert cell.lstrip()[:1] not in FORMULA or not cell.strip()
        assert all(part.lstrip()[:1] not in FORMULA for part in cell.split(";") if part.strip())
        assert all(ord(character) >= 32 for character in cell)
