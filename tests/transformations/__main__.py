"""``make transformations``: shipped captures changed at random for some time."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random, SystemRandom

from tests.transformations.cases import RELATIONS, Case, outcome_of, write
from tests.transformations.changes import CHANGES, Change
from tests.transformations.subjects import subjects


def main(arguments: list[str]) -> int:
    """Run for the time that was asked for, or judge one case again; 1 where a fault is found."""
    options = _options(arguments)
    if options.again:
        return _again(options)
    seed = options.seed if options.seed is not None else SystemRandom().randrange(1 << 32)
    print(f"seed {seed}", flush=True)
    rng, until = Random(seed), time.monotonic() + options.seconds
    runs: Counter[str] = Counter()
    faults: Counter[str] = Counter()
    used: set[Change] = set()
    names = list(subjects())
    while time.monotonic() < until:
        for relation in options.relation or RELATIONS:
            outcome = outcome_of(Case(relation, rng.choice(names), rng.randrange(1 << 32)))
            if outcome is None:
                continue
            runs[relation] += 1
            used |= outcome.used
            if outcome.is_fault:
                faults[relation] += 1
                print(outcome, flush=True)
    _tell(runs, faults, used)
    return 1 if faults else 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.transformations", description=__doc__)
    parser.add_argument("relation", nargs="*", help=f"of {', '.join(RELATIONS)}; none: all of them")
    parser.add_argument("--seconds", type=float, default=60, help="(default: 60)")
    parser.add_argument("--seed", type=int, help="that of a former run: the same cases once more")
    parser.add_argument(
        "--again", nargs=3, metavar=("RELATION", "SUBJECT", "NUMBER"), help="judge one case again"
    )
    parser.add_argument("--write", type=Path, metavar="FOLDER", help="with --again: the captures")
    options = parser.parse_args(arguments)
    if unknown := set(options.relation) - set(RELATIONS):
        parser.error(f"there is no relation called {', '.join(sorted(unknown))}")
    return options


def _again(options: argparse.Namespace) -> int:
    relation, subject, number = options.again
    case = Case(relation, subject, int(number))
    for path in write(case, options.write) if options.write else ():
        print(path)
    outcome = outcome_of(case)
    print(outcome if outcome else "the relation cannot be applied to these captures")
    return int(outcome is not None and outcome.is_fault)


def _tell(runs: Counter[str], faults: Counter[str], used: set[Change]) -> None:
    for relation, count in runs.items():
        print(f"{relation:<20} {count:>8,} captures changed  {faults[relation] or 'no'} faults")
    print(f"{'all':<20} {runs.total():>8,} captures changed  {faults.total() or 'no'} faults")
    for change in CHANGES:
        if change not in used and change.relation in runs:
            print(f"row never needed: {change.relation} {change.kind.value} {change[2:4]}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
