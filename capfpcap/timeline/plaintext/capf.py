"""What decrypted messages tell of a CAPF session: phone, key, certificate, reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from capf_dissectors.capf import AuthType, Command, Message, Tag
from capf_dissectors.capf.words import key_asked_for, reason_words
from capf_dissectors.capf_shape import SessionState
from capf_dissectors.certificates import key_name
from capf_dissectors.framed.words import certificate_in, text
from msgspec import structs

from capfpcap.timeline.capf import (
    GOOD_REASONS,
    Authentication,
    CapfOperation,
    CapfOutcome,
    CapfSaid,
    CapfSession,
    Certainty,
    Ending,
    Operation,
)
from capfpcap.timeline.plaintext.messages import PlainMessages, ReadMessage, words_of
from capfpcap.timeline.session import Session

_C = Command
_BEGUN_BY: dict[int, Operation] = {
    _C.KEYGEN_REQUEST: Operation.INSTALL,
    _C.FETCH_REQUEST: Operation.FETCH,
    _C.DELETE_REQUEST: Operation.DELETE,
}
_LAST_ANSWERS = (_C.STORE_CERT_RESPONSE, _C.FETCH_RESPONSE, _C.DELETE_RESPONSE)
_BY_CERTIFICATE = (Tag.CERTIFICATE, Tag.SIGNED_DATA, Tag.SHA2_SIGNED_DATA, Tag.SUDI_DATA)
_ASKED: dict[int | None, Authentication] = {
    AuthType.NONE: Authentication.NULL_STRING,
    AuthType.STRING: Authentication.STRING,
    AuthType.NULL_STRING: Authentication.NULL_STRING,
    AuthType.LSC: Authentication.CERTIFICATE,
    AuthType.MIC: Authentication.CERTIFICATE,
}


def with_messages(session: Session, read: PlainMessages, told: CapfSession) -> CapfSession:
    """A session of which ``told`` is what sizes tell, with what its messages say."""
    said = [one for one in read.messages if not one.message.missing]
    messages = [one.message for one in said]
    ending = _ending(said)
    outcome = _outcome(session, ending, told)
    return structs.replace(
        told,
        decrypted=True,
        outcome=outcome,
        certainty=session.shape.certainty,
        authentication=_authentication(messages, told),
        key=_key(messages) or told.key,
        key_asked=_last_told(messages, _C.KEYGEN_REQUEST, key_asked_for),
        messages=_messages(session, said, told),
        operations=_operations(said, outcome) if read.whole else told.operations,
        device_name=_last_told(messages, _C.AUTH_RESPONSE, _name),
        reason=None if ending is None else ending.words,
        installed=_certificate(messages, _C.STORE_CERT_REQUEST),
        fetched=_certificate(messages, _C.FETCH_RESPONSE),
        denied=_denied(session, said),
        public_key=_public_key(messages),
        presented=_certificate(messages, _C.AUTH_RESPONSE),
        session_id=messages[0].session_id if messages else None,
        ending=ending,
        faults=read.faults,
    )


def _last_told(
    messages: Sequence[Message], command: Command, tell: Callable[[Message], str | None]
) -> str | None:
    """What the last message of a command that tells it says of something."""
    told = (tell(one) for one in reversed(messages) if one.command == command)
    return next((words for words in told if words), None)


def _name(message: Message) -> str | None:
    value = message.value(Tag.DEVICE_NAME)
    return None if value is None else text(value)


def _key(messages: Sequence[Message]) -> str | None:
    key = _public_key(messages)
    return None if key is None else key_name(key)


def _public_key(messages: Sequence[Message]) -> bytes | None:
    """The last key that the phone sent."""
    sent = (
        one.value(Tag.PUBLIC_KEY) for one in reversed(messages) if one.command == _C.KEYGEN_RESPONSE
    )
    return next((key for key in sent if key), None)


def _authentication(messages: Sequence[Message], told: CapfSession) -> Authentication:
    """By what the phone shows; where it shows nothing, as CAPF asked."""
    asked: int | None = None
    for message in messages:
        if message.command == _C.AUTH_REQUEST:
            asked = message.number(Tag.AUTH_TYPE)
        elif message.command == _C.AUTH_RESPONSE:
            chosen = message.number(Tag.AUTH_TYPE)
            way = _ASKED.get(asked if chosen is None else chosen, Authentication.UNKNOWN)
            return _shown(message) or way
    return told.authentication


def _shown(response: Message) -> Authentication | None:
    if any(response.value(tag) for tag in _BY_CERTIFICATE):
        return Authentication.CERTIFICATE
    if (response.value(Tag.PASSWORD) or b"").strip(b"\0"):
        return Authentication.STRING
    return None


def _denied(session: Session, said: Sequence[ReadMessage]) -> CapfSaid | None:
    """The last message of the phone with a reason against what it was to do."""
    for one in reversed(said):
        if one.from_client and one.message.number(Tag.REASON) not in (None, *GOOD_REASONS):
            return _said(session, one)
    return None


def _certificate(messages: Sequence[Message], command: Command) -> bytes | None:
    """The certificate in the last message of a command that holds one, DER."""
    for message in reversed(messages):
        if message.command == command:
            found = certificate_in(message.value(Tag.CERTIFICATE) or b"")
            if found is not None:
                return found
    return None


def _ending(said: Sequence[ReadMessage]) -> Ending | None:
    """The last message of the server, where it ends the session."""
    server = [at for at, one in enumerate(said) if not one.from_client]
    if not server or said[server[-1]].message.command not in (_C.END_SESSION, _C.RETRY_LATER):
        return None
    last = said[server[-1]]
    before = said[server[-1] - 1].message.command if server[-1] else None
    return Ending(
        Command(last.message.command),
        last.row,
        last.record,
        Command(before) if before in _COMMANDS else None,
        last.message.number(Tag.REASON),
        _words(last.message),
    )


_COMMANDS = frozenset(map(int, Command))


def _outcome(session: Session, ending: Ending | None, told: CapfSession) -> CapfOutcome:
    if ending is None or told.outcome is CapfOutcome.COMPLETE:
        return told.outcome
    at_authentication = session.shape.state is SessionState.ENDED_AFTER_AUTHENTICATION
    if ending.is_refusal or at_authentication:
        return CapfOutcome.REFUSED
    return CapfOutcome.ABORTED


def _words(message: Message) -> str | None:
    """Why CAPF ended the session, in its words."""
    if message.command != _C.RETRY_LATER:
        return reason_words(message)
    delay = message.number(Tag.RETRY_DELAY)
    return "try again later" + ("" if delay is None else f", delay {delay}")


def _messages(
    session: Session, said: Sequence[ReadMessage], told: CapfSession
) -> tuple[CapfSaid, ...]:
    """What was read, and what sizes tell of the rest, in order."""
    read = [_said(session, one) for one in said]
    others = [one for one in told.messages if one.certainty is not Certainty.PROVEN]
    return tuple(sorted([*read, *others], key=lambda one: one.record))


def _said(session: Session, one: ReadMessage) -> CapfSaid:
    message = one.message
    size = message.end - message.offset
    known = message.command in _COMMANDS
    return CapfSaid(
        one.row,
        one.record,
        one.from_client,
        Command(message.command) if known else message.command,
        Certainty.PROVEN,
        size,
        size,
        words_of(session, message),
        one.is_expected,
    )


def _operations(said: Sequence[ReadMessage], outcome: CapfOutcome) -> tuple[CapfOperation, ...]:
    """Every operation of a session of which all is read."""
    found: list[CapfOperation] = []
    for one in said:
        begun = _BEGUN_BY.get(one.message.command)
        if begun is not None and not one.from_client:
            found.append(CapfOperation(begun, CapfOutcome.ABORTED, Certainty.PROVEN))
        elif found and _completes(one.message):
            found[-1] = structs.replace(found[-1], outcome=CapfOutcome.COMPLETE)
    if not found:
        return (CapfOperation(Operation.UNKNOWN, outcome, Certainty.PROVEN),) if said else ()
    if outcome is CapfOutcome.REFUSED or found[-1].outcome is not CapfOutcome.COMPLETE:
        found[-1] = structs.replace(found[-1], outcome=outcome)
    return tuple(found)


def _completes(message: Message) -> bool:
    """Whether it is the last answer of an operation, and the phone did as it was asked.

    One that has no certificate to fetch did so too.
    """
    if message.command == _C.FETCH_RESPONSE:
        return True
    return message.command in _LAST_ANSWERS and message.number(Tag.REASON) in (None, *GOOD_REASONS)
