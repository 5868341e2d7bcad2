"""Screens as they should look, kept as text; ``CAPFPCAP_NEW_SNAPSHOTS=1`` writes them anew."""

from __future__ import annotations

import os
from pathlib import Path

from tests.tui.pilot import Driver

FOLDER = Path(__file__).parent / "golden"


def looks_as(driver: Driver, name: str) -> None:
    """Assert that what is between the bars is what is kept by a name, for the screen's size."""
    width, height = driver.app.size
    path = FOLDER / f"{name}-{width}x{height}.txt"
    seen = driver.body
    if "CAPFPCAP_NEW_SNAPSHOTS" in os.environ:
        path.parent.mkdir(exist_ok=True)
        path.write_text(seen, encoding="utf-8")
    assert path.exists(), f"there is no {path.name}; the screen:\n{seen}"
    assert seen == path.read_text(encoding="utf-8")
