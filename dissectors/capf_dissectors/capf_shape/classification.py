"""The best reading of a session among all operations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TypeVar

from capf_dissectors.capf_order import Command, Operation, Place
from capf_dissectors.capf_shape.grammar import (
    IN_PROGRESS,
    IN_PROGRESS_LENGTH,
)
from capf_dissectors.capf_shape.reading import Reading, readings
from capf_dissectors.capf_shape.shape import (
    Certainty,
    DoneOperation,
    Ended,
    SessionShape,
    SessionState,
    ShapedMessage,
)
from capf_dissectors.capf_shape.turns import SizedRecord, Turn, turn_of, turns_of
from capf_dissectors.tls.registries import Version

_Value = TypeVar("_Value")

MAX_RECORDS = 256
"""Records of a session that are looked at; CAPF has some dozens, keepalives included."""
MAX_BLURRED_RECORDS = 64
"""The same where the size of a record is known so badly that everything fits."""
_BLURRED = 80
"""Bytes of uncertainty that make a record say nothing: an unknown cipher suite makes more."""
_SHORTEST_EVIDENCE = 3
"""Turns that a session must have before its shape says anything with likelihood."""
_PREFERENCE = (
    SessionState.COMPLETE,
    SessionState.ENDED_AFTER_AUTHENTICATION,
    SessionState.ENDED_AT_START,
    SessionState.PARTIAL,
)
"""Which state is believed where sizes cannot tell: servers end sessions, phones seldom vanish."""


def classify(
    records: Sequence[SizedRecord],
    *,
    version: int | None = None,
    ended: Ended = Ended.NOT_BY_SERVER,
    sure: bool = True,
) -> SessionShape:
    """Say what a session was from the encrypted application records of both sides.

    Each record is ``(from_client, smallest, largest)`` with bounds of its plaintext in bytes, in
    order of time and without alerts and handshake. ``version`` is that of TLS, None if not known;
    ``sure`` says whether these are surely all records, with sizes that are to be believed: if not,
    nothing is more than possible.
    """
    if len(records) > MAX_BLURRED_RECORDS and (
        len(records) > MAX_RECORDS or any(high - low > _BLURRED for _, low, high in records)
    ):
        return _unrecognised(len(records))
    may_be_split = version is None or version < Version.TLS_1_1
    return _classify(tuple(records), may_be_split, ended, sure)


@lru_cache(maxsize=1024)
def _classify(
    records: tuple[SizedRecord, ...], may_be_split: bool, ended: Ended, sure: bool
) -> SessionShape:
    """Phones of one cluster say the same: most sessions of a storm have sizes already judged."""
    turns = turns_of(records, may_be_split=may_be_split)
    everything = readings(turns)
    found = everything
    if ended is not Ended.NOT_BY_SERVER:
        found = [reading for reading in found if reading.place is Place.ENDED] or found
    if not found:
        return _unrecognised(len(records))
    best = max(found, key=_rank)
    equals = _one_a_meaning([reading for reading in found if _rank(reading) == _rank(best)])
    rivals = [one for one in everything if one.typical_turns == best.typical_turns]
    sure = sure and len(turns) >= _SHORTEST_EVIDENCE and best.typical_turns == len(turns)
    said = tuple(_said(turns, equals, rivals, sure))
    likely = sure and len(set(map(_meaning, rivals))) == 1
    return SessionShape(
        _agreed([reading.operation for reading in equals]) or Operation.UNKNOWN,
        best.state,
        Certainty.LIKELY if likely else Certainty.POSSIBLE,
        _agreed([reading.last for reading in equals]),
        _agreed([reading.awaited for reading in equals]),
        tuple(one.command for one in said for _ in range(one.first, one.last + 1)),
        said,
        tuple(_done(equals[0], rivals, sure)),
    )


def _done(best: Reading, rivals: Sequence[Reading], sure: bool) -> Iterator[DoneOperation]:
    for number, operation in enumerate(best.done, 1):
        agreed = all(reading.done[:number] == best.done[:number] for reading in rivals)
        yield DoneOperation(operation, Certainty.LIKELY if sure and agreed else Certainty.POSSIBLE)


def _unrecognised(count: int) -> SessionShape:
    return SessionShape(
        Operation.UNKNOWN,
        SessionState.UNRECOGNISED,
        Certainty.POSSIBLE,
        None,
        None,
        (None,) * count,
    )


def _rank(reading: Reading) -> tuple[int, bool, int]:
    """Typical sizes count first, then what sessions usually do."""
    return reading.typical_turns, not reading.unusual, -_PREFERENCE.index(reading.state)


def _meaning(reading: Reading) -> tuple[Operation, SessionState]:
    """What a reading says of a session.

    A last message that may begin a further operation, or be END_SESSION, leaves what was done.
    """
    if reading.left is Place.DONE and reading.place is not Place.ENDED:
        return reading.done[-1], SessionState.COMPLETE
    return reading.operation, reading.state


def _one_a_meaning(equals: Sequence[Reading]) -> list[Reading]:
    """The first reading of each meaning, which is of its usual form."""
    first: dict[object, Reading] = {}
    for reading in equals:
        first.setdefault(_meaning(reading), reading)
    return list(first.values())


def _agreed(values: Sequence[_Value]) -> _Value | None:
    """The value that all share, or None."""
    return values[0] if all(value == values[0] for value in values) else None


def _said(
    turns: Sequence[Turn], equals: Sequence[Reading], rivals: Sequence[Reading], sure: bool
) -> Iterator[ShapedMessage]:
    """The messages of the best reading; without a name where equally good ones differ."""
    begun = 0
    best = equals[0].turns
    names = list(zip(*map(_names, equals), strict=True))
    others = list(zip(*map(_names, rivals), strict=True)) if sure else names
    for at, turn in enumerate(turns):
        named = _agreed(names[at])
        likely = sure and named == _agreed(others[at])
        left = list(turn.records)
        for number, part in enumerate(best[at]):
            own, left = turn_of(turn.from_client, left[: part.records]), left[part.records :]
            command = None if named is None else named[number]
            hidden = _may_be_other(command, own, turns)
            yield ShapedMessage(
                turn.from_client,
                command,
                begun,
                begun + part.records - 1,
                own.smallest,
                own.largest,
                Certainty.LIKELY if likely and not hidden else Certainty.POSSIBLE,
            )
            begun += part.records


def _names(reading: Reading) -> list[list[Command | None]]:
    """The messages of each turn."""
    return [[part.message for part in parts] for parts in reading.turns]


def _may_be_other(command: Command | None, own: Turn, turns: Sequence[Turn]) -> bool:
    """Whether REQUEST_IN_PROGRESS and another message cannot be told from each other.

    Where a size is not exact, a short answer may be either; and who writes the header of a message
    apart from the rest seems to say REQUEST_IN_PROGRESS before each.
    """
    in_progress = command is Command.REQUEST_IN_PROGRESS
    if own.smallest < own.largest:
        short = IN_PROGRESS.meet(own.smallest, own.largest)
        return short and (in_progress or own.from_client)
    first = next(turn for turn in turns if turn.from_client == own.from_client)
    return in_progress and (len(first.records) > 1 or own.largest != IN_PROGRESS_LENGTH)
