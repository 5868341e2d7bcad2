"""Capture files of any format, compressed or not, read in one window and in small ones."""

from __future__ import annotations

import gzip
from typing import Any

import numpy as np
import zstandard

from capfpcap.capture.addresses import AddressTable
from capfpcap.capture.columns import CaptureError
from capfpcap.capture.files import lockstep, walk
from capfpcap.capture.files.formats import open_format
from capfpcap.capture.files.source import Source
from capfpcap.capture.files.window import Window
from capfpcap.capture.ports import PortSelection
from capfpcap.capture.problems import ProblemLog
from capfpcap.capture.reader import read_capture
from fuzz.encapsulations import wrapped
from fuzz.harness import Harness
from fuzz.memory_file import memory_file
from fuzz.mutation import mutate_capture
from fuzz.packets import without_transfers
from fuzz.replaced import replaced
from fuzz.seeds import carried

_LARGEST_RECORD = 2048
"""Octets of a packet here: a window must have room for the largest one."""
_SMALL_WINDOW = _LARGEST_RECORD + 64
_LARGE_WINDOW = 1 << 20
_ENOUGH = 15_000
"""Octets of a capture that shows some of every service."""

_Packets = list[tuple[Any, ...]]


def judge(data: bytes) -> None:
    """Every row lies in what was kept; windows and guessed records change nothing."""
    with memory_file(data) as path:
        try:
            capture = read_capture((path,), PortSelection(), AddressTable())
        except CaptureError as error:
            assert "\n" not in str(error)
            return
        (file,) = capture.files
        columns = capture.columns
        assert len(columns) <= file.relevant_packets <= file.packets
        for problem in file.problems:
            assert problem.count >= 1
            assert "\n" not in problem.text
        ends = columns.payload_at.astype(np.int64) + columns.captured_length
        sizes = np.array([len(chunk) for chunk in capture.payloads.chunks], np.int64)
        assert not len(columns) or bool((ends <= sizes[columns.chunk]).all())
        assert len(_packets(path, _LARGE_WINDOW)) == file.packets
        _check_windows(path)


def _check_windows(path: str) -> None:
    """Windows so small that records cross their ends, and sections so small that there are many."""
    with replaced(walk, MAX_RECORD=_LARGEST_RECORD), replaced(lockstep, MAX_RECORD=_LARGEST_RECORD):
        whole = _packets(path, _LARGE_WINDOW)
        assert _packets(path, _SMALL_WINDOW) == whole
        with replaced(lockstep, SECTION=256, SEARCHED=256, LONGEST_CHAIN=512, LEAST_CHAINS=2):
            assert _packets(path, _LARGE_WINDOW) == whole


def _packets(path: str, window: int) -> _Packets:
    """Times, lengths, link types and first octets of all packets."""
    packets: _Packets = []
    with Source(path) as source:
        for records in open_format(path, Window(source, window), ProblemLog()).batches():
            rows = np.arange(len(records))
            beginnings = np.where(records.captured < 4, 0, records.octets.u32(records.at))
            assert records.first_frame == len(packets) + 1
            packets += zip(
                records.times().tolist(),
                records.captured.tolist(),
                records.wire_lengths(rows).tolist(),
                np.broadcast_to(records.link_types, len(records)).tolist(),
                beginnings.tolist(),
                strict=True,
            )
    return packets


def seeds() -> list[bytes]:
    """Some captures as they are shipped; one in all encapsulations; a few compressed."""
    captures = sorted(carried().captures, key=len)
    enough = next(data for data in captures if len(data) > _ENOUGH)
    compressed = [gzip.compress(data) for data in captures[:4]]
    zstd = [zstandard.compress(data) for data in captures[:4]]
    return [*captures[::8], *wrapped(without_transfers(enough)), *compressed, *zstd]


HARNESS = Harness(judge, seeds, longest=1 << 15, mutate=mutate_capture)
