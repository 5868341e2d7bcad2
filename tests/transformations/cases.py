"""One transformation of one subject, known by a number, and what it changes that it should not."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import NamedTuple

from tests.transformations import in_company, in_files, in_time, on_the_wire
from tests.transformations.changes import CHANGES, Change
from tests.transformations.facts import Fact, Facts, Kind, facts_of
from tests.transformations.relation import Law, Relation
from tests.transformations.subjects import Files, subjects

RELATIONS: dict[str, Relation] = {
    **on_the_wire.RELATIONS,
    **in_files.RELATIONS,
    **in_time.RELATIONS,
    **in_company.RELATIONS,
}


class Case(NamedTuple):
    """What is done to which captures; the number decides all that is left to chance."""

    relation: str
    subject: str
    number: int

    def __str__(self) -> str:
        """How it is judged again."""
        again = (self.relation, self.subject, str(self.number))
        return f"python -m tests.transformations --again {shlex.join(again)}"


class Outcome(NamedTuple):
    """What a case showed."""

    case: Case
    came: Facts
    """Facts that should not be there."""
    gone: Facts
    """Facts that should."""
    used: frozenset[Change]
    """The rows of the table that say of some facts that they may come or go."""

    @property
    def is_fault(self) -> bool:
        """Whether anything changed that the table does not explain."""
        return bool(self.came or self.gone)

    def __str__(self) -> str:
        """A line for each fact behind the line of the case."""
        lines = [f"  + {fact}" for fact in sorted(self.came, key=str)]
        lines += [f"  - {fact}" for fact in sorted(self.gone, key=str)]
        return "\n".join([str(self.case), *lines])


def outcome_of(case: Case) -> Outcome | None:
    """Change the captures and compare what they show; None where the change does not apply."""
    relation, subject = RELATIONS[case.relation], subjects()[case.subject]
    changed = relation.change(Random(str(tuple(case))), subject)
    if changed is None:
        return None
    beside = changed.beside
    expected = subject.facts | beside.facts if beside else subject.facts
    if relation.law is Law.NO_OTHER:
        expected = expected.union(*subject.facts_of_each)
    found = _facts_of_files(changed.files)
    came, gone = _differences(relation.law, expected, found)
    names = (subject.name, beside.name) if beside else (subject.name,)
    rows = [change for change in CHANGES if change.fits(case.relation, names)]
    coming = {fact: {row for row in rows if row.allows_to_come(fact, expected)} for fact in came}
    going = {fact: {row for row in rows if row.allows_to_go(fact, found)} for fact in gone}
    used = set[Change]().union(*coming.values(), *going.values())
    return Outcome(case, _unexplained(coming), _unexplained(going), frozenset(used))


def _unexplained(rows: dict[Fact, set[Change]]) -> Facts:
    return frozenset(fact for fact, reasons in rows.items() if not reasons)


def _differences(law: Law, expected: Facts, found: Facts) -> tuple[Facts, Facts]:
    """Facts that came and that are gone, against a law."""
    if law is Law.SAME:
        return found - expected, expected - found
    if law is Law.UNION:
        return _differences(Law.SAME, _not(Kind.STATUS, expected), _not(Kind.STATUS, found))
    known = {fact.value for fact in expected}
    told = _not(Kind.OUTCOME, _not(Kind.STATUS, found))
    return frozenset(fact for fact in told if fact.value not in known), frozenset()


def _not(kind: Kind, facts: Facts) -> Facts:
    return frozenset(fact for fact in facts if fact.kind is not kind)


def _facts_of_files(files: Files) -> Facts:
    with TemporaryDirectory() as folder:
        paths = [Path(folder, name) for name in files]
        for path, content in zip(paths, files.values(), strict=True):
            path.write_bytes(content)
        return facts_of([str(path) for path in paths])


def write(case: Case, folder: Path) -> list[Path]:
    """Writes the changed captures of a case."""
    changed = RELATIONS[case.relation].change(Random(str(tuple(case))), subjects()[case.subject])
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in changed.files.items() if changed else ():
        (folder / name).write_bytes(content)
    return [folder / name for name in changed.files] if changed else []


def sample(relation: str, count: int) -> Iterator[Outcome]:
    """The outcomes of one relation over so many subjects, the same ones every time."""
    turn = list(RELATIONS).index(relation)
    names = sorted(subjects(), key=lambda name: Random(f"{name} {turn}").random())
    outcomes = (outcome_of(Case(relation, name, turn)) for name in names)
    applied = (outcome for outcome in outcomes if outcome is not None)
    for _, outcome in zip(range(count), applied, strict=False):
        yield outcome
