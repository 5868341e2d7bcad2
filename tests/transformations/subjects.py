"""The shipped captures as packets that can be changed, each combination of which a scenario tells.

A subject is an ``[[expect]]`` of a scenario: captures that are handed in together.
"""

from __future__ import annotations

import gzip
import struct
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from tests.capture import builder
from tests.differential.captures import holds_secrets
from tests.scenarios.expectations import expectations
from tests.transformations.facts import Fact, Facts, Kind, facts_of
from tests.vantage.records import SECOND, Packet, packets_in

GZIP = b"\x1f\x8b"
PCAPNG = b"\x0a\x0d\x0d\x0a"
INTERFACE, ENHANCED = 1, 6
"""Types of pcapng blocks (draft-ietf-opsawg-pcapng)."""
CUT_SHORT = "capture-cut-short"
"""Found in a capture whose last record is cut off, and not when the others are written again."""
MICROSECOND = 1000
"""Nanoseconds: the resolution of interfaces that state none."""

Files = dict[str, bytes]
"""Contents by the name of the file, in the order in which they are handed in."""


@dataclass(frozen=True)
class Recording:
    """What one vantage point recorded, in the order of its records."""

    stem: str
    link_type: int
    packets: tuple[Packet, ...]

    @property
    def first(self) -> int:
        """Nanoseconds since 1970 UTC of the earliest packet."""
        return min(packet.time for packet in self.packets)

    @property
    def last(self) -> int:
        """The same of the latest one."""
        return max(packet.time for packet in self.packets)

    def of(self, packets: Iterable[Packet]) -> Recording:
        """With other packets."""
        return replace(self, packets=tuple(packets))

    def in_order(self) -> Recording:
        """With its records in the order of time."""
        return self.of(sorted(self.packets, key=lambda packet: packet.time))

    def content(self) -> bytes:
        """As a pcap file with nanoseconds."""
        return builder.pcap(self.built(), self.link_type)

    def built(self) -> list[builder.Packet]:
        """The packets as what builds files takes them."""
        return [builder.Packet(one.data, one.time, one.wire) for one in self.packets]


Recordings = tuple[Recording, ...]


@dataclass(frozen=True)
class Subject:
    """Captures that are handed in together."""

    name: str
    paths: tuple[Path, ...]

    @property
    def scenario(self) -> str:
        """The folder's name."""
        return self.paths[0].parent.name

    @property
    def recordings(self) -> Recordings:
        """The packets of each capture."""
        return tuple(map(_recording, self.paths))

    @property
    def facts(self) -> Facts:
        """What the captures show as they are shipped, those that are cut short as far as whole."""
        return _facts(self.paths)

    @property
    def facts_of_each(self) -> list[Facts]:
        """What each capture shows alone."""
        return [_facts((path,)) for path in self.paths]


@lru_cache(maxsize=1)
def subjects() -> dict[str, Subject]:
    """All by name, but for captures without a packet, and those whose secrets would get lost."""
    found = [
        Subject(str(one), one.files)
        for one in expectations()
        if not any(map(holds_secrets, one.files))
    ]
    return {one.name: one for one in found if all(each.packets for each in one.recordings)}


@lru_cache(maxsize=512)
def _facts(paths: tuple[Path, ...]) -> Facts:
    found = facts_of([str(path) for path in paths])
    return found - {Fact(Kind.CODE, CUT_SHORT)}


@lru_cache(maxsize=512)
def _recording(path: Path) -> Recording:
    content = path.read_bytes()
    if content.startswith(GZIP):
        content = gzip.decompress(content)
    stem = path.name.partition(".")[0]
    if content.startswith(PCAPNG):
        return Recording(stem, 1, tuple(_packets_in_pcapng(content)))
    (link_type,) = struct.unpack_from("<I", content, 20)
    packets = packets_in(content)
    whole = [one for one in packets if one is not packets[-1] or not _ends_early(content, packets)]
    return Recording(stem, link_type, tuple(whole))


def _ends_early(content: bytes, packets: list[Packet]) -> bool:
    """Whether the last record is cut off."""
    before = sum(16 + len(one.data) for one in packets[:-1])
    (stated,) = struct.unpack_from("<I", content, 24 + before + 8)
    return len(packets[-1].data) < int(stated)


def _packets_in_pcapng(content: bytes) -> Iterable[Packet]:
    """Those of enhanced packet blocks in a little-endian file of Ethernet in microseconds."""
    at = 0
    while at < len(content):
        kind, length = struct.unpack_from("<II", content, at)
        if kind == ENHANCED:
            high, low, captured, wire = struct.unpack_from("<IIII", content, at + 12)
            data = content[at + 28 : at + 28 + captured]
            yield Packet((high << 32 | low) * MICROSECOND, data, wire)
        at += length


def written(recordings: Recordings) -> Files:
    """A file for each capture, as plain as can be."""
    return {f"{number}-{one.stem}.pcap": one.content() for number, one in enumerate(recordings, 1)}


def seconds(number: float) -> int:
    """In nanoseconds."""
    return round(number * SECOND)
