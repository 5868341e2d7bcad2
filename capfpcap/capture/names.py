"""What the names that capturing tools give their files tell: captures, and rings of them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path, PurePath

_CAPTURE = re.compile(r".+\.(pcap|pcapng|cap|dmp|dump)\d*(\.gz|\.zst)?", re.IGNORECASE)
"""Any capture; the name of a ring buffer's file may end in a number."""
_DUMPCAP = re.compile(r"(?P<stem>.+)_(?:\d{5,}_\d{14}|\d{14}_\d{5,})(?P<end>\.[^.]+(?:\.[^.]+)?)?")
"""dumpcap and Wireshark: ``phone_00001_20261123142000.pcapng``, or time before number."""
_TCPDUMP = re.compile(
    r"(?P<stem>.+\.(?:pcap|pcapng|cap|dump|dmp))(?P<number>\d+)?(?P<end>\.gz|\.zst)?"
)
"""tcpdump -C: ``phone.pcap``, ``phone.pcap1``, ``phone.pcap2``; with -W ``phone.pcap00``."""


def looks_like_a_capture(name: str) -> bool:
    """Whether a file of that name is taken for a capture."""
    return _CAPTURE.fullmatch(name) is not None


def captures_in(folder: str) -> list[str]:
    """The capture files in a folder and in the folders within it, told by their names.

    They come in the order of their paths; a folder within that cannot be read stands among them.
    What is hidden, as snapshots of a file server are, is left out; links to folders are not
    followed.

    Raises:
        OSError: the folder itself cannot be read.
    """
    next(Path(folder).iterdir(), None)
    found: list[str] = []
    unread: list[OSError] = []
    for at, folders, files in os.walk(folder, onerror=unread.append):
        folders[:] = [name for name in folders if not name.startswith(".")]
        captures = (Path(at, name) for name in files if not name.startswith("."))
        found += (
            str(path) for path in captures if _CAPTURE.fullmatch(path.name) and path.is_file()
        )
    return sorted([*found, *(str(error.filename) for error in unread)])


def given_twice(paths: Iterable[str]) -> str | None:
    """A sentence on the first file that is named twice, by one name or two; None if none is.

    It would look like two places that saw the same. ``-``, standard input, is no file.
    """
    seen: dict[object, str] = {}
    for path in paths:
        identity = _identity(path)
        if identity in seen:
            known = seen[identity]
            return f"{path} is given twice" if path == known else f"{path} and {known} are one file"
        seen[identity] = path
    return None


def _identity(path: str) -> object:
    try:
        status = None if path == "-" else Path(path).stat()
    except OSError:
        status = None
    if status is None:
        return path
    return (status.st_dev, status.st_ino) if status.st_ino else Path(path).resolve()


def group_ring_files(paths: Iterable[str]) -> list[tuple[str, ...]]:
    """The paths, those of one ring buffer together, in the order in which each group is first met.

    A name that follows no tool's pattern stands alone.
    """
    groups: dict[tuple[str, ...], list[str]] = {}
    for path in paths:
        groups.setdefault(_key(path), []).append(path)
    return [tuple(dict.fromkeys(group)) for group in groups.values()]


def _key(path: str) -> tuple[str, ...]:
    """What the names of one ring have in common."""
    pure = PurePath(path)
    dumpcap = _DUMPCAP.fullmatch(pure.name)
    if dumpcap:
        return "dumpcap", str(pure.parent), dumpcap["stem"], dumpcap["end"] or ""
    tcpdump = _TCPDUMP.fullmatch(pure.name)
    if tcpdump:
        return "tcpdump", str(pure.parent), tcpdump["stem"]
    return "alone", path
