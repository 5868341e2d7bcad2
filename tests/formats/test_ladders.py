"""Ladders as text, SVG, Mermaid and JSON."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import timedelta, timezone

import jsonschema
import msgspec
import pytest
from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st

from capfpcap.formats.ladders import FORMATS, render
from capfpcap.formats.ladders.mermaid import MOST_CHARACTERS, escaped
from capfpcap.formats.ladders.picture import MOST_ITEMS
from capfpcap.formats.ladders.words import Times
from capfpcap.formats.layout import cells
from capfpcap.formats.page import Page
from capfpcap.formats.schema import ladder_schema
from capfpcap.ladder.model import Ladder, Message

from . import ladder_samples
from .ladder_samples import message
from .test_golden import expect

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "\x1b[2J\u202egnp\x00<script>&\"';#%%\nend: x --> y\ud800"

_LINE = re.compile(
    "|".join(
        (
            r"sequenceDiagram",
            r"title TEXT",
            r"participant (lane|between)\d+ as TEXT(<br/>TEXT)?",
            r"Note over lane0,lane\d+: TEXT(<br/>TEXT)*",
            r"(lane|between)\d+(-|--)(x|>>)lane\d+: \d\d:\d\d:\d\d\.\d{6} TEXT<br/>TEXT",
        )
    ).replace("TEXT", r"(?:[^#;:<>\n]|#\d+;)*")
)
"""The lines that are written, as Mermaid's grammar of sequence diagrams reads them."""


def rendered(name: str, ladder: Ladder | None = None, page: Page | None = None) -> str:
    shown = ladder_samples.ladder() if ladder is None else ladder
    return b"".join(render(shown, name, page or Page())).decode()


def with_rows(*rows: Message) -> Ladder:
    return ladder_samples.ladder(rows=rows, groups=())


def hostile() -> Ladder:
    """A ladder in which all text of packets is hostile."""
    lanes = tuple(
        msgspec.structs.replace(lane, title=HOSTILE) for lane in ladder_samples.ladder().lanes
    )
    rows = tuple(
        msgspec.structs.replace(row, label=HOSTILE, text=HOSTILE)
        for row in ladder_samples.rows()
        if isinstance(row, Message)
    )
    return ladder_samples.ladder(title=HOSTILE, lanes=lanes, rows=rows, groups=())


@pytest.mark.parametrize("name", FORMATS)
def test_a_ladder_is_rendered_as_in_the_golden_file(name: str) -> None:
    expect(f"ladder.{name}", rendered(name).encode())


def test_a_wide_page_has_an_arrow_and_its_words_on_one_line() -> None:
    expect("ladder.wide.text", rendered("text", page=Page(width=120)).encode())


def test_the_text_has_an_ascii_form() -> None:
    shown = rendered("text", page=Page(encoding="ascii"))
    assert shown.isascii()
    assert "|<--" in shown
    assert "X lost" in shown


@pytest.mark.parametrize("width", [40, 80, 100, 120])
def test_no_line_of_text_is_wider_than_its_page(width: int) -> None:
    for line in rendered("text", page=Page(width=width)).splitlines():
        assert cells(line) <= width


def test_times_may_be_those_since_the_beginning() -> None:
    pieces = render(ladder_samples.ladder(), "text", Page(), Times.RELATIVE)
    shown = b"".join(pieces).decode()
    assert re.search(r"^\+0.000000 +│ SYN ", shown, re.MULTILINE)
    assert re.search(r"^\+0.010000 +│ FIN ", shown, re.MULTILINE)


def test_the_zone_is_that_of_the_page_and_named() -> None:
    page = Page(zone=timezone(timedelta(hours=2), "CEST"))
    for name in ("text", "svg", "mermaid"):
        shown = rendered(name, page=page)
        assert "2026-11-23 CEST" in shown
        assert "14:00:00.000000" in shown


def test_messages_of_one_packet_are_one_arrow() -> None:
    assert rendered("mermaid").count("ServerHello, TLS 1.2, Certificate of CAPF-1") == 1


def test_a_guess_is_told_as_one_and_what_is_proven_is_not() -> None:
    for name in ("text", "svg", "mermaid"):
        shown = rendered(name)
        assert "KEYGEN_REQUEST (likely)" in shown
        assert re.search(r"KEYGEN_RESPONSE(?! \()", shown)


@pytest.mark.parametrize("name", FORMATS)
def test_packet_text_is_harmless_in_every_rendering(name: str) -> None:
    shown = rendered(name, hostile())
    assert not set(shown) & set("\x00\x1b\u202e\x7f")
    assert "<script>" not in shown or name in ("text", "json")
    assert r"\x1b[2J" in shown or "#92;x1b[2J" in shown or r"\\x1b[2J" in shown


def test_the_svg_is_whole_and_says_what_it_is() -> None:
    for ladder in (ladder_samples.ladder(), hostile()):
        root = ElementTree.fromstring(rendered("svg", ladder))
        assert root.get("role") == "img"
        names = [element.get("id") for element in root.iter() if element.get("id")]
        assert [name for name, count in Counter(names).items() if count > 1] == []
        labelled = str(root.get("aria-labelledby")).split()
        assert labelled == ["title", "description"]
        assert set(labelled) <= set(names)
        assert not {element.tag for element in root.iter()} & {f"{SVG}script", f"{SVG}a"}


def test_all_that_the_svg_shows_lies_within_it() -> None:
    root = ElementTree.fromstring(rendered("svg"))
    width, height = float(str(root.get("width"))), float(str(root.get("height")))
    for element in root.iter():
        for names, most in ((("x", "x1", "x2", "cx"), width), (("y", "y1", "y2", "cy"), height)):
            for name in names:
                assert 0 <= float(element.get(name) or 0) <= most
        if element.tag == f"{SVG}text" and element.get("text-anchor") is None:
            size = float(str(element.get("font-size")))
            end = float(str(element.get("x"))) + cells(element.text or "") * size * 0.602
            assert end <= width


def test_a_picture_has_a_limit_and_says_so() -> None:
    many = with_rows(*(message(at, "SYN") for at in range(MOST_ITEMS + 7)))
    shown = rendered("svg", many)
    assert shown.count("<title>SYN") == MOST_ITEMS
    assert "7 more rows are left out" in shown


def test_mermaid_reads_every_line_as_what_it_is_meant() -> None:
    for ladder in (ladder_samples.ladder(), hostile()):
        for line in rendered("mermaid", ladder).splitlines():
            assert _LINE.fullmatch(line.strip()), line


def test_a_lost_packet_ends_with_a_cross_at_the_capture_that_it_did_not_come_to() -> None:
    lines = rendered("mermaid").splitlines()
    (lost,) = (line.strip() for line in lines if "SYN-ACK ✗ lost" in line)
    assert lost.startswith("lane3-xlane1:")
    assert any(line.strip().startswith("between1->>lane0:") for line in lines)


def test_no_mermaid_text_is_longer_than_mermaid_reads() -> None:
    many = with_rows(*(message(at, "x" * 100) for at in range(2_000)))
    shown = rendered("mermaid", many)
    assert len(shown) < MOST_CHARACTERS + 200
    assert re.search(r"\d+ more are left out", shown)


@given(st.text())
def test_what_mermaid_is_given_has_no_syntax_in_it(text: str) -> None:
    assert re.fullmatch(r"(?:[^#;:<>\n\r%]|#\d+;)*", escaped(text))
    assert not re.search(r"\bend\b", escaped(text))


def test_the_document_is_what_its_schema_says() -> None:
    schema = json.loads(ladder_schema())
    for ladder in (ladder_samples.ladder(), hostile()):
        jsonschema.Draft202012Validator(schema).validate(json.loads(rendered("json", ladder)))


def test_the_schema_is_that_of_the_golden_file() -> None:
    expect("ladder.schema.json", ladder_schema())


def test_the_document_has_every_message_and_moments_as_text() -> None:
    document = json.loads(rendered("json"))
    first = document["rows"][0]
    assert len(document["rows"]) == len(ladder_samples.rows())
    assert first["time"] == "2026-11-23T12:00:00.000000000Z"
    assert first["seen"][1]["time"] == "2026-11-23T12:00:00.002000000Z"
    assert {row["row"] for row in document["rows"]} == {"message", "gap"}
