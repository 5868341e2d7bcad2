"""The best reading of a session among all operations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TypeVar

from capf_dissectors.capf_shape.grammar import (
    COURSES,
    IN_PROGRESS_LENGTH,
    CapfMessage,
    Operation,
)
from capf_dissectors.capf_shape.reading import Reading, readings
from capf_dissectors.capf_shape.shape import Certainty, SessionShape, SessionState
from capf_dissectors.capf_shape.turns import SizedRecord, Turn, turns_of

_Value = TypeVar("_Value")

MAX_RECORDS = 500
"""Records of a session that are looked at; CAPF has some dozens, keepalives included."""
_SHORTEST_EVIDENCE = 3
"""Turns that a session must have before its shape says anything with likelihood."""
_PREFERENCE = (
    SessionState.COMPLETE,
    SessionState.ENDED_AFTER_AUTHENTICATION,
    SessionState.ENDED_AT_START,
    SessionState.PARTIAL,
)
"""Which state is believed where sizes cannot tell: servers end sessions, phones seldom vanish."""


def classify(records: Sequence[SizedRecord], *, server_closed: bool = False) -> SessionShape:
    """Say what a session was from the encrypted application records of both sides.

    Each record is ``(from_client, smallest, largest)`` with bounds of its plaintext in octets, in
    order of time and without alerts and handshake. ``server_closed`` says that the server closed
    the connection of itself right after the last record; that tells END_SESSION from a request of
    the same size, to which the server would await the answer.
    """
    if len(records) > MAX_RECORDS:
        return _unrecognised(len(records))
    return _classify(tuple(records), server_closed)


@lru_cache(maxsize=1024)
def _classify(records: tuple[SizedRecord, ...], server_closed: bool) -> SessionShape:
    """Phones of one cluster say the same: most sessions of a storm have sizes already judged."""
    turns = turns_of(records)
    found = [reading for course in COURSES for reading in readings(course, turns)]
    if server_closed:
        found = [reading for reading in found if reading.last is CapfMessage.END_SESSION] or found
    if not found:
        return _unrecognised(len(records))
    best = max(found, key=_rank)
    equals = _one_an_operation([reading for reading in found if _rank(reading) == _rank(best)])
    return SessionShape(
        _agreed([reading.operation for reading in equals]) or Operation.UNKNOWN,
        best.state,
        _certainty(best, found, turns),
        _agreed([reading.last for reading in equals]),
        _agreed([reading.awaited for reading in equals]),
        tuple(_names(turns, equals)),
    )


def _unrecognised(count: int) -> SessionShape:
    return SessionShape(
        Operation.UNKNOWN,
        SessionState.UNRECOGNISED,
        Certainty.POSSIBLE,
        None,
        None,
        (None,) * count,
    )


def _rank(reading: Reading) -> tuple[int, int]:
    """Typical sizes count first, then what sessions usually do."""
    return reading.typical_turns, -_PREFERENCE.index(reading.state)


def _one_an_operation(equals: Sequence[Reading]) -> list[Reading]:
    """The first reading of each operation, which is of its usual form."""
    first: dict[Operation, Reading] = {}
    for reading in equals:
        first.setdefault(reading.operation, reading)
    return list(first.values())


def _agreed(values: Sequence[_Value]) -> _Value | None:
    """The value that all share, or None."""
    return values[0] if all(value == values[0] for value in values) else None


def _certainty(best: Reading, found: Sequence[Reading], turns: Sequence[Turn]) -> Certainty:
    meanings = {
        (reading.operation, reading.state)
        for reading in found
        if reading.typical_turns == best.typical_turns
    }
    sure = len(turns) >= _SHORTEST_EVIDENCE and best.typical_turns == len(turns)
    return Certainty.LIKELY if sure and len(meanings) == 1 else Certainty.POSSIBLE


def _names(turns: Sequence[Turn], equals: Sequence[Reading]) -> Iterator[CapfMessage | None]:
    """The message of each record, None where equally good readings differ."""
    for at, turn in enumerate(turns):
        message = _agreed([reading.parts[at].message for reading in equals])
        progress = equals[0].parts[at].in_progress
        for _, largest in turn.records:
            yield CapfMessage.REQUEST_IN_PROGRESS if progress else message
            if largest >= IN_PROGRESS_LENGTH:
                progress = max(0, progress - 1)
