"""Which files on a command line are of one ring buffer, told by how capturing tools name them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePath

_DUMPCAP = re.compile(r"(?P<stem>.+)_(?:\d{5,}_\d{14}|\d{14}_\d{5,})(?P<end>\.[^.]+(?:\.[^.]+)?)?")
"""dumpcap and Wireshark: ``phone_00001_20261123142000.pcapng``, or time before number."""
_TCPDUMP = re.compile(
    r"(?P<stem>.+\.(?:pcap|pcapng|cap|dump|dmp))(?P<number>\d+)?(?P<end>\.gz|\.zst)?"
)
"""tcpdump -C: ``phone.pcap``, ``phone.pcap1``, ``phone.pcap2``; with -W ``phone.pcap00``."""


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
