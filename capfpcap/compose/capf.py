"""CAPF sessions and operations for the report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import itemgetter

from capf_dissectors.capf_order import COMMAND_NAMES, command_name
from capf_dissectors.capf_shape import Authentication as Way
from capf_dissectors.capf_shape import Certainty as Told
from capf_dissectors.capf_shape import Operation as Ordered

from capfpcap import report
from capfpcap.compose.basics import describe_certificate, timestamp
from capfpcap.enrolment.phone import Phone
from capfpcap.report import Authentication, CapfOutcome, Certainty, Operation
from capfpcap.timeline.application_data import EncryptedRecord
from capfpcap.timeline.capf import CapfOutcome as Ended
from capfpcap.timeline.capf import CapfSession, capf_session
from capfpcap.timeline.session import Session
from capfpcap.vantage.flow import Flow, Sighting

CERTAINTIES = {told: Certainty(told.value) for told in Told}
OPERATIONS = {ordered: Operation(ordered.value) for ordered in Ordered}
OUTCOMES = {ended: CapfOutcome(ended.value) for ended in Ended}
_WAYS = {way: Authentication(way.value) for way in Way}
_SIZES = itemgetter(1, 2, 3)
"""Who sent a record, and how much it holds."""


def describe_capf(flow: Flow, phone: Phone | None) -> report.Capf | None:
    """The CAPF session of a flow; None where the flow is none that could have one."""
    session = flow.best.conversation.session
    if session is None:
        return None
    known = capf_session(session) if phone is None else phone.capf_session(flow)
    return None if known is None else _describe(flow, session, known)


def _describe(flow: Flow, session: Session, known: CapfSession) -> report.Capf:
    return report.Capf(
        decrypted=known.decrypted,
        operation=OPERATIONS[known.operation],
        outcome=OUTCOMES[known.outcome],
        authentication=_WAYS[known.authentication],
        key=known.key,
        key_asked_for=known.key_asked,
        device_name=known.device_name,
        session_id=known.session_id,
        reason=known.reason,
        issued=describe_certificate(known.issued),
        certainty=CERTAINTIES[known.certainty],
        messages=_messages(flow, session, known) if known.messages else (),
    )


def _messages(flow: Flow, session: Session, known: CapfSession) -> tuple[report.CapfMessage, ...]:
    rows = [said.row for said in known.messages]
    times = flow.best.at.table.columns.time[rows].tolist()
    frames = zip(*_frames(flow, session, known), strict=True)
    return tuple(
        [
            report.CapfMessage(
                sender="phone" if said.from_client else "server",
                command=COMMAND_NAMES.get(said.command) or command_name(said.command),
                time=timestamp(time),
                frames=dict(seen),
                elements=dict(said.elements) if said.elements else {},
                certainty=CERTAINTIES[said.certainty],
            )
            for said, time, seen in zip(known.messages, times, frames, strict=True)
        ]
    )


def _frames(flow: Flow, session: Session, known: CapfSession) -> Iterator[list[tuple[str, int]]]:
    """For each sighting that shows the same records the capture and the frame of each message."""
    for sighting in flow.sightings:
        records = _records_as_in(session, sighting)
        if records:
            columns, ids = sighting.at.table.columns, sighting.at.ids
            rows = [records[said.record].row for said in known.messages]
            yield [
                (ids[file], frame)
                for file, frame in zip(
                    columns.file[rows].tolist(), columns.frame[rows].tolist(), strict=True
                )
            ]


def _records_as_in(session: Session, sighting: Sighting) -> Sequence[EncryptedRecord]:
    """A sighting's encrypted records, where they are those of the session; else none."""
    other = sighting.conversation.session
    own = session.application_records
    if other is session or other is None:
        return own if other is session else ()
    records = other.application_records
    return records if list(map(_SIZES, records)) == list(map(_SIZES, own)) else ()


def describe_operations(phone: Phone) -> tuple[report.PhoneOperation, ...]:
    """Every operation of a phone, in order."""
    return tuple(
        [
            report.PhoneOperation(
                flow=flow.id,
                operation=OPERATIONS[one.operation],
                outcome=OUTCOMES[one.outcome],
                certainty=CERTAINTIES[one.certainty],
            )
            for flow in phone.attempts
            if (known := phone.capf_session(flow)) is not None
            for one in known.operations
        ]
    )
