"""Records summed to turns: what one side sends before the other answers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple, TypeAlias

from capf_dissectors.capf_shape.grammar import IN_PROGRESS_LENGTH

SizedRecord: TypeAlias = tuple[bool, int, int]
"""Whether the client sent it, and the smallest and largest number of plaintext bytes."""

_LARGEST_EMPTY = 15
"""The largest plaintext that a block cipher can put where an empty one may be."""


class Turn(NamedTuple):
    """Consecutive records of one side."""

    from_client: bool
    smallest: int
    largest: int
    records: tuple[tuple[int, int], ...]
    """Bounds of each record."""

    @property
    def full(self) -> list[tuple[int, int]]:
        """The records that may hold a message."""
        return [bounds for bounds in self.records if bounds[1] >= IN_PROGRESS_LENGTH]


def turns_of(records: Sequence[SizedRecord], *, may_be_split: bool = True) -> list[Turn]:
    """The turns of a session in order.

    ``may_be_split`` says whether records may be split against BEAST, as in CBC up to TLS 1.0.
    """
    whole = _without_split_records(records) if may_be_split else records
    sides = groupby(whole, key=lambda record: record[0])
    return [turn_of(side, [record[1:] for record in some]) for side, some in sides]


def turn_of(from_client: bool, records: Sequence[tuple[int, int]]) -> Turn:
    """A turn of records with these bounds."""
    return Turn(
        from_client,
        sum(smallest for smallest, _ in records),
        sum(largest for _, largest in records),
        tuple(records),
    )


def _without_split_records(records: Sequence[SizedRecord]) -> list[SizedRecord]:
    """The records with the short ones sent against BEAST counted as one byte at most.

    Against that attack on CBC in TLS 1.0 a sender puts an empty record, or one with the first byte,
    before the rest of every message. Rounding to blocks hides how short they are, but not that
    every other record of that side is one.
    """
    cleaned = list(records)
    for side in (True, False):
        places = [at for at, record in enumerate(records) if record[0] == side]
        short, rest = places[: len(places) // 2 * 2 : 2], places[1::2]
        if any(at + 1 != after for at, after in zip(short, rest, strict=True)):
            continue
        if all(_may_be_empty(records[at]) for at in short):
            for at in short:
                cleaned[at] = (side, 0, min(1, records[at][2]))
    return cleaned


def _may_be_empty(record: SizedRecord) -> bool:
    return record[1] == 0 and record[2] <= _LARGEST_EMPTY
