"""What must hold for every answer of a dissector."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from capf_dissectors.results import Malformed, NeedMore
from capf_dissectors.streams import Piece


class Placed(Protocol):
    """Something that was read at a place in a stream."""

    @property
    def offset(self) -> int:
        """Of the first octet."""
        ...

    @property
    def end(self) -> int:
        """Behind the last octet."""
        ...


def check_answer(answer: object, length: int) -> None:
    """An answer that is no message says something that can be."""
    if isinstance(answer, NeedMore):
        assert answer.at_least >= 1
    elif isinstance(answer, Malformed):
        assert 0 <= answer.offset <= length
        assert answer.reason
        assert "\n" not in answer.reason


def check_problem(problem: Malformed | None, pieces: list[Piece]) -> None:
    """The problem lies in the stream."""
    if problem is not None:
        assert pieces[0].offset <= problem.offset <= pieces[-1].end


def check_ascending(read: Iterable[Placed]) -> None:
    """What was read of a stream comes in the order of its first octets and is not empty."""
    position = 0
    for item in read:
        assert position <= item.offset < item.end
        position = item.offset


def check_completed(read: Iterable[Placed]) -> None:
    """What was read comes in the order in which it was complete and is not empty.

    A message that was sent in parts may begin before those that came between its parts.
    """
    position = 0
    for item in read:
        assert item.offset < item.end >= position
        position = item.end
