"""The answer: what a session was, how far it came, and how sure that is."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from capf_dissectors.capf_shape.grammar import CapfMessage, Operation


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


class Certainty(Enum):
    """How far sizes and directions alone carry; they never prove."""

    LIKELY = "likely"
    """Every size is typical and no other reading fits as well."""
    POSSIBLE = "possible"


class SessionShape(Struct, frozen=True):
    """What the encrypted records of one CAPF session look like."""

    operation: Operation
    state: SessionState
    certainty: Certainty
    last: CapfMessage | None
    """The last message sent, where it can be told."""
    awaited: CapfMessage | None
    """The message that had to come next and did not; with END_SESSION as the last, instead of it.

    None where nothing is missing or the next message depends on the operation.
    """
    messages: tuple[CapfMessage | None, ...]
    """For each record the message it likely carries, or a part of it."""
