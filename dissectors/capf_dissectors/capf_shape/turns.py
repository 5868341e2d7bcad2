"""Records summed to turns: what one side sends before the other answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

SizedRecord: TypeAlias = tuple[bool, int, int]
"""Whether the client sent it, and the smallest and largest number of plaintext octets."""

_LARGEST_EMPTY = 15
"""The largest plaintext that a block cipher can put where an empty one may be."""


class Turn(NamedTuple):
    """Consecutive records of one side."""

    from_client: bool
    smallest: int
    largest: int
    records: tuple[tuple[int, int], ...]
    """Bounds of each record."""


def turns_of(records: Sequence[SizedRecord]) -> list[Turn]:
    """The turns of a session in order."""
    turns: list[Turn] = []
    begun: list[tuple[int, int]] = []
    begun_by: bool | None = None
    for from_client, smallest, largest in _without_split_records(records):
        if begun and from_client != begun_by:
            turns.append(_turn(bool(begun_by), begun))
            begun = []
        begun_by = from_client
        begun.append((smallest, largest))
    if begun:
        turns.append(_turn(bool(begun_by), begun))
    return turns


def _turn(from_client: bool, records: list[tuple[int, int]]) -> Turn:
    return Turn(
        from_client,
        sum(smallest for smallest, _ in records),
        sum(largest for _, largest in records),
        tuple(records),
    )


def _without_split_records(records: Sequence[SizedRecord]) -> list[SizedRecord]:
    """The records with the short ones sent against BEAST counted as one octet at most.

    Against that attack on CBC in TLS 1.0 a sender puts an empty record, or one with the first
    octet, before the rest of every message. Rounding to blocks hides how short they are, but not
    that every other record of that side is one.
    """
    cleaned = list(records)
    for side in (True, False):
        places = [at for at, record in enumerate(records) if record[0] == side]
        short, rest = places[::2], places[1::2]
        if not rest or any(at + 1 != after for at, after in zip(short, rest, strict=False)):
            continue
        if all(_may_be_empty(records[at]) for at in short):
            for at in short:
                cleaned[at] = (side, 0, min(1, records[at][2]))
    return cleaned


def _may_be_empty(record: SizedRecord) -> bool:
    return record[1] == 0 and record[2] <= _LARGEST_EMPTY
