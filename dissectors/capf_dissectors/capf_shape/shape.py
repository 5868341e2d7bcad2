"""The answer: what a session was, how far it came, and how sure that is."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from capf_dissectors.capf_order import AWAITED, Command, Operation, Place


class SessionState(Enum):
    """How far a session came."""

    COMPLETE = "complete"
    """A whole operation, END_SESSION included."""
    ENDED_AFTER_AUTHENTICATION = "ended-after-authentication"
    """AUTH_REQUEST, AUTH_RESPONSE, END_SESSION: no operation pending, late, or refused."""
    ENDED_AT_START = "ended-at-start"
    """The phone never answered: the server said one thing, such as RETRY_LATER, or nothing."""
    PARTIAL = "partial"
    """The beginning of an operation, or END_SESSION before the operation was whole."""
    UNRECOGNISED = "unrecognised"
    """Not the order or the sizes of any operation."""


_ENDED_AT = {
    Place.AUTHENTICATION_ASKED: SessionState.ENDED_AT_START,
    Place.AUTHENTICATED: SessionState.ENDED_AFTER_AUTHENTICATION,
    Place.DONE: SessionState.COMPLETE,
}
"""What END_SESSION makes of a session, by where it stood."""
_STOPPED_AT = dict.fromkeys((Place.BEGUN, Place.AUTHENTICATION_ASKED), SessionState.ENDED_AT_START)
"""What a session without END_SESSION is, by where it stands."""


def state_at(place: Place, left: Place) -> SessionState:
    """How far a session came that stands at a place and left another with its last message."""
    if place is Place.ENDED:
        return _ENDED_AT.get(left, SessionState.PARTIAL)
    return _STOPPED_AT.get(place, SessionState.PARTIAL)


def awaited_at(place: Place, left: Place) -> Command | None:
    """What had to come next there, or in the place of END_SESSION."""
    ended = place is Place.ENDED
    if ended and state_at(place, left) is not SessionState.PARTIAL:
        return None
    return AWAITED[left if ended else place]


class Ended(Enum):
    """How a session was ended behind its last record."""

    NOT_BY_SERVER = 1
    """By the client, by nobody, or by the server much later."""
    BY_SERVER = 2
    """The server closed right behind, in order: by an alert or a FIN.

    Then END_SESSION is believed before a request of the same size, to which it would await the
    answer. It is no proof: a server that stops closes in order as well.
    """
    BY_RESET = 3
    """The server reset the connection right behind, without an alert."""


class Certainty(Enum):
    """How far a statement carries."""

    PROVEN = "proven"
    """Read: the messages were decrypted. Sizes and directions alone never prove."""
    LIKELY = "likely"
    """Every size is typical and no other reading fits as well."""
    POSSIBLE = "possible"


class ShapedMessage(Struct, frozen=True):
    """A message as the records that carry it show it."""

    from_client: bool
    command: Command | None
    """None where it cannot be told."""
    first: int
    """Index of its first record among those that were looked at."""
    last: int
    """Index of its last record."""
    smallest: int
    """Bytes of the message at the least."""
    largest: int
    certainty: Certainty
    """Of the command."""


class DoneOperation(Struct, frozen=True):
    """An operation of which all messages but END_SESSION were said."""

    operation: Operation
    certainty: Certainty


class SessionShape(Struct, frozen=True, cache_hash=True):
    """What the encrypted records of one CAPF session look like."""

    operation: Operation
    """The last operation that was begun."""
    state: SessionState
    certainty: Certainty
    """Of :attr:`operation` and :attr:`state`."""
    last: Command | None
    """The last message sent, where it can be told."""
    awaited: Command | None
    """The message that had to come next and did not; with END_SESSION as the last, instead of it.

    None where nothing is missing or the next message depends on the operation.
    """
    messages: tuple[Command | None, ...]
    """For each record the message it likely carries, or a part of it."""
    said: tuple[ShapedMessage, ...] = ()
    """Every message, in order; none of a session that is not recognised."""
    done: tuple[DoneOperation, ...] = ()
    """The operations that came to their last message, in order: most sessions have one."""
