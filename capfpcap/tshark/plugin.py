"""Our dissectors for Wireshark, which tshark loads from where they lie."""

from __future__ import annotations

from pathlib import Path

NAME = "capf.lua"
_HERE = Path(__file__).resolve()
_PLACES = (
    _HERE.parents[2] / "dissectors" / "wireshark" / NAME,
    _HERE.with_name(NAME),
)
"""In a checkout, which an editable installation runs from; and in any other installation."""


def plugin() -> Path | None:
    """The file in Lua; None where this installation has none."""
    return next((path for path in _PLACES if path.is_file()), None)
