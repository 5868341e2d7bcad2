"""``python -m benchmarks``: write the captures, compare the commands."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys

from benchmarks.contenders import Contender
from benchmarks.measure import RunFailedError, Sample, run_once, run_rounds
from benchmarks.table import comparison, machine, overview
from benchmarks.workloads import WORKLOADS, Workload

SEED = 1
RUNS = 3
_WHOLE = {"capfpcap", "tshark", "tcpdump"}
"""Commands without which there is no row in the README's table."""
SCALES = {"packets", "phones"}
"""The units that have an option of their own."""


def main() -> int:
    """Run the command line; returns the exit status."""
    arguments = _parser().parse_args()
    if arguments.command == "tui":
        return _tui(arguments)
    usual = [one for one in WORKLOADS.values() if one.measured]
    everything = list(WORKLOADS.values()) if arguments.command == "generate" else usual
    measured: dict[str, dict[str, list[Sample]]] = {}
    chosen = dict.fromkeys(arguments.workloads or everything)
    captures = [(workload, _size(arguments, workload)) for workload in chosen]
    try:
        for workload, size in captures:
            if arguments.command == "generate":
                path = workload.make(size, arguments.seed)
                print(f"{path}  {path.stat().st_size:,} octets")
            else:
                measured[f"*{workload.name}*"] = _compare(workload, size, arguments)
    except RunFailedError as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1
    if arguments.command == "compare":
        whole = {name: samples for name, samples in measured.items() if set(samples) >= _WHOLE}
        if whole:
            print(overview(whole), end="\n\n")
        print(f"{machine()}; medians of {arguments.runs} rounds, page cache warm.")
    return 0


def _tui(arguments: argparse.Namespace) -> int:
    from benchmarks.tui.compare import compare as compare_tui  # noqa: PLC0415 - loads msgspec

    storm = WORKLOADS["storm"]
    size = _size(arguments, storm)
    path = storm.path(size, arguments.seed)
    try:
        if not path.exists():
            _generate_apart(storm, size, arguments.seed)
        reached = compare_tui(path, size, arguments.runs)
    except RunFailedError as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1
    print(f"{machine()}; page cache warm.")
    return 0 if reached else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    interface = commands.add_parser(
        "tui", help="open a storm in the terminal interface and press keys; 1: too slow"
    )
    interface.add_argument("--phones", type=_positive, help="phones of the storm")
    interface.set_defaults(packets=None)
    interface.add_argument("--seed", type=int, default=SEED)
    interface.add_argument("--runs", type=_positive, default=1, help="rounds (default: 1)")
    for command, text in (
        ("generate", "write captures to benchmarks/data/"),
        ("compare", "time capfpcap, tshark, tcpdump and cat in turn; prints Markdown"),
    ):
        one = commands.add_parser(command, help=text)
        one.add_argument(
            "workloads", nargs="*", type=_workload, metavar="WORKLOAD", help=", ".join(WORKLOADS)
        )
        one.add_argument("--packets", type=_positive, help="packets of mixed")
        one.add_argument("--phones", type=_positive, help="phones of storm or pair")
        one.add_argument("--seed", type=int, default=SEED)
        if command == "compare":
            one.add_argument(
                "--runs", type=_positive, default=RUNS, help=f"rounds (default: {RUNS})"
            )
            one.add_argument("--only", help="names of contenders, with commas between them")
    return parser


def _workload(name: str) -> Workload:
    if name not in WORKLOADS:
        raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(WORKLOADS)}")
    return WORKLOADS[name]


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no positive number")
    return int(text)


def _size(arguments: argparse.Namespace, workload: Workload) -> int:
    asked = {"packets": arguments.packets, "phones": arguments.phones}.get(workload.unit)
    return int(asked or workload.size)


def _compare(
    workload: Workload, size: int, arguments: argparse.Namespace
) -> dict[str, list[Sample]]:
    """Times the commands on one capture and prints their table."""
    path = workload.path(size, arguments.seed)
    if not path.exists():
        _generate_apart(workload, size, arguments.seed)
    chosen = _chosen(workload.contenders(path), arguments.only)
    run_once(Contender("cat", ("cat", str(path))))
    samples = run_rounds(chosen, arguments.runs)
    megabytes = path.stat().st_size / 1e6
    print(comparison(f"{workload.name}: {size:,} {workload.unit}, {megabytes:,.1f} MB", samples))
    for contender in chosen:
        print(f"\n    {contender.shown}", end="")
    print("\n", flush=True)
    return samples


def _generate_apart(workload: Workload, size: int, seed: int) -> None:
    """Write the capture in a process of its own: see :mod:`benchmarks.measure`."""
    options = [f"--{workload.unit}", str(size)] if workload.unit in SCALES else []
    command = [sys.executable, "-m", "benchmarks", "generate", workload.name, *options]
    subprocess.run([*command, "--seed", str(seed)], check=True, stdout=subprocess.DEVNULL)


def _chosen(every: list[Contender], only: str | None) -> list[Contender]:
    names = only.split(",") if only else [one.name for one in every]
    chosen = [one for one in every if one.name in names]
    missing = [one.command[0] for one in chosen if shutil.which(one.command[0]) is None]
    if missing or len(chosen) != len(names):
        raise RunFailedError(f"not installed or not known: {', '.join(missing or names)}")
    return chosen


if __name__ == "__main__":
    sys.exit(main())
