"""Writes a capture of many scripts at once, in the order of time and in bounded memory.

First every frame gets its time, then its place in the file, then the phones are rendered in
groups and each frame is put where it belongs. Only times and places are ever held for the whole
capture: some 100 octets a frame.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.scripts import Script
from benchmarks.subjects import draw_values
from benchmarks.templates import Octets

FILE_HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, 1)
"""A pcap header: little-endian, microseconds, version 2.4, Ethernet."""
RECORD_HEADER = 16
GROUP_OCTETS = 8 << 20
"""About how many octets of frames are rendered at a time."""
NEVER = -1
"""The time of a frame that a capture does not have."""
SIGMAS = 2.5
"""Where the log-normal distribution of a gap is cut off, on either side."""

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Population:
    """Subjects that follow one script."""

    script: Script
    indices: Numbers
    """Which subjects; each has its own addresses."""
    starts: Numbers
    """When each starts, in nanoseconds since 1970 UTC."""

    @property
    def packets(self) -> int:
        """How many frames its subjects send and receive."""
        return len(self.indices) * len(self.script.steps)

    def times(self, generator: np.random.Generator) -> Numbers:
        """Nanoseconds of every frame: one row a subject, one column a step."""
        steps = self.script.steps
        medians = np.array([step.gap.median for step in steps], np.float64)
        sigmas = np.array([step.gap.sigma for step in steps], np.float64)
        normal = generator.standard_normal((len(self.starts), len(steps)), np.float32)
        gaps = medians * np.exp(sigmas * normal.clip(-SIGMAS, SIGMAS))
        gaps[:, 0] = 0
        times: Numbers = self.starts[:, None] + gaps.cumsum(axis=1).astype(np.int64)
        return times

    def sizes(self) -> Numbers:
        """Octets of each step's record in the file."""
        return np.array([RECORD_HEADER + len(step.frame.template) for step in self.script.steps])


def write_capture(path: Path, populations: Sequence[Population], seed: int) -> int:
    """Write all frames of all populations to ``path``; returns how many there are."""
    generator = np.random.default_rng([seed, 0])
    times = [population.times(generator) for population in populations]
    return write_schedule(path, populations, times, seed)


def write_schedule(
    path: Path, populations: Sequence[Population], times: Sequence[Numbers], seed: int
) -> int:
    """Write the frames at the times given, shaped as :meth:`Population.times` shapes them.

    A frame whose time is :data:`NEVER` is left out. The same seed gives the same values whatever
    the times are.
    """
    places, size = _places(populations, times)
    with path.open("w+b") as file:
        file.truncate(size)
        with mmap.mmap(file.fileno(), size) as mapped:
            mapped[: len(FILE_HEADER)] = FILE_HEADER
            parts = zip(populations, times, places, strict=True)
            for count, (population, when, where) in enumerate(parts, start=1):
                _render(population, when, where, mapped, np.random.default_rng([seed, count]))
    return sum(int((when != NEVER).sum()) for when in times)


def _places(
    populations: Sequence[Population], times: Sequence[Numbers]
) -> tuple[list[Numbers], int]:
    """The offset of every record, shaped as ``times``, and the size of the file."""
    all_times = np.concatenate([when.ravel() for when in times])
    sizes = np.concatenate(
        [
            np.where(when == NEVER, 0, population.sizes()).ravel()
            for population, when in zip(populations, times, strict=True)
        ]
    )
    order = np.argsort(all_times, kind="stable")
    ends = len(FILE_HEADER) + np.cumsum(sizes[order])
    offsets = np.empty_like(ends)
    offsets[order] = ends - sizes[order]
    borders = np.cumsum([when.size for when in times])[:-1]
    shaped = zip(np.split(offsets, borders), times, strict=True)
    return [part.reshape(when.shape) for part, when in shaped], int(ends[-1])


def _render(
    population: Population,
    times: Numbers,
    places: Numbers,
    mapped: mmap.mmap,
    generator: np.random.Generator,
) -> None:
    script = population.script
    group = max(1, GROUP_OCTETS // script.octets)
    for begin in range(0, len(population.indices), group):
        rows = slice(begin, begin + group)
        values = draw_values(population.indices[rows], script.opaque.used, generator)
        if script.prepare is not None:
            script.prepare(values)
        for column, step in enumerate(script.steps):
            when = times[rows, column]
            there = when != NEVER
            length = len(step.frame.template)
            records = np.empty((values.count, RECORD_HEADER + length), np.uint8)
            records[:, :RECORD_HEADER] = record_headers(when, length)
            step.frame.fill(values, records[:, RECORD_HEADER:])
            _scatter(mapped, places[rows, column][there], records[there])
        mapped.madvise(mmap.MADV_DONTNEED)


def record_headers(times: Numbers, length: int) -> Octets:
    """The pcap record headers of frames of ``length`` octets."""
    fields = np.empty((len(times), 4), "<u4")
    fields[:, 0] = times // 1_000_000_000
    fields[:, 1] = times // 1_000 % 1_000_000
    fields[:, 2:] = length
    return fields.view(np.uint8)


def _scatter(mapped: mmap.mmap, places: Numbers, records: Octets) -> None:
    """Put each row where its place says: one copy a row, whatever its length."""
    row = np.dtype((np.void, records.shape[1]))
    everywhere = np.ndarray((len(mapped) - row.itemsize + 1,), row, buffer=mapped, strides=(1,))
    everywhere[places] = records.view(row)[:, 0]
