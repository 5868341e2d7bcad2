"""The ways in which the turns of a session may be understood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from msgspec import Struct

from capf_dissectors.capf_order import CLIENTS_TURN, TAKE_TIME, Command, Operation, Place
from capf_dissectors.capf_shape.fitting import Fit, Part, Spoken, spoken
from capf_dissectors.capf_shape.grammar import END, MOVES, Move
from capf_dissectors.capf_shape.shape import SessionState, awaited_at, state_at
from capf_dissectors.capf_shape.turns import Turn

_FEW_READINGS = 8
"""Ways of understanding that are all followed; sizes that are known have four at the most."""
_MOST_ALIKE = 3
"""Of more, those that stand at the same place with the same operation, the most typical ones."""
_MOST_OPERATIONS = 8
"""Operations of a session; CAPF does one, and is not known to do more than that."""

_History: TypeAlias = "tuple[_History, tuple[Part, ...]] | None"
"""What the turns say, the last one outermost."""


class Reading(Struct, frozen=True, eq=False):
    """One way to understand a session from its first turn to the last that was looked at."""

    place: Place = Place.BEGUN
    operation: Operation = Operation.UNKNOWN
    """The operation at which the session is."""
    done: tuple[Operation, ...] = ()
    """Operations that were done whole, in order."""
    history: _History = None
    typical_turns: int = 0
    """How many turns have a typical size."""
    unusual: bool = False
    """Whether any message is one that is hardly ever meant."""
    left: Place = Place.BEGUN
    """Where the session stood before its last message."""
    in_progress: bool = False
    """Whether all of the last turn was said while work was in progress."""

    @property
    def turns(self) -> list[tuple[Part, ...]]:
        """What each turn says."""
        return list(self._backwards())[::-1]

    def _backwards(self) -> Iterator[tuple[Part, ...]]:
        history = self.history
        while history is not None:
            history, parts = history
            yield parts

    @property
    def state(self) -> SessionState:
        """How far the session came."""
        return state_at(self.place, self.left)

    @property
    def last(self) -> Command | None:
        """The last message that has a name."""
        said = (part.message for parts in self._backwards() for part in reversed(parts))
        return next((message for message in said if message is not None), None)

    @property
    def awaited(self) -> Command | None:
        """What had to come next, or in the place of END_SESSION."""
        return awaited_at(self.place, self.left)


def readings(turns: Sequence[Turn]) -> list[Reading]:
    """Every way in which ``turns`` are a session or its beginning."""
    found = [Reading()]
    last = len(turns) - 1
    for number, turn in enumerate(turns):
        said, is_last = spoken(turn), number == last
        found = [after for before in found for after in _with_turn(before, said, is_last)]
        if len(found) > _FEW_READINGS:
            found = _pruned(found)
    return found


def _pruned(found: list[Reading]) -> list[Reading]:
    """Of readings that go on alike, the most typical ones; several, so that they may differ."""
    kept, alike = [], Counter[object]()
    for reading in sorted(found, key=_typical_first):
        left = reading.left if reading.place is Place.ENDED else None
        key = reading.place, reading.operation, reading.in_progress, left
        alike[key] += 1
        if alike[key] <= _MOST_ALIKE:
            kept.append(reading)
    return kept


def _typical_first(reading: Reading) -> tuple[int, bool]:
    return -reading.typical_turns, reading.unusual


def _with_turn(reading: Reading, said: Spoken, is_last: bool) -> Iterator[Reading]:
    """Every way in which a reading goes on with a turn."""
    place = reading.place
    if place is Place.ENDED:
        return
    from_client, takes_time = said.turn.from_client, place in TAKE_TIME
    if from_client == (place in CLIENTS_TURN):
        if takes_time and said.as_progress is not None:
            yield _waiting(reading, said.as_progress, unusual=False)
        for move in MOVES[place]:
            fit = said.as_message(move, may_wait=takes_time)
            if fit is not None and len(reading.done) < _MOST_OPERATIONS:
                yield _moved(reading, move, fit)
    elif reading.in_progress and place is Place.KEY_ASKED and said.as_company is not None:
        yield _waiting(reading, said.as_company, unusual=True)
    if is_last and not from_client:
        yield from _with_early_end(reading, said)


def _moved(reading: Reading, move: Move, fit: Fit) -> Reading:
    done = reading.done
    return Reading(
        move.to,
        move.operation or reading.operation,
        (*done, reading.operation) if move.to is Place.DONE else done,
        (reading.history, fit.parts),
        reading.typical_turns + fit.typical,
        reading.unusual or move.unusual,
        reading.place,
    )


def _waiting(reading: Reading, fit: Fit, *, unusual: bool) -> Reading:
    """A reading with a turn that only says that its sender is still there."""
    return Reading(
        reading.place,
        reading.operation,
        reading.done,
        (reading.history, fit.parts),
        reading.typical_turns + fit.typical,
        reading.unusual or unusual,
        reading.left,
        in_progress=True,
    )


def _with_early_end(reading: Reading, said: Spoken) -> Iterator[Reading]:
    """A reading with a turn whose last record is END_SESSION, where something else was due."""
    ending = said.last_record
    end = ending.as_message(END, may_wait=False)
    if end is None:
        return
    end = end._replace(typical=end.typical and ending.turn.smallest == ending.turn.largest)
    if ending is said:
        if reading.place in CLIENTS_TURN:
            yield _moved(reading, END, end)
        return
    before = said.before_last
    for start in _with_turn(reading, before, False) if before is not None else ():
        if start.place in CLIENTS_TURN and start.history is not None:
            typical = start.typical_turns > reading.typical_turns and end.typical
            fit = Fit((*start.history[1], *end.parts), typical)
            yield _moved(_without_last_turn(start, reading), END, fit)


def _without_last_turn(start: Reading, before: Reading) -> Reading:
    """Where ``start`` stands, with what was said before it alone."""
    return Reading(
        start.place,
        start.operation,
        start.done,
        before.history,
        before.typical_turns,
        start.unusual,
        start.left,
    )
