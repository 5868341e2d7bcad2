"""What a path on the command line stands for: a file, a folder's captures, a pattern's files."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterable
from pathlib import Path

from capfpcap.cli.errors import CommandError, reason
from capfpcap.cli.output import STANDARD_STREAM, is_folder

_CAPTURE_NAME = re.compile(r".+\.(pcap|pcapng|cap|dmp|dump)\d*(\.gz|\.zst)?", re.IGNORECASE)
"""How capturing tools name files; a ring buffer's may end in a number."""


def expanded(paths: Iterable[str]) -> list[str]:
    """The capture files that the paths of a command line name, in order.

    A folder stands for the capture files in it, told by their names; a pattern that the shell left
    alone for the files that match it.

    Raises:
        CommandError: a folder holds no capture, or nothing matches a pattern.
    """
    return [file for path in paths for file in _files(path)]


def _files(path: str) -> list[str]:
    if path == STANDARD_STREAM:
        return [path]
    if is_folder(path):
        try:
            found = sorted(str(file) for file in Path(path).iterdir() if _is_capture(file))
        except OSError as error:
            raise CommandError(f"cannot read {path}: {reason(error)}") from error
        if not found:
            raise CommandError(f"{path} is a folder without a capture file")
        return found
    if glob.has_magic(path) and not os.path.lexists(path):
        found = sorted(file for file in glob.glob(path) if Path(file).is_file())  # noqa: PTH207
        if not found:
            raise CommandError(f"no file matches {path}")
        return found
    return [path]


def _is_capture(file: Path) -> bool:
    return file.is_file() and _CAPTURE_NAME.fullmatch(file.name) is not None
