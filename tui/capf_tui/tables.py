"""Rows as they are shown, written as text or CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

from rich.cells import cell_len

from capf_tui.widgets.tone import Cell

_FORMULAS = ("=", "+", "-", "@")
"""What a spreadsheet takes for a formula at the beginning of a field; packets choose texts."""


def plain(field: Cell) -> str:
    """A field without its tones."""
    return "".join(span.text for span in field).rstrip()


def as_text(heads: Iterable[Sequence[Cell]], rows: Iterable[Sequence[Cell]]) -> str:
    """Rows in columns as wide as their widest fields."""
    table = [[plain(field) for field in row] for row in (*heads, *rows)]
    widths = [max(map(cell_len, column)) for column in zip(*table, strict=True)]
    return "".join(
        "  ".join(
            text + " " * (width - cell_len(text)) for text, width in zip(row, widths, strict=True)
        ).rstrip()
        + "\n"
        for row in table
    )


def as_csv(heads: Iterable[Sequence[Cell]], rows: Iterable[Sequence[Cell]]) -> str:
    """Rows as comma-separated values (RFC 4180); no field begins a formula."""
    written = StringIO()
    writer = csv.writer(written)
    for row in (*heads, *rows):
        writer.writerow([_no_formula(plain(field)) for field in row])
    return written.getvalue()


def _no_formula(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULAS) and len(text) > 1 else text
