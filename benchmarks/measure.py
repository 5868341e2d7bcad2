"""Times whole processes: wall clock, processor time and peak memory of each, from the kernel.

Linux counts the memory that a process has before it becomes the measured program (that of the one
that starts it) to its peak. So nothing large may be imported here, and no figure is below what a
bare Python interpreter needs.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.contenders import Contender


@dataclass(frozen=True, slots=True)
class Sample:
    """What one run cost."""

    wall: float
    """Seconds from before the process was started to after it ended."""
    processor: float
    """Seconds of user and system time."""
    memory: int
    """Peak resident set of the largest process, octets."""


class RunFailedError(Exception):
    """A contender ended with a status that is none of its good ones."""


def run_once(contender: Contender) -> Sample:
    """Run the command with its output thrown away; raises :class:`RunFailedError`."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        redirect = [(os.POSIX_SPAWN_DUP2, nowhere, 1), (os.POSIX_SPAWN_DUP2, nowhere, 2)]
        begin = time.perf_counter()
        pid = os.posix_spawnp(
            contender.command[0], contender.command, os.environ, file_actions=redirect
        )
        _, status, usage = os.wait4(pid, 0)
        wall = time.perf_counter() - begin
    finally:
        os.close(nowhere)
    code = os.waitstatus_to_exitcode(status)
    if code not in contender.good:
        raise RunFailedError(f"{contender.name} ended with status {code}: {contender.shown}")
    return Sample(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def run_rounds(contenders: Sequence[Contender], rounds: int) -> dict[str, list[Sample]]:
    """Run all contenders in turn, ``rounds`` times over: samples of one index are one round's."""
    samples: dict[str, list[Sample]] = {contender.name: [] for contender in contenders}
    for _ in range(rounds):
        for contender in contenders:
            samples[contender.name].append(run_once(contender))
    return samples
