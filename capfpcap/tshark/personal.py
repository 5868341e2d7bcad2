"""Our dissectors among a user's own: the folder in which Wireshark looks for plugins, and the file.

The folder is asked of tshark, since it differs by system, version and way of installation.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from msgspec import Struct

from capfpcap.tshark.errors import TsharkError
from capfpcap.tshark.plugin import NAME, plugin
from capfpcap.tshark.program import Program, told_by

_FOLDER = re.compile(rb"^Personal Lua Plugins:[ \t]*([^\r\n]+)", re.MULTILINE)
_OURS = re.compile(rb"\A-- capfpcap plugin for Wireshark, version ([\w.+-]{1,40})[\r\n]")
"""The first line of our file, of any version."""
_HEAD = 128


class Found(Struct, frozen=True):
    """What stands where our file belongs."""

    path: Path
    exists: bool
    version: str | None
    """That of our file; None where the file is not ours, or there is none."""


def personal_folder(program: Program) -> Path:
    """Where Wireshark looks for a user's plugins in Lua; it need not exist.

    Raises:
        TsharkError: tshark does not tell.
    """
    try:
        told = told_by(program.path, "-G", "folders")
    except (OSError, subprocess.TimeoutExpired) as error:
        raise TsharkError(f"{program.path} does not tell its folders") from error
    found = _FOLDER.search(told)
    if found is None:
        raise TsharkError(
            f"{program.name} tells no folder for plugins in Lua: it was built without Lua"
        )
    return Path(os.fsdecode(found[1].rstrip()))


def find_in(folder: Path) -> Found:
    """What stands in ``folder`` under the name of our file.

    A symbolic link is another's whatever it leads to: to write there would change that.

    Raises:
        OSError: it cannot be read.
    """
    path = folder / NAME
    if path.is_symlink() or (path.exists() and not path.is_file()):
        return Found(path, exists=True, version=None)
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except FileNotFoundError:
        return Found(path, exists=False, version=None)
    return Found(path, exists=True, version=version_of(head))


def version_of(head: bytes) -> str | None:
    """The version that the first line of our file states; None for other files."""
    ours = _OURS.match(head)
    return ours[1].decode("ascii") if ours else None


def own_file() -> bytes:
    """Our file.

    Raises:
        TsharkError: this installation has none.
    """
    path = plugin()
    if path is None:
        raise TsharkError(f"{NAME} is missing from this installation of capfpcap")
    return path.read_bytes()
