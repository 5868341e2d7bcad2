"""``python -m capf_tui.serving.visit PATH [ZONE]``: one visitor's application."""

from __future__ import annotations

import sys
from contextlib import suppress
from zoneinfo import ZoneInfo

from capf_tui.app import CapfApp
from capf_tui.clock import Clock
from capf_tui.engine.start import attach
from capf_tui.state import load_state


def visit(path: str, zone: str | None) -> None:
    """Show what the engine at ``path`` knows; what a visitor likes is not kept."""
    clock = Clock()
    if zone:
        with suppress(KeyError, ValueError, OSError):
            clock = Clock(zone=ZoneInfo(zone))
    link = attach(path)
    try:
        CapfApp(link, clock, load_state()).run()
    finally:
        link.close()


if __name__ == "__main__":
    visit(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None)
