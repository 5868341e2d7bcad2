"""What the packets say never acts on the screen that shows it."""

from __future__ import annotations

import csv
import io
import json
import unicodedata

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capfpcap.formats import FORMATS, render
from capfpcap.formats.harmless import MAX_COMBINING, MAX_FIELD, harmless
from capfpcap.formats.harmless_report import harmless_json, harmless_report
from capfpcap.formats.page import Page

from . import samples

HOSTILE = [
    "\x1b]0;owned\x07",
    "\x9b31m",
    "\u202egnp.exe",
    "\u2066isolated",
    "a\u200bb",
    "\ufeffbom",
    "line\nbreak",
    "carriage\rreturn",
    "\u2028",
    "\x7f",
    "\U000e0041tag",
    "\u3164",
    "\udcff",
    "\u0301" * 40,
    "x" * 10_000,
    'quoted "' * 2_000,
    "\\" * 10_000,
]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("SEP2C31F694FAD9", "SEP2C31F694FAD9"),
        ("\x1b[31m", r"\x1b[31m"),
        ("a\nb\tc\rd", r"a\nb\tc\rd"),
        ("\u202e", r"\u202e"),
        ("\x85", r"\x85"),
        ("\udc80", r"\udc80"),
        ("\U000e0001", r"\U000e0001"),
        ("München 電話", "München 電話"),
        ("e\u0301", "e\u0301"),
        ("a b", "a b"),
    ],
)
def test_what_a_screen_would_not_show_as_itself_is_written_as_an_escape(
    text: str, shown: str
) -> None:
    assert harmless(text) == shown


def test_a_flood_of_combining_marks_is_stopped() -> None:
    shown = harmless("e" + "\u0301" * 50)
    assert shown.startswith("e" + "\u0301" * MAX_COMBINING + r"\u0301")


def test_a_long_text_ends_with_an_ellipsis_at_the_limit() -> None:
    assert harmless("x" * 201, 200) == "x" * 199 + "…"
    assert harmless("x" * 200, 200) == "x" * 200


@given(st.text(alphabet=st.characters(), max_size=300), st.integers(2, 200))
def test_no_text_comes_out_longer_than_its_limit_or_with_anything_invisible(
    text: str, limit: int
) -> None:
    shown = harmless(text, limit)
    assert len(shown) <= limit
    assert shown.isprintable()
    assert all(unicodedata.category(character) not in {"Cc", "Cf", "Cs"} for character in shown)


@given(st.text(alphabet=st.characters(), max_size=100))
def test_harmless_text_stays_as_it_is(text: str) -> None:
    assert harmless(harmless(text)) == harmless(text)


def test_a_report_without_bad_characters_is_encoded_once() -> None:
    calls = []

    def encode(report: object) -> bytes:
        calls.append(report)
        return msgspec.json.encode(report)

    harmless_json(samples.report(notes=("a “quoted” word, Zoë's, C:\\captures",)), encode)
    assert len(calls) == 1


def test_entries_that_need_no_change_are_kept() -> None:
    report = samples.report(findings=(samples.finding(), samples.finding(title="\x1b[2J")))
    cleaned = harmless_report(report)
    assert cleaned.findings[0] is report.findings[0]
    assert cleaned.findings[1].title == r"\x1b[2J"
    assert cleaned.phones == report.phones


@pytest.mark.parametrize("hostile", HOSTILE, ids=ascii)
@pytest.mark.parametrize("name", FORMATS)
def test_no_format_lets_hostile_text_through(name: str, hostile: str) -> None:
    report = samples.report(
        captures=(samples.capture(id=hostile, path=hostile),),
        phones=(
            samples.phone(name=hostile, status_message=hostile, addresses=(hostile,)),
            samples.healthy_phone(hostile + "2", lsc=samples.certificate(hostile)),
        ),
        flows=(samples.flow(phone=hostile),),
        findings=(
            samples.finding(
                phone=hostile,
                title=hostile,
                detail=hostile,
                remedy=hostile,
                evidence=(samples.evidence(1, hostile),),
            ),
            samples.fact(title=hostile),
        ),
        notes=(hostile,),
    )
    text = b"".join(render(report, name, Page())).decode("utf-8")
    for value in strings_of(name, text):
        assert value.isprintable()
        assert "\u0301" * (MAX_COMBINING + 1) not in value
        assert len(value) <= MAX_FIELD
    assert len(text) < 200_000


def strings_of(name: str, text: str) -> list[str]:
    """The lines of a text, the cells of a table, or all strings of a JSON rendering."""
    if name == "csv":
        return [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    if name == "text":
        return text.splitlines()
    found: list[str] = []

    def collect(value: object) -> None:
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, dict):
            collect(list(value.items()))
        elif isinstance(value, list | tuple):
            for entry in value:
                collect(entry)

    for line in text.splitlines():
        collect(json.loads(line))
    return found


@given(
    st.text(
        alphabet=st.one_of(st.characters(), st.sampled_from("\x1b\u202e\n\\\"'[]{}")), max_size=60
    )
)
def test_json_stays_valid_and_harmless_whatever_a_name_holds(hostile: str) -> None:
    report = samples.report(findings=(samples.finding(title=hostile),))
    document = json.loads(b"".join(render(report, "json", Page())))
    assert document["findings"][0]["title"] == harmless(hostile)
