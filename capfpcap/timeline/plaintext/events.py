"""What a person reads of messages that were decrypted: a line for each, with what it says."""

from __future__ import annotations

from collections.abc import Iterator

from capf_dissectors import capf, tvs
from capf_dissectors.capf.words import key_asked_for
from capf_dissectors.framed import Message

from capfpcap.services import Service
from capfpcap.timeline.capf import Certainty, Fault
from capfpcap.timeline.event import Event, EventKind, What
from capfpcap.timeline.plaintext.messages import PlainMessages, ReadMessage, words_of
from capfpcap.timeline.session import Session

_SAY_NOTHING = frozenset({"signed_data", "sha2_signed_data", "sudi_data", "digest"})
"""Elements whose bytes tell a reader nothing."""

MAX_TELLING = 48
"""Characters of what stands behind the name of a command in a label."""
_SAY_MOST = ("device_name", "public_key", "status", "reason", "retry_delay")
"""The elements that say most, the first of them that a message has."""


def message_events(session: Session, read: PlainMessages) -> Iterator[tuple[ReadMessage, Event]]:
    """An event for each message."""
    for one in read.messages:
        label = label_of(session, one.message)
        words = words_of(session, one.message)
        yield (
            one,
            Event(
                one.row,
                one.from_client,
                EventKind.DATA,
                What.APPLICATION_DATA,
                ", ".join([label, *_most_telling(session, one.message, words)]),
                ", ".join([label, *_said(one, words)]),
                certainty=Certainty.PROVEN,
            ),
        )


def label_of(session: Session, message: Message) -> str:
    """A message by the name of its command."""
    name = tvs.command_name if session.view.service is Service.TVS else capf.command_name
    return name(message.command)


def _most_telling(session: Session, message: Message, words: dict[str, str]) -> list[str]:
    """What of a message says most, in few words; none where nothing does."""
    if session.view.service is Service.CAPF and (asked := key_asked_for(message)):
        return [asked]
    return [words[name][:MAX_TELLING] for name in _SAY_MOST if name in words][:1]


def _said(one: ReadMessage, words: dict[str, str]) -> Iterator[str]:
    message = one.message
    yield f"{message.end - message.offset} bytes"
    if not one.is_expected:
        yield "not expected here"
    for name, said in words.items():
        if name not in _SAY_NOTHING:
            yield f"{name.replace('_', ' ')} {said}"
    if message.missing:
        yield f"the last {message.missing} bytes could not be read"


def fault_events(session: Session, read: PlainMessages) -> Iterator[Event]:
    """A remark for each place where the plaintext is not the protocol."""
    protocol = (tvs if session.view.service is Service.TVS else capf).FRAMING.protocol
    for fault in read.faults:
        text = f"not {protocol} at byte {fault.offset} of the plaintext: {fault.reason}"
        yield _remark(fault, f"not {protocol}", text)


def _remark(fault: Fault, label: str, text: str) -> Event:
    return Event(fault.row, fault.from_client, EventKind.DATA, What.REMARK, label, text)
