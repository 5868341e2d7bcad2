"""What a CAPF session was: its messages, its operation, how it ended, and how sure each of it is.

Without keys it is a guess by the sizes of the encrypted records; what decrypted messages tell has
the same form, and :attr:`CapfSession.decrypted` set.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from capf_dissectors.capf_shape import (
    Authentication,
    Certainty,
    Command,
    Operation,
    SessionShape,
    SessionState,
    authentication_told,
    is_key_contested,
    key_told,
)
from msgspec import Struct, field

from capfpcap.timeline.session import Session
from capfpcap.timeline.session_end import ended_by_client, hidden_alert_rows

__all__ = [
    "Authentication",
    "CapfOperation",
    "CapfOutcome",
    "CapfSaid",
    "CapfSession",
    "Certainty",
    "Command",
    "Hints",
    "Operation",
    "capf_session",
    "guess",
]


class CapfOutcome(Enum):
    """How a CAPF session, or an operation in it, ended."""

    COMPLETE = "complete"
    """All that the operation consists of was said; of a session, to END_SESSION."""
    REFUSED = "refused"
    """CAPF ended it after authentication or before: nothing pending, too late, wrong string,
    unknown device, busy; sizes do not tell which."""
    ABORTED = "aborted"
    """It ended before the operation was complete; of a session, before END_SESSION."""
    OPEN = "open"
    """The capture ends while the parties are at it."""
    UNKNOWN = "unknown"


class CapfSaid(Struct, frozen=True):
    """One CAPF message."""

    row: int
    """Row of the flow table whose packet completed it."""
    record: int
    """Index in :attr:`Session.application_records` of the record that completed it."""
    from_client: bool
    """Whether the phone sent it."""
    command: Command | int
    """A number where the protocol has no such command."""
    certainty: Certainty
    smallest: int
    """Bytes of the message at the least."""
    largest: int
    elements: Mapping[str, str] = field(default_factory=dict)
    """What it says, by the names of its elements; nothing while it is encrypted."""
    is_expected: bool = True
    """Whether the order of the protocol has it there."""


class Ending(Struct, frozen=True):
    """The message with which CAPF ended a session: END_SESSION, or RETRY_LATER."""

    command: Command
    row: int
    record: int
    after: Command | None
    """The message before it; None where that is not known."""
    reason: int | None
    """REASON, where it has one."""
    words: str | None
    """The reason in words, or when to try again."""

    @property
    def is_refusal(self) -> bool:
        """Whether it says that something is not as it should be."""
        return self.command is Command.RETRY_LATER or self.reason not in (None, *GOOD_REASONS)


GOOD_REASONS = (0, 1)
"""None, and OK."""


class Fault(Struct, frozen=True):
    """Plaintext that is not the protocol."""

    row: int
    from_client: bool
    offset: int
    """Counts bytes of plaintext of that side."""
    reason: str


class CapfOperation(Struct, frozen=True):
    """One operation of a session."""

    operation: Operation
    outcome: CapfOutcome
    certainty: Certainty


class CapfSession(Struct, frozen=True):
    """What is known of a CAPF session."""

    decrypted: bool
    operation: Operation
    """The last one, where there are several."""
    outcome: CapfOutcome
    authentication: Authentication
    key: str | None
    """That which the phone generated: ``RSA 2048``, ``EC secp384r1``, or ``RSA`` or ``EC``."""
    certainty: Certainty
    """Of the operation, the outcome, and what is said of authentication and key."""
    messages: tuple[CapfSaid, ...]
    """In order, those that can be told."""
    operations: tuple[CapfOperation, ...]
    """Every operation, in order; none where nothing of CAPF was said."""
    device_name: str | None = None
    reason: str | None = None
    """Why CAPF ended the session, in its words."""
    installed: bytes | None = None
    """The last certificate that CAPF had the phone store, DER."""
    fetched: bytes | None = None
    """The last one that the phone sent on request, DER."""
    denied: CapfSaid | None = None
    """The last message of the phone that gives a reason against what it was to do."""
    key_asked: str | None = None
    """That which CAPF asked for; None where that is not read."""
    session_id: int | None = None
    """That by which CAPF's own trace calls it."""
    public_key: bytes | None = None
    """The last key that the phone sent, as it stands in a certificate."""
    presented: bytes | None = None
    """The certificate with which the phone authenticated itself, DER."""
    ending: Ending | None = None
    faults: tuple[Fault, ...] = ()

    @property
    def issued(self) -> bytes | None:
        """The certificate that was installed, or else the one that was fetched, DER."""
        return self.installed or self.fetched


class Hints(NamedTuple):
    """What is known of the phone from elsewhere."""

    name_length: int | None = None
    """Characters of its device name."""
    configured: Authentication = Authentication.UNKNOWN
    """How its configuration has it authenticate."""


NOTHING_KNOWN = Hints()


def capf_session(session: Session, hints: Hints = NOTHING_KNOWN) -> CapfSession:
    """What is known of a session: what was read, and of the rest what sizes tell."""
    told = guess(session, hints)
    read = None if session.decrypted is None else session.messages
    if read is None or not (read.messages or read.faults):
        return told
    from capfpcap.timeline.plaintext.capf import with_messages  # noqa: PLC0415 - keys only

    return with_messages(session, read, told)


def guess(session: Session, hints: Hints = NOTHING_KNOWN) -> CapfSession:
    """What the sizes of its records tell of a session."""
    shape = session.shape
    outcome = _outcome(session)
    told = _told(shape, hints)
    likely = shape.certainty is Certainty.LIKELY and outcome is not CapfOutcome.UNKNOWN
    certainty = Certainty.LIKELY if likely and not told.contested else Certainty.POSSIBLE
    records = session.application_records
    return CapfSession(
        decrypted=False,
        operation=shape.operation,
        outcome=outcome,
        authentication=told.authentication,
        key=told.key,
        certainty=certainty,
        messages=tuple(
            [
                CapfSaid(
                    records[said.last].row,
                    said.last,
                    said.from_client,
                    said.command,
                    said.certainty,
                    said.smallest,
                    said.largest,
                )
                for said in shape.said
                if said.command is not None
            ]
        ),
        operations=operations_of(shape, outcome, certainty),
    )


class _Told(NamedTuple):
    authentication: Authentication
    key: str | None
    contested: bool
    """Whether another key fits as well that is hardly ever meant."""


@lru_cache(1024)
def _told(shape: SessionShape, hints: Hints) -> _Told:
    """What the messages hold, as far as their sizes tell: in a storm nearly all are alike."""
    ways = authentication_told(shape, hints.name_length)
    if hints.configured is not Authentication.UNKNOWN and Authentication.CERTIFICATE not in ways:
        ways &= {hints.configured}
    way = next(iter(ways)) if len(ways) == 1 else Authentication.UNKNOWN
    return _Told(way, key_told(shape), is_key_contested(shape))


def _outcome(session: Session) -> CapfOutcome:
    state = session.shape.state
    if state is SessionState.COMPLETE:
        return CapfOutcome.COMPLETE
    if state is SessionState.UNRECOGNISED or not session.whole:
        return CapfOutcome.UNKNOWN
    if not session.handshake_complete:
        return CapfOutcome.UNKNOWN
    if session.shape.last is Command.END_SESSION and state is SessionState.PARTIAL:
        return CapfOutcome.ABORTED
    if not _is_ended(session):
        return CapfOutcome.OPEN
    if state is SessionState.ENDED_AFTER_AUTHENTICATION:
        return CapfOutcome.REFUSED
    if state is SessionState.ENDED_AT_START and session.application_records:
        return CapfOutcome.ABORTED if ended_by_client(session) else CapfOutcome.REFUSED
    return CapfOutcome.ABORTED


def _is_ended(session: Session) -> bool:
    if session.connection.closing_row is not None:
        return True
    return bool(session.alerts or hidden_alert_rows(session))


def operations_of(
    shape: SessionShape, outcome: CapfOutcome, certainty: Certainty
) -> tuple[CapfOperation, ...]:
    """Every operation of a session that ended so."""
    if outcome is CapfOutcome.UNKNOWN and shape.operation is Operation.UNKNOWN:
        return ()
    done = [CapfOperation(one.operation, CapfOutcome.COMPLETE, one.certainty) for one in shape.done]
    lacks_only_the_end = shape.awaited is Command.END_SESSION and bool(done)
    if lacks_only_the_end and outcome is CapfOutcome.ABORTED:
        return tuple(done)
    if lacks_only_the_end or outcome is CapfOutcome.COMPLETE:
        done = done[:-1]
    return (*done, CapfOperation(shape.operation, outcome, certainty))
