"""Finds tshark, and tells which version it is."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path

from msgspec import Struct

from capfpcap.tshark.errors import TsharkError
from capfpcap.tshark.root import as_somebody, refuses_lua

OLDEST = (3, 6)
"""Versions before it lack options that are used here."""
_ELSEWHERE = Path("/Applications/Wireshark.app/Contents/MacOS/tshark")
"""Where macOS has it, out of the search path."""
_VERSION = re.compile(rb"TShark[^\n]*?(\d+)\.(\d+)\.(\d+)")
_NO_LUA = b"without Lua"
_PATIENCE_S = 30
"""Seconds that it may take to tell of itself: the first start from a slow disk takes some."""


class Program(Struct, frozen=True):
    """A tshark that can be used."""

    path: str
    version: tuple[int, int, int]
    has_lua: bool
    """Whether it can load our plugin."""
    launcher: tuple[str, ...] = ()
    """What stands before it on a command line so that it does."""

    @property
    def name(self) -> str:
        """As ``tshark 4.0.17``."""
        return "tshark " + ".".join(str(number) for number in self.version)


def find_tshark() -> Program:
    """The tshark of this machine.

    Raises:
        TsharkError: there is none, or it is too old.
    """
    path = shutil.which("tshark") or (str(_ELSEWHERE) if _ELSEWHERE.exists() else None)
    if path is None:
        raise TsharkError(
            "tshark is not installed here; it comes with Wireshark (Debian and Ubuntu: "
            "'apt install tshark', Fedora: 'dnf install wireshark-cli')"
        )
    program = _program(path)
    if program.version[:2] < OLDEST:
        least = ".".join(str(number) for number in OLDEST)
        raise TsharkError(f"{path} is {program.name}; {least} is the oldest that can be used")
    return program


def told_by(path: str, *arguments: str) -> bytes:
    """What a program that is asked about itself writes.

    Raises:
        OSError: it cannot be run.
        subprocess.TimeoutExpired: it does not end.
    """
    return subprocess.run(
        [path, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=_PATIENCE_S,
        check=False,
    ).stdout


@lru_cache
def _program(path: str) -> Program:
    try:
        told = told_by(path, "--version")
    except OSError as error:
        raise TsharkError(f"{path} cannot be run: {error.strerror}") from error
    except subprocess.TimeoutExpired as error:
        raise TsharkError(f"{path} does not tell its version within {_PATIENCE_S} s") from error
    found = _VERSION.search(told)
    if found is None:
        raise TsharkError(f"{path} does not tell its version: it is no tshark that can be used")
    major, minor, patch = (int(number) for number in found.groups())
    version, has_lua = (major, minor, patch), _NO_LUA not in b" ".join(told.split())
    if not (has_lua and refuses_lua(version)):
        return Program(path, version, has_lua)
    launcher = as_somebody()
    return Program(path, version, bool(launcher), launcher)
