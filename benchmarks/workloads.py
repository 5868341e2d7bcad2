"""The captures that are measured, by name.

What writes them is imported only when one is written: the process that measures others must stay
small (see :mod:`benchmarks.measure`).
"""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contenders import Contender, alone_and_together, contenders, decrypting

_WITH_KEYS = 400_000
"""Packets of *keys*, of which a thousand phones have sessions with keys."""
DATA = Path(__file__).parent / "data"
"""Ignored by git."""


@dataclass(frozen=True, slots=True)
class Workload:
    """One kind of capture and how to write it."""

    name: str
    unit: str
    """What ``size`` counts."""
    size: int
    """The size that the figures of the documentation are for."""
    writer: str
    """Module and function that takes the file, the size and the seed."""

    measured: bool = True
    """Whether it is compared when nothing else is asked for."""
    contenders: Callable[[Path], list[Contender]] = contenders
    """The commands that are compared on it."""

    def path(self, size: int, seed: int) -> Path:
        """Where the capture of this size and seed is kept."""
        return DATA / f"{self.name}-{size}-{seed}.pcap"

    def make(self, size: int, seed: int) -> Path:
        """The capture's file, written now if it is not there yet."""
        path = self.path(size, seed)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            module, _, function = self.writer.partition(":")
            write = getattr(importlib.import_module(module), function)
            with tempfile.TemporaryDirectory(dir=path.parent) as folder:
                write(Path(folder) / path.name, size, seed)
                for file in Path(folder).iterdir():
                    file.rename(path.parent / file.name)
        return path


WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload("mixed", "packets", 2_000_000, "benchmarks.mixed:write_mixed"),
        Workload("storm", "phones", 20_000, "benchmarks.storm:write_storm"),
        Workload(
            "pair",
            "phones",
            20_000,
            "benchmarks.pair:write_pair",
            measured=False,
            contenders=alone_and_together,
        ),
        Workload(
            "keys",
            "packets",
            _WITH_KEYS,
            "benchmarks.with_keys:write_with_keys",
            measured=False,
            contenders=decrypting,
        ),
        Workload("one-phone", "phone", 1, "benchmarks.storm:write_one_phone"),
    )
}
