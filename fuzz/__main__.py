"""``make fuzz``: every harness for some time, one after another, and what came of it."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from fuzz.harness import ROOT, fault_of
from fuzz.reduction import reduced
from fuzz.registry import NAMES, load

_FOLDER = ROOT / "build" / "fuzz"
_EXECUTED = re.compile(r"^stat::number_of_executed_units:\s*(\d+)", re.MULTILINE)
_PULSE = re.compile(r"^#(\d+)\s.*?\bcov: (\d+)", re.MULTILINE)
_LOWEST_PRIORITY = 19
_MOST_STARTS = 20
"""How often one harness is begun again behind what ended its process."""
_ROUND = 600
"""Seconds after which a process gives way to a fresh one, since the engine's memory only grows."""
_ENDED = ("crash-*", "timeout-*", "oom-*", "leak-*")
"""What libFuzzer calls the inputs that end the process."""


@dataclass
class Outcome:
    """What one harness did in its time."""

    name: str
    executions: int = 0
    seconds: float = 0.0
    coverage: int = 0
    """Edges of the instrumented code that were reached."""
    faults: tuple[str, ...] = ()

    def __str__(self) -> str:
        told = ", ".join(self.faults) or "no fault"
        return (
            f"{self.name:<14} {self.executions:>10,} executions {self.seconds:>7.0f} s "
            f"{self.coverage:>6} edges  {told}"
        )


def main(arguments: list[str]) -> int:
    """Run the harnesses; 1 where one found a fault."""
    options = _options(arguments)
    outcomes = []
    for name in options.harness or NAMES:
        outcome = _run(name, options.folder / name, options.seconds)
        print(outcome, flush=True)
        outcomes.append(outcome)
    found = [outcome for outcome in outcomes if outcome.faults]
    if found:
        print(f"The inputs lie in {options.folder}; docs/fuzzing.md says what to do with them.")
    return 1 if found else 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("harness", nargs="*", help=f"of {', '.join(NAMES)}; none: all of them")
    parser.add_argument("--seconds", type=int, default=60, help="for each harness (default: 60)")
    parser.add_argument("--folder", type=Path, default=_FOLDER, help="for corpora and faults")
    options = parser.parse_args(arguments)
    if unknown := set(options.harness) - set(NAMES):
        parser.error(f"there is no harness called {', '.join(sorted(unknown))}")
    return options


def _run(name: str, folder: Path, seconds: int) -> Outcome:
    """Feed one harness, again and again where its process ends early."""
    faults = folder / "faults"
    for needed in (folder / "corpus", faults):
        needed.mkdir(parents=True, exist_ok=True)
    _forget_mended(name, faults)
    outcome = Outcome(name)
    begun = time.monotonic()
    starts = 0
    while starts < _MOST_STARTS and (left := seconds - (time.monotonic() - begun)) >= 1:
        starts += _feed(outcome, folder, min(int(left), _ROUND))
    outcome.seconds = time.monotonic() - begun
    _reduce(name, faults)
    ended = [path.name for pattern in _ENDED for path in faults.glob(pattern)]
    outcome.faults = (*sorted(path.stem for path in faults.glob("*.txt")), *sorted(ended))
    return outcome


def _feed(outcome: Outcome, folder: Path, seconds: int) -> bool:
    """Run the engine once; whether its process ended before its time."""
    command = [sys.executable, "-m", "fuzz.engine", outcome.name, str(folder)]
    log = folder / "log"
    with log.open("w", encoding="utf-8") as told:
        status = subprocess.run(
            [*command, f"-max_total_time={seconds}"],
            check=False,
            cwd=ROOT,
            stdout=told,
            stderr=told,
            preexec_fn=lambda: os.nice(_LOWEST_PRIORITY),
        ).returncode
    text = log.read_text(encoding="utf-8", errors="replace")
    pulses = _PULSE.findall(text)
    executed = _EXECUTED.search(text)
    last = pulses[-1] if pulses else ("0", "0")
    outcome.executions += int(executed[1] if executed else last[0])
    outcome.coverage = max(outcome.coverage, int(last[1]))
    if status and not pulses:
        raise SystemExit(f"the engine did not start:\n{text[-2000:]}")
    return status != 0


def _forget_mended(name: str, faults: Path) -> None:
    """Delete the faults of former runs that are no more."""
    for path in faults.glob("*.input"):
        if fault_of(load(name), path.read_bytes()) is None:
            path.unlink()
            path.with_suffix(".txt").unlink(missing_ok=True)


def _reduce(name: str, faults: Path) -> None:
    """Make the input of each fault as small as a few hundred trials can."""
    for path in faults.glob("*.input"):
        path.write_bytes(reduced(load(name), path.read_bytes(), path.stem))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
