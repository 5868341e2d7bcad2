"""What users read of CAPF sessions that ended early: how, what sizes carry, what was achieved."""

from __future__ import annotations

from typing import NamedTuple

from capf_dissectors.capf_shape import (
    Certainty,
    Command,
    Operation,
    SessionShape,
    SessionState,
)

from capfpcap.rules.model.case import Case
from capfpcap.rules.model.draft import MAX_EVIDENCE, Proof, proof
from capfpcap.rules.model.progress import Progress
from capfpcap.timeline.capf import CapfSession, Ending
from capfpcap.timeline.session import Session


class TurnedAway(NamedTuple):
    """How CAPF turned a phone away."""

    title: str
    how: str
    carried: str
    """What the sizes of the messages carry, and what they do not."""
    remedy: str | None = None


_REASONS = (
    "unknown device, wrong authentication string, no valid certificate where one is to "
    "authenticate, deadline passed, no operation pending, or a CAPF that is busy"
)
_KEYS_TELL = "With the session's keys (--keylog) check reads it."
_WAIT = (
    "Wait for the phone's next attempt: a phone that CAPF put off comes back by itself. If CAPF "
    "puts it off every time, look at CAPF's trace ('file list activelog cm/trace/capf/sdi') and, "
    "if that shows a refusal, at 'Certificate Operation Status' on the phone's page in CUCM."
)
_REFUSED = TurnedAway(
    "CAPF ends the session right after authentication",
    "ended the session right after the phone's authentication",
    f"The messages are encrypted, so the reason is not visible: {_REASONS}. {_KEYS_TELL}",
)
_REFUSED_OR_BROKEN_OFF = _REFUSED._replace(
    carried="Its last message has the size of END_SESSION; a request that CAPF broke off would "
    f"have the same size in this cipher suite. The reason is not visible: {_REASONS}. {_KEYS_TELL}"
)
_PUT_OFF = TurnedAway(
    "CAPF asks the phone to try again later",
    "sent one short message after the phone's authentication and closed",
    "It has the size of RETRY_LATER. The messages are encrypted: if it was END_SESSION, the reason "
    f"is one of these: {_REASONS}. {_KEYS_TELL}",
    _WAIT,
)
_EARLY = TurnedAway(
    "CAPF closes the session before authentication",
    "sent one short message and closed before the phone answered",
    "It may have asked the phone to try again later. The messages are encrypted, so the reason is "
    f"not visible. {_KEYS_TELL}",
    _WAIT,
)


def turned_away(shape: SessionShape, known: CapfSession | None, server: str) -> TurnedAway:
    """How CAPF turned the phone away in a session of this shape, and with what reason if read."""
    if known is not None and known.ending is not None:
        return _with_reason(known, known.ending, server)
    if shape.state is SessionState.ENDED_AT_START:
        return _EARLY
    if shape.last is Command.RETRY_LATER:
        return _PUT_OFF
    return _REFUSED if shape.certainty is Certainty.LIKELY else _REFUSED_OR_BROKEN_OFF


def _with_reason(known: CapfSession, ending: Ending, server: str) -> TurnedAway:
    from capfpcap.rules.capf.reading.words import who  # noqa: PLC0415 - keys only

    after = "an unknown message" if ending.after is None else ending.after.name
    reason = "no reason" if known.reason is None else f"the reason {known.reason}"
    return TurnedAway(
        f"CAPF ends the session after {after} with {reason}",
        f"ended the session after {after}",
        f"{who(known, server)}. CAPF gives {reason}.",
    )


_DONE = {
    Operation.INSTALL: "CAPF sent the certificate and the phone answered it: most likely it holds "
    "the certificate. Its answer is encrypted; the phone's page in CUCM or its status tells.",
    Operation.FETCH: "The phone's answer most likely holds its certificate.",
    Operation.DELETE: "The phone answered: most likely its certificate is deleted.",
}
"""What was achieved where the operation's last answer came, and END_SESSION alone did not."""

_SHORTEST_STORING = 300
"""Bytes of the shortest message that can hold a certificate for the phone."""


def lacks_only_its_end(shape: SessionShape) -> bool:
    """Whether the operation's last answer came, and END_SESSION alone did not."""
    answered = shape.last is not None and shape.last.name.endswith("_RESPONSE")
    return answered and bool(shape.done)


def achieved(session: Session) -> str:
    """What the messages of a session that broke off say of its purpose."""
    shape = session.shape
    if shape.certainty is Certainty.PROVEN:
        return _achieved_as_read(shape)
    if lacks_only_its_end(shape):
        return _DONE.get(shape.done[-1].operation, "")
    if any(
        not one.from_client and one.largest >= _SHORTEST_STORING
        for one in session.application_records
    ):
        return "CAPF sent a certificate; that the phone stored it is not seen."
    if shape.operation is Operation.FETCH:
        return "The phone did not send its certificate."
    if shape.operation is Operation.DELETE:
        return "That the phone deleted its certificate is not seen."
    return "No certificate was delivered: nothing that CAPF sent is large enough for one."


def _achieved_as_read(shape: SessionShape) -> str:
    """The same where the messages were read."""
    if shape.done:
        return {
            Operation.INSTALL: "The phone confirmed that it stored the certificate.",
            Operation.FETCH: "The phone answered with what it has.",
            Operation.DELETE: "The phone confirmed that it deleted its certificate.",
        }.get(shape.done[-1].operation, "")
    if any(one.command is Command.STORE_CERT_REQUEST for one in shape.said):
        return "CAPF sent a certificate; the phone did not confirm that it stored it."
    return "Nothing of the operation was achieved."


def broken_off(shape: SessionShape, known: CapfSession | None) -> str:
    """A session that ended before it was complete, in a title."""
    if known is not None and known.denied is not None:
        from capfpcap.rules.capf.reading.words import denial  # noqa: PLC0415 - keys only

        return f"The phone does not do what CAPF asks: {denial(known.denied)}"
    if known is not None and any(one.command is Command.ABORT_REQUEST for one in known.messages):
        asked = next(one for one in known.messages if one.command is Command.ABORT_REQUEST)
        return f"{'The phone' if asked.from_client else 'CAPF'} aborts the operation"
    if shape.last is Command.END_SESSION:
        return "CAPF ends the session before its operation is complete"
    return f"The CAPF session ended after {_last(shape)}"


def how_it_ended(shape: SessionShape, known: CapfSession | None, server: str) -> str:
    """The same in a sentence."""
    awaited = f"; {shape.awaited.name} did not come" if shape.awaited else ""
    if known is None:
        sizes = f"By the sizes of its records the session with {server} ended"
        return f"{sizes} after {_last(shape)}{awaited}."
    from capfpcap.rules.capf.reading.words import who  # noqa: PLC0415 - keys only

    return f"{who(known, server)}. The session ended after {_last(shape)}{awaited}."


def _last(shape: SessionShape) -> str:
    return shape.last.name if shape.last else "an unknown message"


def record_proofs(case: Case, progress: Progress) -> tuple[Proof, ...]:
    """The session's messages, each with how sure it is; unread, its records."""
    known = case.session_read(progress)
    if known is not None:
        from capfpcap.rules.capf.reading.words import proofs_of  # noqa: PLC0415 - keys only

        return proofs_of(progress, known)
    session = progress.session
    records = session.application_records
    told = [
        (said.last, f"{said.certainty.value} {said.command.name}")
        if said.command is not None
        else (said.last, _UNKNOWN)
        for said in session.shape.said
    ]
    told = told or [(at, _UNKNOWN) for at in range(len(records))]
    return tuple(
        proof(
            progress.sighting,
            records[at].row,
            f"{'phone' if records[at].from_client else 'CAPF'}: {records[at].size} bytes, {words}",
        )
        for at, words in told[:MAX_EVIDENCE]
    )


_UNKNOWN = "unknown message"


def ends_of(progress: Progress) -> tuple[Proof, ...]:
    """The session's first record and its last."""
    records = progress.session.application_records
    return (
        proof(progress.sighting, records[0].row, "CAPF asks for authentication"),
        proof(progress.sighting, records[-1].row, "CAPF ends the session"),
    )
