"""``python -m benchmarks tui``: opening beside ``check``, and every key."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import msgspec

from benchmarks.contenders import check
from benchmarks.measure import RunFailedError, run_once
from benchmarks.tui.report import KEY_S, OPENING, PERCENT, Run, keys_table, percentile

_QUIET = {"TEXTUAL_ANIMATIONS": "none"}
"""The pilot would wait for a list to have rolled to its place."""


def compare(capture: Path, phones: int, rounds: int) -> bool:
    """Measure, print the tables; whether both targets are reached."""
    checks, runs = [], []
    for _ in range(rounds):
        checks.append(run_once(check("capfpcap", str(capture))))
        runs.append(_visit(capture))
    ratio = median(run.opened_s / one.wall for run, one in zip(runs, checks, strict=True))
    opened = median(run.opened_s for run in runs)
    keys = [key for run in runs for key in run.keys]
    slow = percentile(key.painted_s for key in keys)
    print(f"### tui: {phones:,} phones, {len(keys)} keys, {rounds} rounds\n")
    print(keys_table(keys), end="\n\n")
    work = percentile(key.own_s for key in keys)
    print(f"processor time of a key, 95th percentile: {1000 * work:.0f} ms")
    checked = median(one.wall for one in checks)
    print(f"check: {checked:.2f} s; until all phones are listed: {opened:.2f} s")
    good = [
        _verdict(f"opening: {ratio:.2f} times check, target {OPENING}", ratio <= OPENING),
        _verdict(
            f"keys: {1000 * slow:.0f} ms at the {PERCENT}th percentile, target {1000 * KEY_S:.0f}",
            slow <= KEY_S,
        ),
    ]
    return all(good)


def _verdict(sentence: str, reached: bool) -> bool:
    print(f"{sentence}: {'reached' if reached else 'MISSED'}", flush=True)
    return reached


def _visit(capture: Path) -> Run:
    """A process of its own, so that its start counts as that of ``check`` does."""
    command = [sys.executable, "-m", "benchmarks.tui.driver", str(time.monotonic()), str(capture)]
    result = subprocess.run(
        command, stdout=subprocess.PIPE, check=False, env={**os.environ, **_QUIET}
    )
    if result.returncode:
        raise RunFailedError(f"the terminal interface ended with status {result.returncode}")
    return msgspec.json.decode(result.stdout, type=Run)
