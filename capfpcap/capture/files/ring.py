"""The files of one ring buffer, put in the order in which they were recorded."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from capfpcap.capture.columns import CaptureError
from capfpcap.capture.files.formats import open_format
from capfpcap.capture.files.source import OctetStream, Source, named
from capfpcap.capture.files.window import Window
from capfpcap.capture.problems import ProblemLog

PEEK = 1 << 18
"""Octets in which the first packet of a file is looked for."""
NEVER = 1 << 63
"""The time of a file without a packet: behind all others."""


class Refused(Struct, frozen=True):
    """A file that cannot be read, and why."""

    path: str
    error: CaptureError


class RingFile(Struct, frozen=True):
    """A readable file: a pipe stays open from the first look on, a file on disk is opened again."""

    path: str
    kept: Source | None
    size: int | None
    first: int

    def open(self) -> Source:
        """The file from its beginning."""
        return self.kept or Source(self.path)


def in_order(paths: Sequence[str]) -> tuple[list[RingFile], list[Refused]]:
    """The readable files by the time of their first packet, and the others."""
    readable: list[RingFile] = []
    refused: list[Refused] = []
    for path in paths:
        try:
            readable.append(_look_at(path))
        except CaptureError as error:
            refused.append(Refused(path, error))
    readable.sort(key=lambda file: file.first)
    return readable, refused


def _look_at(path: str) -> RingFile:
    """Opens a file and looks for its first packet.

    Raises:
        CaptureError: it cannot be read.
    """
    source = Source(path)
    try:
        first = _first_time(path, source.peek(PEEK))
    except CaptureError:
        source.close()
        raise
    if source.size is None:
        return RingFile(path, source, None, first)
    source.close()
    return RingFile(path, None, source.size, first)


def _first_time(path: str, beginning: OctetStream) -> int:
    """When the first packet that ``beginning`` holds was captured.

    Raises:
        CaptureError: this is no capture file.
    """
    window = Window(beginning, PEEK)
    for records in open_format(named(path), window, ProblemLog()).batches():
        return int(records.times()[0])
    return NEVER
