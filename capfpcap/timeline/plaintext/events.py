"""What a person reads of messages that were decrypted: a line for each, with what it says."""

from __future__ import annotations

from collections.abc import Iterator

from capf_dissectors import capf, tvs
from capf_dissectors.framed import Message

from capfpcap.flows.service import Service
from capfpcap.timeline.capf import Certainty, Fault
from capfpcap.timeline.event import Event, EventKind, What
from capfpcap.timeline.plaintext.messages import PlainMessages, ReadMessage, words_of
from capfpcap.timeline.session import Session

_SAY_NOTHING = frozenset({"signed_data", "sha2_signed_data", "sudi_data", "digest"})
"""Elements whose bytes tell a reader nothing."""


def message_events(session: Session, read: PlainMessages) -> Iterator[tuple[ReadMessage, Event]]:
    """An event for each message."""
    for one in read.messages:
        label = label_of(session, one.message)
        yield (
            one,
            Event(
                one.row,
                one.from_client,
                EventKind.DATA,
                What.APPLICATION_DATA,
                label,
                ", ".join([label, *_said(session, one)]),
                certainty=Certainty.PROVEN,
            ),
        )


def label_of(session: Session, message: Message) -> str:
    """A message by the name of its command."""
    name = tvs.command_name if session.view.service is Service.TVS else capf.command_name
    return name(message.command)


def _said(session: Session, one: ReadMessage) -> Iterator[str]:
    message = one.message
    yield f"{message.end - message.offset} bytes"
    if not one.is_expected:
        yield "not expected here"
    for name, words in words_of(session, message).items():
        if name not in _SAY_NOTHING:
            yield f"{name.replace('_', ' ')} {words}"
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
