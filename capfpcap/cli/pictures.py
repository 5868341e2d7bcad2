"""What commands that draw pictures need: matplotlib, and a place for the file."""

from __future__ import annotations

import sys
from importlib.util import find_spec

from capfpcap.cli.errors import CommandError
from capfpcap.cli.output import STANDARD_STREAM


def need_pictures(target: str | None) -> None:
    """Refuse, before any work, where nothing can draw, or a terminal would be written to."""
    if find_spec("matplotlib") is None:
        raise CommandError("pictures cannot be drawn here: pip install 'capfpcap[plot]'")
    to_screen = target in (None, STANDARD_STREAM) and sys.stdout is not None
    if to_screen and sys.stdout.isatty():
        raise CommandError("a picture is no text for a terminal: name a file with -o")
