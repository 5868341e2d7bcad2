"""One golden file a format; ``CAPFPCAP_REGENERATE=1 pytest tests/formats`` writes them anew."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from capfpcap.formats import FORMATS, flow_table, render
from capfpcap.formats.page import Page
from capfpcap.formats.schema import report_schema

from . import samples

GOLDEN = Path(__file__).parent / "golden"


def expect(name: str, rendering: bytes) -> None:
    path = GOLDEN / name
    if os.environ.get("CAPFPCAP_REGENERATE"):
        path.write_bytes(rendering)
    assert rendering.decode() == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FORMATS)
def test_a_report_is_rendered_as_in_the_golden_file(name: str) -> None:
    expect(f"report.{name}", b"".join(render(samples.report(), name, Page())))


def test_the_text_report_has_an_ascii_form() -> None:
    expect("report.ascii.text", b"".join(render(samples.report(), "text", Page(encoding="ascii"))))


def test_the_text_report_has_colours() -> None:
    expect("report.color.text", b"".join(render(samples.report(), "text", Page(color=True))))


def test_flows_are_listed_as_in_the_golden_file() -> None:
    expect("flows.text", flow_table.render_table(samples.report(), Page()))


def test_flows_are_listed_line_by_line_on_a_terminal_too_narrow_for_a_table() -> None:
    narrow = flow_table.render_table(samples.report(), Page(terminal=80))
    expect("flows.narrow.text", narrow)
    assert all(len(line) <= 80 for line in narrow.decode().splitlines())


def test_flows_are_a_table_on_a_terminal_wide_enough() -> None:
    expect("flows.text", flow_table.render_table(samples.report(), Page(terminal=300)))


def test_the_schema_is_that_of_the_golden_file() -> None:
    expect("schema.json", report_schema())
