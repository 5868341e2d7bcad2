"""Lines fit the page, in columns that a terminal counts as we do."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from capfpcap.formats.harmless import harmless
from capfpcap.formats.layout import MIN_WIDTH, Style, Writer, cells, clip, plain_ascii, wrap
from capfpcap.formats.page import Page


def test_words_are_wrapped_between_them() -> None:
    assert wrap("one two three", 10) == ["one two", "three"]


def test_a_word_longer_than_the_line_is_broken() -> None:
    assert wrap("ab " + "x" * 25 + " c", 10) == ["ab", "x" * 10, "x" * 10, "xxxxx c"]


def test_wide_characters_take_two_columns_and_combining_marks_none() -> None:
    assert cells("電話") == 4
    assert cells("e\u0301") == 1
    assert wrap("電話 電話 電話", 13) == ["電話 電話", "電話"]


@given(st.text(max_size=200), st.integers(MIN_WIDTH, 80))
def test_no_wrapped_line_is_wider_than_asked_and_no_word_is_lost(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert all(cells(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@given(st.text(max_size=100), st.integers(2, 80))
def test_a_clipped_text_fits_and_is_harmless(text: str, width: int) -> None:
    clipped = clip(text, width)
    assert cells(clipped) <= width
    assert clipped == harmless(text) or clipped.endswith("…")


def test_text_without_room_is_wrapped_to_the_least_width() -> None:
    assert wrap("x" * 25, -3) == ["x" * 10, "x" * 10, "x" * 5]


def test_a_paragraph_hangs_under_its_first_line() -> None:
    writer = Writer(Page(width=12))
    writer.paragraph("one two three", indent="> ", hanging="  ")
    assert writer.encoded() == b"> one two\n  three\n"


def test_a_marked_text_stands_in_one_column_behind_mark_and_label() -> None:
    writer = Writer(Page(width=20))
    writer.marked("✗ ", Style.BAD, "one two three", indent=" ", label="TLS  ")
    assert writer.encoded().decode() == " ✗ TLS  one two\n        three\n"


def test_colour_is_written_only_where_the_page_shows_it() -> None:
    plain, colored = Writer(Page()), Writer(Page(color=True))
    for writer in plain, colored:
        writer.line("bad", Style.BAD)
    assert plain.encoded() == b"bad\n"
    assert colored.encoded() == b"\x1b[1;31mbad\x1b[0m\n"


def test_a_gap_is_one_empty_line_and_none_at_the_top() -> None:
    writer = Writer(Page())
    writer.gap()
    writer.line("a")
    writer.gap()
    writer.gap()
    writer.line("b")
    assert writer.encoded() == b"a\n\nb\n"


def test_a_page_that_is_not_utf_8_is_written_in_ascii() -> None:
    writer = Writer(Page(encoding="iso8859-1"))
    writer.marked("✗ ", Style.BAD, "“LSC” → München…")
    assert writer.encoded() == b'X "LSC" -> M\\xfcnchen...\n'


@given(st.text(max_size=100))
def test_every_text_has_an_ascii_form(text: str) -> None:
    assert plain_ascii(text).isascii()
