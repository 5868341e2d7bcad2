"""Opens a capture in Wireshark, at a frame."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path


def command(path: str, frame: int | None, display_filter: str) -> list[str]:
    """The command that opens a capture at a frame, or with a display filter."""
    told = ["-g", str(frame)] if frame is not None else []
    if frame is None and display_filter:
        told = ["-Y", display_filter]
    return ["wireshark", "-r", path, *told]


def open_capture(path: str, frame: int | None, display_filter: str) -> str:
    """Open a capture; returns the sentence that says so, or how to do it elsewhere."""
    told = command(path, frame, display_filter)
    if not has_desktop():
        return f"There is no desktop here. Where there is one: {shlex.join(told)}"
    if shutil.which(told[0]) is None:
        return f"Wireshark is not installed here. Where it is: {shlex.join(told)}"
    if not Path(path).is_file():
        return f"{path} is not there any more"
    try:
        subprocess.Popen(
            told,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        return f"Wireshark cannot be started: {error.strerror}"
    at = f" at frame {frame}" if frame is not None else ""
    return f"Opening Wireshark{at}: {path}"


def has_desktop() -> bool:
    """Whether a window can be opened."""
    wanted = ("DISPLAY", "WAYLAND_DISPLAY")
    return sys.platform == "darwin" or any(os.environ.get(name) for name in wanted)
