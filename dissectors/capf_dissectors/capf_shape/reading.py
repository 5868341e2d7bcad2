"""The ways in which the turns of a session may be understood."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from capf_dissectors.capf_shape.grammar import (
    AWAITED,
    CLIENTS_TURN,
    END,
    IN_PROGRESS,
    IN_PROGRESS_LENGTH,
    KEEPALIVE,
    MOVES,
    TAKE_TIME,
    CapfMessage,
    Move,
    Operation,
    Place,
    Sizes,
)
from capf_dissectors.capf_shape.shape import SessionState
from capf_dissectors.capf_shape.turns import Turn, turn_of

_MOST_IN_PROGRESS = 64
"""REQUEST_IN_PROGRESS messages that one turn is searched for."""
_MOST_JOINED = 2 * IN_PROGRESS_LENGTH
"""Bytes of REQUEST_IN_PROGRESS that may stand in one record with another message."""
_SHORT = 64
"""Bytes up to which a message is short, AUTH_RESPONSE without certificates included."""
_MOST_BLUR, _MOST_BLUR_OF_SHORT = 64, 16
"""Bytes of uncertainty over which the size of a message says nothing typical.

Blocks of a cipher make 15, and a record with the first byte alone before the rest one more.
"""
_MOST_READINGS = 48
"""Ways of understanding that are followed at a time; sizes that are known have four at the most."""
_LONGEST_KEEPALIVE = 16
"""Bytes of what a side may well say while the other one is busy: a header and an element."""


class Part(NamedTuple):
    """What some of a turn's records say."""

    message: CapfMessage | None
    records: int
    """How many records of the turn, from where the part before it ends."""
    typical: bool = True


class Reading(NamedTuple):
    """One way to understand a session from its first turn to the last that was looked at."""

    place: Place = Place.BEGUN
    operation: Operation = Operation.UNKNOWN
    """The operation at which the session is."""
    done: tuple[Operation, ...] = ()
    """Operations that were done whole, in order."""
    turns: tuple[tuple[Part, ...], ...] = ()
    """What each turn says."""
    typical_turns: int = 0
    """How many turns have a typical size."""
    unusual: bool = False
    """Whether any message is one that is hardly ever meant."""
    left: Place = Place.BEGUN
    """Where the session stood before END_SESSION."""
    in_progress: bool = False
    """Whether all of the last turn was said while work was in progress."""

    @property
    def is_kept_alive(self) -> bool:
        """Whether the other side may say that it is still there."""
        return self.in_progress and self.place is Place.KEY_ASKED

    @property
    def state(self) -> SessionState:
        """How far the session came."""
        if self.place in (Place.BEGUN, Place.AUTHENTICATION_ASKED):
            return SessionState.ENDED_AT_START
        if self.place is Place.ENDED:
            return _ENDED_AT.get(self.left, SessionState.PARTIAL)
        return SessionState.PARTIAL

    @property
    def last(self) -> CapfMessage | None:
        """The last message that has a name."""
        return next((said for said in self._backwards() if said is not None), None)

    def _backwards(self) -> Iterator[CapfMessage | None]:
        return (part.message for turn in reversed(self.turns) for part in reversed(turn))

    @property
    def awaited(self) -> CapfMessage | None:
        """What had to come next, or in the place of END_SESSION."""
        ended = self.place is Place.ENDED
        if ended and self.state is not SessionState.PARTIAL:
            return None
        return AWAITED[self.left if ended else self.place]


_ENDED_AT = {
    Place.AUTHENTICATION_ASKED: SessionState.ENDED_AT_START,
    Place.AUTHENTICATED: SessionState.ENDED_AFTER_AUTHENTICATION,
    Place.DONE: SessionState.COMPLETE,
}
"""What END_SESSION makes of a session, by where it stood."""


def readings(turns: Sequence[Turn]) -> list[Reading]:
    """Every way in which ``turns`` are a session or its beginning."""
    found = [Reading()]
    for number, turn in enumerate(turns, 1):
        last = number == len(turns)
        found = [after for before in found for after in _with_turn(before, turn, last)]
        if len(found) > _MOST_READINGS:
            found.sort(key=lambda reading: -reading.typical_turns)
            del found[_MOST_READINGS:]
    return found


def _with_turn(reading: Reading, turn: Turn, is_last: bool) -> Iterator[Reading]:
    """Every way in which a reading goes on with a turn."""
    place = reading.place
    if place is Place.ENDED:
        return
    if turn.from_client == (place in CLIENTS_TURN):
        if place in TAKE_TIME and _are_all(IN_PROGRESS, turn):
            message = CapfMessage.REQUEST_IN_PROGRESS
            yield _waiting(reading, turn, message, typical=_is_sharp(turn))
        for move in MOVES[place]:
            yield from _with_move(reading, turn, move)
    elif reading.is_kept_alive and _are_all(KEEPALIVE, turn):
        typical = all(smallest <= _LONGEST_KEEPALIVE for smallest, _ in turn.full)
        waiting = _waiting(reading, turn, None, typical=typical and _is_sharp(turn))
        yield waiting._replace(unusual=True)
    if is_last and not turn.from_client:
        yield from _with_early_end(reading, turn)


def _are_all(sizes: Sizes, turn: Turn) -> bool:
    """Whether all records that hold a message may have one of these sizes, and some do."""
    full = turn.full
    return bool(full) and all(sizes.meet(*bounds) for bounds in full)


def _with_move(reading: Reading, turn: Turn, move: Move) -> Iterator[Reading]:
    """A reading with a message that fills a turn, after others in progress where that may be."""
    parts = _parts(move, turn, may_wait=reading.place in TAKE_TIME)
    if parts is not None:
        yield _moved(reading, move, parts)


def _moved(reading: Reading, move: Move, parts: tuple[Part, ...]) -> Reading:
    done = move.to is Place.DONE
    return reading._replace(
        place=move.to,
        operation=move.operation or reading.operation,
        done=(*reading.done, reading.operation) if done else reading.done,
        turns=(*reading.turns, parts),
        typical_turns=reading.typical_turns + all(part.typical for part in parts),
        unusual=reading.unusual or move.unusual,
        left=reading.place,
        in_progress=False,
    )


def _waiting(
    reading: Reading, turn: Turn, message: CapfMessage | None, *, typical: bool
) -> Reading:
    """A reading with a turn that only says that its sender is still there."""
    return reading._replace(
        turns=(*reading.turns, _each(turn, message, typical=typical)),
        typical_turns=reading.typical_turns + typical,
        in_progress=True,
    )


def _each(turn: Turn, message: CapfMessage | None, *, typical: bool) -> tuple[Part, ...]:
    """A message for each record that holds one, empty ones before it included."""
    parts, waiting = [], 0
    for _, largest in turn.records:
        waiting += 1
        if largest >= IN_PROGRESS_LENGTH:
            parts.append(Part(message, waiting, typical))
            waiting = 0
    if waiting:
        parts.append(Part(None, waiting, typical))
    return tuple(parts)


def _with_early_end(reading: Reading, turn: Turn) -> Iterator[Reading]:
    """A reading with a turn whose last record is END_SESSION, where something else was due."""
    before, ending = turn.records[:-1], turn_of(False, turn.records[-1:])
    parts = _parts(END, ending, may_wait=False)
    if parts is None:
        return
    parts = tuple(part._replace(typical=part.typical and _is_exact(ending)) for part in parts)
    if not before and reading.place in CLIENTS_TURN:
        yield _moved(reading, END, parts)
    for start in _with_turn(reading, turn_of(False, before), False) if before else ():
        if start.place in CLIENTS_TURN:
            ended = _moved(start, END, parts)
            turns = (*start.turns[:-1], (*start.turns[-1], *parts))
            typical_turns = reading.typical_turns + all(part.typical for part in turns[-1])
            yield ended._replace(turns=turns, typical_turns=typical_turns)


def _parts(move: Move, turn: Turn, *, may_wait: bool) -> tuple[Part, ...] | None:
    """The turn as this message, in progress first where that may be; None if it is not."""
    waiting = _in_progress(turn) if may_wait else ()
    for sizes in (move.typical, move.allowed):
        typical = sizes is move.typical
        for count in range(len(waiting), -1, -1):
            begun = sum(waiting[:count])
            rest = turn_of(turn.from_client, turn.records[begun:])
            if sizes.meet(rest.smallest, rest.largest) or (may_wait and _holds_more(sizes, rest)):
                sharp = typical and _is_sharp(rest, sizes)
                message = Part(move.message, len(rest.records), sharp)
                before = [Part(CapfMessage.REQUEST_IN_PROGRESS, n, sharp) for n in waiting[:count]]
                return (*before, message)
    return None


def _in_progress(turn: Turn) -> tuple[int, ...]:
    """How many records each REQUEST_IN_PROGRESS at the head of a turn has, empty ones included."""
    counts: list[int] = []
    begun = 0
    for at, (smallest, largest) in enumerate(turn.records[:-1], 1):
        if largest < IN_PROGRESS_LENGTH:
            continue
        if len(counts) == _MOST_IN_PROGRESS or not IN_PROGRESS.meet(smallest, largest):
            break
        counts.append(at - begun)
        begun = at
    return tuple(counts)


def _holds_more(sizes: Sizes, rest: Turn) -> bool:
    """Whether records hold a message of these sizes, and REQUEST_IN_PROGRESS before it."""
    return any(
        sizes.meet(max(0, rest.smallest - said), rest.largest - said)
        for said in range(IN_PROGRESS_LENGTH, _MOST_JOINED + 1, IN_PROGRESS_LENGTH)
    )


def _is_exact(turn: Turn) -> bool:
    return turn.smallest == turn.largest


def _is_sharp(turn: Turn, sizes: Sizes = KEEPALIVE) -> bool:
    """Whether a size is known well enough to say that it is one of these."""
    longest = max((high for _, high in sizes.ranges), default=0)
    most = _MOST_BLUR if longest > _SHORT else _MOST_BLUR_OF_SHORT
    return turn.largest - turn.smallest <= most
