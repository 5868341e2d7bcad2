"""The Markdown that a comparison prints."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from benchmarks.measure import Sample

MEBIBYTE = 1 << 20


def comparison(title: str, samples: Mapping[str, Sequence[Sample]]) -> str:
    """A table with a row a contender; ratios are to the first contender, round by round."""
    names = list(samples)
    base = samples[names[0]]
    lines = [
        f"### {title}",
        "",
        f"| command | wall | user + sys | peak memory | time / {names[0]}'s (min, median, max) |",
        "|---|---:|---:|---:|---|",
    ]
    lines += [_row(name, samples[name], base) for name in names]
    return "\n".join(lines)


def _row(name: str, runs: Sequence[Sample], base: Sequence[Sample]) -> str:
    ratios = sorted(run.wall / first.wall for run, first in zip(runs, base, strict=True))
    spread = f"{ratios[0]:.2f}, **{median(ratios):.2f}**, {ratios[-1]:.2f}"
    wall = median(run.wall for run in runs)
    processor = median(run.processor for run in runs)
    memory = max(run.memory for run in runs) / MEBIBYTE
    return f"| {name} | {wall:.2f} s | {processor:.2f} s | {memory:.0f} MiB | {spread} |"


def overview(measured: Mapping[str, Mapping[str, Sequence[Sample]]]) -> str:
    """The table of the README: a row a capture, with the median of each command."""
    lines = [
        "| capture | `capfpcap check` | tshark | tcpdump | tshark / capfpcap |",
        "|---|---:|---:|---:|---:|",
    ]
    for capture, samples in measured.items():
        own, tshark = samples["capfpcap"], samples["tshark"]
        ratio = median(slow.wall / fast.wall for slow, fast in zip(tshark, own, strict=True))
        cells = [_cell(own), _cell(tshark), f"{_wall(samples['tcpdump'])}", f"{ratio:.1f}"]
        lines.append(f"| {capture} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(runs: Sequence[Sample]) -> str:
    return f"{_wall(runs)}, {max(run.memory for run in runs) / MEBIBYTE:.0f} MiB"


def _wall(runs: Sequence[Sample]) -> str:
    return f"{median(run.wall for run in runs):.2f} s"


def machine() -> str:
    """One line on what the figures were measured with."""
    cores = len(os.sched_getaffinity(0))
    python = platform.python_version()
    return f"{_processor()}, {cores} cores, Linux {platform.release()}, Python {python}"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
