"""The shape of a CAPF session whose messages were read: it has the form of what sizes tell.

So whoever asks how far a session came asks in one place, with keys and without. What could not be
read is as sizes tell it, and of the rest the guess is not repeated.
"""

from __future__ import annotations

from collections.abc import Iterator

from capf_dissectors.capf import Command
from capf_dissectors.capf.course import Course
from capf_dissectors.capf_order import Operation, Place
from capf_dissectors.capf_shape import (
    Certainty,
    DoneOperation,
    SessionShape,
    SessionState,
    ShapedMessage,
    awaited_at,
    state_at,
)

from capfpcap.timeline.plaintext.messages import PlainMessages, ReadMessage


def shape_read(read: PlainMessages, guessed: SessionShape, records: int) -> SessionShape:
    """How far a session came, of so many records of application data, by the messages read."""
    said = tuple(_said(read, guessed))
    course = read.course
    is_told = read.whole or _ends_read(course)
    operation = course.operation
    is_known = operation is not Operation.UNKNOWN or is_told
    return SessionShape(
        operation if is_known else guessed.operation,
        _state(course) if is_told else _not_if_failed(guessed.state, course),
        Certainty.PROVEN if is_told else guessed.certainty,
        course.last if is_told else guessed.last,
        _awaited(course) if is_told else guessed.awaited,
        _by_record(said, records),
        said,
        tuple(DoneOperation(one, Certainty.PROVEN) for one in course.done)
        if is_told
        else guessed.done,
    )


def _ends_read(course: Course) -> bool:
    """Whether END_SESSION was read, and what stood before it."""
    return course.place is Place.ENDED and course.left is not None


def _state(course: Course) -> SessionState:
    """How far it came: behind an operation that is done, nothing need be pending in a second."""
    place, left = course.place or Place.BEGUN, course.left or Place.BEGUN
    state = state_at(place, left)
    is_done = state is SessionState.ENDED_AFTER_AUTHENTICATION and bool(course.done)
    return _not_if_failed(SessionState.COMPLETE if is_done else state, course)


def _not_if_failed(state: SessionState, course: Course) -> SessionState:
    """A session is not complete in which somebody gave a reason against it."""
    is_failed = state is SessionState.COMPLETE and course.failed
    return SessionState.PARTIAL if is_failed else state


def _awaited(course: Course) -> Command | None:
    return awaited_at(course.place or Place.BEGUN, course.left or Place.BEGUN)


def _said(read: PlainMessages, guessed: SessionShape) -> Iterator[ShapedMessage]:
    """What was read, and between it what sizes tell of records that were not."""
    covered = {at for one in read.messages for at in range(one.first, one.record + 1)}
    others = [] if read.whole else [one for one in guessed.said if not covered & _records(one)]
    known = [_shaped(one) for one in read.messages if not one.message.missing]
    yield from sorted([*known, *others], key=lambda one: (one.last, one.first))


def _records(said: ShapedMessage) -> set[int]:
    return set(range(said.first, said.last + 1))


def _shaped(one: ReadMessage) -> ShapedMessage:
    size = one.message.end - one.message.offset
    known = one.message.command in _COMMANDS
    command = Command(one.message.command) if known else None
    return ShapedMessage(
        one.from_client, command, one.first, one.record, size, size, Certainty.PROVEN
    )


_COMMANDS = frozenset(Command)


def _by_record(said: tuple[ShapedMessage, ...], records: int) -> tuple[Command | None, ...]:
    """For each record the message that it carries, or a part of it."""
    carried: dict[int, Command | None] = {}
    for one in said:
        for at in range(one.first, one.last + 1):
            carried.setdefault(at, one.command)
    return tuple(carried.get(at) for at in range(records))
