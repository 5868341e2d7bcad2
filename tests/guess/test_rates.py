"""The guess of CAPF sessions, held against what was really said in every recording."""

from __future__ import annotations

import os
import ssl
from functools import cache
from itertools import product

import pytest

from tests.guess.drawn import of_drawn
from tests.guess.page import PAGE, drawn, text
from tests.guess.rates import Aspect, Mark, Tally, of_recording
from tests.guess.truth import RECORDINGS, TrueSession, capf_sessions

KEYS = {"rsa-1024", "rsa-2048", "rsa-3072", "rsa-4096", "ec-256", "ec-384", "ec-521"}
WAYS = {"null-string", "string", "lsc", "mic"}
TASKS = {
    "install",
    "fetch",
    "delete",
    "refuse",
    "retry-later",
    "fetch install",
    "delete install",
    "malformed-element",
    "malformed-header",
}


@cache
def tallies() -> dict[str, Tally]:
    return {folder.name: of_recording(folder) for folder in RECORDINGS}


def test_nothing_that_is_likely_is_wrong() -> None:
    assert [wrong for tally in tallies().values() for wrong in tally.wrong] == []


def test_the_page_has_the_rates_of_today() -> None:
    written = text(tallies())
    if os.environ.get("CAPFPCAP_GUESS") == "write":
        of_sessions = drawn(of_drawn(), " ".join(ssl.OPENSSL_VERSION.split()[:2]))
        PAGE.write_text(written + of_sessions, encoding="utf-8")
    recorded, _, rest = PAGE.read_text(encoding="utf-8").partition("\n## Drawn")
    assert recorded == written
    rows = [line for line in rest.splitlines() if line.startswith("| ")][1:]
    assert len(rows) == len(Aspect)
    assert all(row.endswith(" | 0 (0%) |") for row in rows)


def test_the_rates_are_of_answers_that_are_given() -> None:
    for tally in tallies().values():
        for aspect, marks in tally.marks.items():
            right = marks[Mark.LIKELY_RIGHT] + marks[Mark.POSSIBLE_RIGHT]
            assert right > marks.total() / 4, aspect


def sessions_of(name: str) -> list[TrueSession]:
    return [session for folder, session in capf_sessions() if folder.name == name]


@pytest.mark.parametrize("name", [folder.name for folder in RECORDINGS])
def test_every_task_key_and_way_of_authentication_meets_every_suite(name: str) -> None:
    sessions = sessions_of(name)
    assert {" ".join(session.operations) for session in sessions} >= TASKS
    assert {session.key for session in sessions if session.issued} >= KEYS
    assert {session.authentication for session in sessions} >= WAYS


def test_every_way_of_authentication_meets_every_task_and_every_key() -> None:
    sessions = [session for _, session in capf_sessions()]
    tasks = {(" ".join(one.operations), one.authentication) for one in sessions}
    assert tasks >= set(product(TASKS, WAYS))
    keys = {(one.key, one.authentication) for one in sessions if one.issued}
    assert keys >= set(product(KEYS, WAYS))
