"""What answers in place of a TFTP service: web pages, JSON, text."""

from __future__ import annotations

import pytest
from capf_dissectors.foreign_content import (
    ForeignContent,
    in_place_of_configuration,
    in_place_of_list,
)
from hypothesis import given
from hypothesis import strategies as st

PAGES = [
    b"<html><body>Log in</body></html>",
    b"<!DOCTYPE html>\n<HTML lang='en'>",
    b"\xef\xbb\xbf\r\n  <!-- portal -->\n<!doctype HTML>",
    b'<?xml version="1.0"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0">',
    b"<script>location='http://portal.example'</script>",
]


@pytest.mark.parametrize("page", PAGES)
def test_a_web_page_is_recognised_in_place_of_either(page: bytes) -> None:
    assert in_place_of_list(page) is ForeignContent.WEB_PAGE
    assert in_place_of_configuration(page) is ForeignContent.WEB_PAGE


def test_json_is_recognised_in_place_of_either() -> None:
    assert in_place_of_list(b'{"error": "denied"}') is ForeignContent.JSON
    assert in_place_of_configuration(b'[{"error": 1}]') is ForeignContent.JSON


def test_text_is_no_trust_list() -> None:
    assert in_place_of_list(b"Access denied by policy\r\n") is ForeignContent.TEXT


@pytest.mark.parametrize(
    "content",
    [
        b'<?xml version="1.0" encoding="UTF-8"?>\n<device xsi:type="axl:XIPPhone">',
        b"<Default><callManagerGroup/></Default>",
        b"<flat-profile></flat-profile>",
        b"\x01\x00\x02\x01\x00\x02\x00\x02",
        b"",
    ],
)
def test_a_configuration_is_none(content: bytes) -> None:
    assert in_place_of_configuration(content) is None


@pytest.mark.parametrize("content", [b"", b"\x01\x00\x02\x01\x02", b"\x00" * 40, b"abc\xff\x00def"])
def test_a_damaged_list_is_none(content: bytes) -> None:
    assert in_place_of_list(content) is None


def test_many_comments_cost_no_time() -> None:
    assert in_place_of_configuration(b"<!---->" * 150 + b"x") is None


@given(st.binary(max_size=200))
def test_any_bytes_get_an_answer(content: bytes) -> None:
    assert in_place_of_configuration(content) in (None, *ForeignContent)
    assert in_place_of_list(b"\x01\x00\x02" + content) is None
