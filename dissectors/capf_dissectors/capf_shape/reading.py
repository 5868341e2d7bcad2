"""One operation laid against the turns of a session."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from capf_dissectors.capf_shape.grammar import (
    AUTHENTICATION_STEPS,
    END,
    IN_PROGRESS_LENGTH,
    CapfMessage,
    Course,
    Operation,
    Sizes,
    Step,
)
from capf_dissectors.capf_shape.shape import SessionState
from capf_dissectors.capf_shape.turns import Turn

_MOST_IN_PROGRESS = 64
"""REQUEST_IN_PROGRESS messages that one turn is searched for."""
_MOST_BLUR = 64
"""Octets of uncertainty over which a turn's size says nothing typical."""
_IN_PROGRESS = Sizes(((IN_PROGRESS_LENGTH, IN_PROGRESS_LENGTH + 3),))
_KEEPALIVE = Sizes(((8, 32),))
"""What the server may send while the phone generates its key."""


class Part(NamedTuple):
    """What a turn says: messages in progress, then at most one other."""

    in_progress: int
    message: CapfMessage | None
    typical: bool


class Reading(NamedTuple):
    """One way to understand a session from its first turn to its last."""

    operation: Operation
    state: SessionState
    parts: tuple[Part, ...]
    last: CapfMessage | None
    awaited: CapfMessage | None

    @property
    def typical_turns(self) -> int:
        """How many turns have a typical size."""
        return sum(part.typical for part in self.parts)


def readings(course: Course, turns: Sequence[Turn]) -> Iterator[Reading]:
    """Every way in which ``turns`` are this course or its beginning."""
    parts: list[Part] = []
    at = 0
    for number, step in enumerate(course.steps):
        at = _pass_keepalives(step, turns, at, parts)
        if at == len(turns):
            yield _unfinished(course, number, parts)
            return
        turn = turns[at]
        if turn.from_client != step.from_client:
            return
        if at == len(turns) - 1:
            yield from _last_turn(course, number, turn, parts)
        part = _part(step, turn)
        if part is None:
            return
        parts.append(part)
        at += 1
    if at == len(turns):
        state = SessionState.PARTIAL if course.missing else SessionState.COMPLETE
        last = CapfMessage.END_SESSION
        yield Reading(course.operation, state, tuple(parts), last, course.missing)


def _pass_keepalives(step: Step, turns: Sequence[Turn], at: int, parts: list[Part]) -> int:
    """Pass over turns in which the client is in progress and the server only keeps it company."""
    if step.message is not CapfMessage.KEYGEN_RESPONSE:
        return at
    while at + 2 < len(turns) and turns[at].from_client:
        progress, company = _progress(turns[at]), turns[at + 1]
        if not progress or not _KEEPALIVE.meet(company.smallest, company.largest):
            break
        parts += [Part(progress, None, typical=False), Part(0, None, typical=False)]
        at += 2
    return at


def _unfinished(course: Course, number: int, parts: Sequence[Part]) -> Reading:
    """The reading of a session that stops before step ``number``."""
    last = course.steps[number - 1].message if number else None
    state = SessionState.PARTIAL if number > 1 else SessionState.ENDED_AT_START
    return Reading(course.operation, state, tuple(parts), last, course.steps[number].message)


def _last_turn(course: Course, number: int, turn: Turn, parts: Sequence[Part]) -> Iterator[Reading]:
    """Readings in which the last turn is not what step ``number`` asks for."""
    step = course.steps[number]
    progress = _progress(turn) if step.after_progress else 0
    if progress:
        part = Part(progress, None, _sharp(turn))
        yield Reading(
            course.operation,
            SessionState.PARTIAL,
            (*parts, part),
            CapfMessage.REQUEST_IN_PROGRESS,
            step.message,
        )
    if not turn.from_client and step is not END and number >= AUTHENTICATION_STEPS:
        ending = _part(END, turn)
        if ending is not None:
            yield _ended_early(course, number, (*parts, ending))


def _ended_early(course: Course, number: int, parts: tuple[Part, ...]) -> Reading:
    """The reading of a session whose END_SESSION stands where step ``number`` was due."""
    last = CapfMessage.END_SESSION
    if number == AUTHENTICATION_STEPS:
        state = SessionState.ENDED_AFTER_AUTHENTICATION
        return Reading(Operation.UNKNOWN, state, parts, last, None)
    awaited = course.steps[number].message
    return Reading(course.operation, SessionState.PARTIAL, parts, last, awaited)


def _part(step: Step, turn: Turn) -> Part | None:
    """The turn as this step's message, in progress first where that may be; None if neither."""
    most = min(_MOST_IN_PROGRESS, len(turn.records)) if step.after_progress else 0
    allowed = None
    for count in range(most + 1):
        said = count * IN_PROGRESS_LENGTH
        smallest, largest = max(0, turn.smallest - said), turn.largest - said
        if step.typical.meet(smallest, largest):
            return Part(_leading_progress(turn, most), step.message, _sharp(turn))
        if allowed is None and step.allowed.meet(smallest, largest):
            allowed = Part(_leading_progress(turn, most), step.message, typical=False)
    return allowed


def _leading_progress(turn: Turn, most: int) -> int:
    """How many records at the head of a turn have the size of REQUEST_IN_PROGRESS."""
    count = 0
    for smallest, largest in turn.records[:-1]:
        if count == most or largest < IN_PROGRESS_LENGTH:
            continue
        if not _IN_PROGRESS.meet(smallest, largest):
            break
        count += 1
    return count


def _progress(turn: Turn) -> int:
    """How many REQUEST_IN_PROGRESS a turn consists of; 0 where it is something else."""
    full = [bounds for bounds in turn.records if bounds[1] >= IN_PROGRESS_LENGTH]
    return len(full) if all(_IN_PROGRESS.meet(*bounds) for bounds in full) else 0


def _sharp(turn: Turn) -> bool:
    return turn.largest - turn.smallest <= _MOST_BLUR
