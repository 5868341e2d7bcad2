"""Our dissectors for Wireshark, which tshark loads from where they lie."""

from __future__ import annotations

from pathlib import Path

_FILE = Path("dissectors", "wireshark", "capf.lua")


def plugin() -> Path | None:
    """The file in Lua; None where this installation has none."""
    path = Path(__file__).resolve().parents[2] / _FILE
    return path if path.is_file() else None
