"""What no verdict depends on: how a capture was carried, written, timed, and what is beside it.

A sample that is the same every time; ``make transformations`` runs others for as long as one likes.
"""

from __future__ import annotations

import pytest

from tests.transformations.cases import RELATIONS, Case, Outcome, outcome_of, sample
from tests.transformations.changes import CHANGES, Change
from tests.transformations.regressions import REGRESSIONS
from tests.transformations.subjects import subjects

SUBJECTS = 60
"""Subjects of each relation; all of them come round within a few relations."""


@pytest.mark.parametrize("relation", RELATIONS)
def test_a_transformed_capture_keeps_its_verdict_or_changes_as_the_table_says(
    relation: str,
) -> None:
    outcomes = list(sample(relation, SUBJECTS))
    assert len(outcomes) == SUBJECTS
    assert "\n".join(str(outcome) for outcome in outcomes if outcome.is_fault) == ""


@pytest.mark.parametrize("case", REGRESSIONS.values(), ids=list(REGRESSIONS))
def test_a_fault_that_a_long_run_found_is_mended(case: Case) -> None:
    outcome = outcome_of(case)
    assert outcome is not None
    assert not outcome.is_fault, str(outcome)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: f"{change.relation} {change[2:4]}")
def test_a_row_of_the_table_is_about_something(change: Change) -> None:
    assert change.relation in RELATIONS
    assert change.gone or change.came
    assert change.why
    assert any(change.fits(change.relation, [name]) for name in subjects())


def test_a_row_of_the_table_is_told_once() -> None:
    keys = [(change.relation, change.kind, change.gone, change.came) for change in CHANGES]
    assert len(set(keys)) == len(keys)


def test_a_case_is_known_by_its_line() -> None:
    outcome = next(sample("merged", 1))
    assert isinstance(outcome, Outcome)
    assert str(outcome.case).split()[-3:] == list(map(str, outcome.case))
