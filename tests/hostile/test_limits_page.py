"""The page on limits says the numbers that the program has."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "limits.md"
UNITS = {"": 1, "KiB": 1 << 10, "MiB": 1 << 20}
ROWS = re.findall(r"\| ([\d,]+) ?(\w*) \| `([\w.]+)` \|", PAGE.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("number", "unit", "constant"), ROWS)
def test_a_limit_is_what_the_page_says(number: str, unit: str, constant: str) -> None:
    module, _, name = constant.rpartition(".")
    assert getattr(import_module(module), name) == int(number.replace(",", "")) * UNITS[unit]


def test_the_page_has_all_rows() -> None:
    assert len(ROWS) == PAGE.read_text(encoding="utf-8").count("| `cap")
