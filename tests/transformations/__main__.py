"""``make transformations``: shipped captures changed at random for some time."""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random, SystemRandom

from tests.transformations.cases import RELATIONS, Case, Outcome, outcome_of, write
from tests.transformations.changes import CHANGES, Change
from tests.transformations.subjects import subjects

MANY = 1000
"""Captures changed by one relation, after which a row that was not needed once is told."""


def main(arguments: list[str]) -> int:
    """Run for the time that was asked for, or judge one case again; 1 where a fault is found."""
    options = _options(arguments)
    if options.again:
        return _again(options)
    seed = options.seed if options.seed is not None else SystemRandom().randrange(1 << 32)
    print(f"seed {seed}", flush=True)
    rng, until = Random(seed), time.monotonic() + options.seconds
    tally = _Tally()
    with contextlib.suppress(KeyboardInterrupt):
        while time.monotonic() < until:
            for relation in options.relation or RELATIONS:
                case = Case(relation, rng.choice(list(subjects())), rng.randrange(1 << 32))
                tally.count(outcome_of(case))
    tally.tell()
    return 1 if tally.faults else 0


class _Tally:
    """What a run has done so far."""

    def __init__(self) -> None:
        self.runs: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.used: set[Change] = set()

    def count(self, outcome: Outcome | None) -> None:
        if outcome is None:
            return
        relation = outcome.case.relation
        self.runs[relation] += 1
        self.used |= outcome.used
        if outcome.is_fault:
            self.faults[relation] += 1
            print(outcome, flush=True)

    def tell(self) -> None:
        for relation, count in self.runs.items():
            found = self.faults[relation] or "no"
            print(f"{relation:<20} {count:>8,} captures changed  {found} faults")
        everything = self.runs.total(), self.faults.total() or "no"
        print(f"{'all':<20} {everything[0]:>8,} captures changed  {everything[1]} faults")
        for change in CHANGES:
            if change not in self.used and self.runs[change.relation] >= MANY:
                print(f"row never needed: {change.relation} {change.kind.value} {change[2:4]}")


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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
