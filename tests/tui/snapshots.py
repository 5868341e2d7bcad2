"""Screens as they should look, kept as text; ``make pictures`` writes them again."""

from __future__ import annotations

import os
from pathlib import Path

from tests.tui.looking import Screen

FOLDER = Path(__file__).parent / "golden"


def looks_as(screen: Screen, name: str) -> None:
    """Assert that what is between the bars is what is kept by a name, for the screen's size."""
    width, height = screen.app.size
    path = FOLDER / f"{name}-{width}x{height}.txt"
    seen = screen.body
    if os.environ.get("CAPFPCAP_PICTURES") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(seen, encoding="utf-8")
    assert path.exists(), f"there is no {path.name}; the screen:\n{seen}"
    assert seen == path.read_text(encoding="utf-8")
