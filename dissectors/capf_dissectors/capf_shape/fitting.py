"""A turn laid against the messages that it may be."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, lru_cache
from typing import NamedTuple

from capf_dissectors.capf_order import Command
from capf_dissectors.capf_shape.grammar import (
    IN_PROGRESS,
    IN_PROGRESS_LENGTH,
    KEEPALIVE,
    Move,
    Sizes,
)
from capf_dissectors.capf_shape.turns import Turn, turn_of

_MOST_IN_PROGRESS = 64
"""REQUEST_IN_PROGRESS messages that one turn is searched for."""
_MOST_JOINED = 2 * IN_PROGRESS_LENGTH
"""Bytes of REQUEST_IN_PROGRESS that may stand in one record with a message that is not short."""
_SHORT = 64
"""Bytes up to which a message is short, AUTH_RESPONSE without certificates included."""
_MOST_BLUR, _MOST_BLUR_OF_SHORT = 64, 16
"""Bytes of uncertainty over which the size of a message says nothing typical.

Blocks of a cipher make 15, and a record with the first byte alone before the rest one more.
"""
_LONGEST_KEEPALIVE = 16
"""Bytes of what a side may well say while the other one is busy: a header and an element."""


class Part(NamedTuple):
    """What some of a turn's records say."""

    message: Command | None
    records: int
    """How many records of the turn, from where the part before it ends."""


class Fit(NamedTuple):
    """All of a turn's records as messages."""

    parts: tuple[Part, ...]
    typical: bool
    """Whether all sizes are typical."""


class _Rest(NamedTuple):
    """What is left of a turn behind some REQUEST_IN_PROGRESS."""

    before: tuple[Part, ...]
    smallest: int
    largest: int
    records: int


_FEW_RECORDS = 8
"""Records of a turn that is remembered: most turns of a cluster's sessions are alike."""


def spoken(turn: Turn) -> Spoken:
    """A turn that messages are laid against."""
    return _remembered(turn) if len(turn.records) <= _FEW_RECORDS else Spoken(turn)


@lru_cache(1024)
def _remembered(turn: Turn) -> Spoken:
    return Spoken(turn)


class Spoken:
    """A turn, and which messages it may be; each question is answered once."""

    def __init__(self, turn: Turn) -> None:
        self.turn = turn
        self._fits: dict[tuple[Move, bool], Fit | None] = {}

    def as_message(self, move: Move, *, may_wait: bool) -> Fit | None:
        """The turn as one message, in progress first where that may be; None if it is not."""
        key = move, may_wait
        if key not in self._fits:
            self._fits[key] = self._fit(move, may_wait)
        return self._fits[key]

    def _fit(self, move: Move, may_wait: bool) -> Fit | None:
        for sizes, typical in ((move.typical, True), (move.allowed, False)):
            for rest in self._rests if may_wait else self._rests[-1:]:
                joined = _MOST_JOINED if may_wait and sizes.longest > _SHORT else 0
                if sizes.meet(rest.smallest - joined, rest.largest):
                    parts = (*rest.before, Part(move.message, rest.records))
                    return Fit(parts, typical and _is_sharp(rest.smallest, rest.largest, sizes))
        return None

    @cached_property
    def _rests(self) -> tuple[_Rest, ...]:
        """What is left behind all REQUEST_IN_PROGRESS at the head, behind one less, …, none."""
        turn = self.turn
        rests = [_Rest((), turn.smallest, turn.largest, len(turn.records))]
        for size in self._in_progress():
            before, smallest, largest, records = rests[-1]
            begun = len(turn.records) - records
            said = turn.records[begun : begun + size]
            rests.append(
                _Rest(
                    (*before, Part(Command.REQUEST_IN_PROGRESS, size)),
                    smallest - sum(low for low, _ in said),
                    largest - sum(high for _, high in said),
                    records - size,
                )
            )
        return tuple(reversed(rests))

    def _in_progress(self) -> Iterator[int]:
        """How many records each REQUEST_IN_PROGRESS at the head has, empty ones included."""
        begun = count = 0
        for at, (smallest, largest) in enumerate(self.turn.records[:-1], 1):
            if largest < IN_PROGRESS_LENGTH:
                continue
            if count == _MOST_IN_PROGRESS or not IN_PROGRESS.meet(smallest, largest):
                return
            yield at - begun
            count += 1
            begun = at

    @cached_property
    def as_progress(self) -> Fit | None:
        """The turn as nothing but REQUEST_IN_PROGRESS."""
        if not self._are_all(IN_PROGRESS):
            return None
        turn = self.turn
        sharp = _is_sharp(turn.smallest, turn.largest, IN_PROGRESS)
        return Fit(self._each(Command.REQUEST_IN_PROGRESS), sharp)

    @cached_property
    def as_company(self) -> Fit | None:
        """The turn as what a side says that only shows that it is still there."""
        if not self._are_all(KEEPALIVE):
            return None
        turn = self.turn
        short = all(smallest <= _LONGEST_KEEPALIVE for smallest, _ in turn.full)
        sharp = _is_sharp(turn.smallest, turn.largest, KEEPALIVE)
        return Fit(self._each(None), short and sharp)

    @cached_property
    def before_last(self) -> Spoken | None:
        """The turn without its last record."""
        records = self.turn.records[:-1]
        return Spoken(turn_of(self.turn.from_client, records)) if records else None

    @cached_property
    def last_record(self) -> Spoken:
        """Its last record alone."""
        if len(self.turn.records) == 1:
            return self
        return Spoken(turn_of(self.turn.from_client, self.turn.records[-1:]))

    def _are_all(self, sizes: Sizes) -> bool:
        """Whether all records that hold a message may have one of these sizes, and some do."""
        full = self.turn.full
        return bool(full) and all(sizes.meet(*bounds) for bounds in full)

    def _each(self, message: Command | None) -> tuple[Part, ...]:
        """A message for each record that holds one, empty ones before it included."""
        parts, waiting = [], 0
        for _, largest in self.turn.records:
            waiting += 1
            if largest >= IN_PROGRESS_LENGTH:
                parts.append(Part(message, waiting))
                waiting = 0
        if waiting:
            parts.append(Part(None, waiting))
        return tuple(parts)


def _is_sharp(smallest: int, largest: int, sizes: Sizes) -> bool:
    """Whether a size is known well enough to say that it is one of these."""
    most = _MOST_BLUR if sizes.longest > _SHORT else _MOST_BLUR_OF_SHORT
    return largest - smallest <= most
