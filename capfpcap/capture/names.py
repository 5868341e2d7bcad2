"""What the names that capturing tools give their files tell: captures, and rings of them."""

from __future__ import annotations

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


def captures_in(folder: str) -> list[str]:
    """The capture files in a folder, told by their names, in the order of these.

    Raises:
        OSError: the folder cannot be read.
    """
    return sorted(
        str(file)
        for file in Path(folder).iterdir()
        if _CAPTURE.fullmatch(file.name) and file.is_file()
    )


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
