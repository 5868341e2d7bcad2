"""What a path on the command line stands for: a file, a folder's captures, a pattern's files."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from capfpcap.capture.names import captures_in, looks_like_a_capture
from capfpcap.cli.output import STANDARD_STREAM, is_folder


def expanded(paths: Iterable[str]) -> list[str]:
    """The capture files that the paths of a command line name, in order.

    A folder stands for the capture files in it, told by their names; a pattern that the shell left
    alone for the files that match it. What stands for nothing is left as it is: reading it fails,
    and says why, as for any other file.
    """
    return [file for path in paths for file in _files(path) or [path]]


def stands_for_something(path: str) -> bool:
    """Whether there is anything behind a path, readable or not."""
    return path == STANDARD_STREAM or os.path.lexists(path) or bool(_files(path))


def meant_for_a_file(text: str) -> bool:
    """Whether ``text``, which a file or the name of a phone may stand for, is to be a file."""
    separated = os.sep in text or (os.altsep is not None and os.altsep in text)
    return stands_for_something(text) or separated or looks_like_a_capture(text)


def _files(path: str) -> list[str]:
    if path == STANDARD_STREAM:
        return []
    if is_folder(path):
        with suppress(OSError):
            return captures_in(path)
    if glob.has_magic(path) and not os.path.lexists(path):
        return sorted(file for file in glob.glob(path) if Path(file).is_file())  # noqa: PTH207
    return []
