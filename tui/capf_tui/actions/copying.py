"""Copies to the clipboard of whoever looks at the screen, or to a file."""

from __future__ import annotations

import os
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any

from platformdirs import user_state_path
from textual.app import App

from capf_tui.files import replace_file

MAX_CLIPBOARD = 74_000
"""Bytes that terminals take in one OSC 52 sequence: xterm and tmux allow 100,000 characters, of
which Base64 leaves three quarters."""

_WITHOUT_CLIPBOARD = frozenset({"linux", "dumb", "vt100", "vt220", "ansi"})
"""Terminals (TERM) that know no OSC 52."""


def copy(app: App[Any], what: str, text: str) -> str:
    """Copy a text; returns the sentence that says where it is."""
    takes = terminal_takes(text)
    if takes:
        app.copy_to_clipboard(text)
    if app.is_web:
        if takes:
            return f"Copied {what} to the browser's clipboard"
        app.deliver_text(StringIO(text), save_filename="copied.txt")
        return f"{what} is too long for the clipboard: it was sent as a file"
    path = file_of_copies()
    try:
        replace_file(path, text)
    except OSError as error:
        where = f"and {path} cannot be written: {error.strerror}"
        return f"Copied {what} by OSC 52" if takes else f"Nothing was copied: no clipboard, {where}"
    if takes:
        return f"Copied {what} by OSC 52; where the terminal ignores that, it is in {path}"
    return f"This terminal takes no such copy: {what} is in {path}"


def terminal_takes(text: str) -> bool:
    """Whether the terminal is thought to put a text into the clipboard."""
    if os.environ.get("TERM_PROGRAM") == "Apple_Terminal":
        return False
    return os.environ.get("TERM") not in _WITHOUT_CLIPBOARD and len(text.encode()) <= MAX_CLIPBOARD


def file_of_copies() -> Path:
    """Where copies lie that no clipboard took."""
    return user_state_path("capfpcap") / "copied.txt"


def forget_copies() -> None:
    """Leave no copy behind."""
    with suppress(OSError):
        file_of_copies().unlink(missing_ok=True)
