"""Many phones as numbers: when each came to which outcome, and how long that took."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec
from capf_dissectors.capf_shape import Command

from capfpcap.enrolment.phone import Phone
from capfpcap.enrolment.starts import starts_of
from capfpcap.report import Outcome
from capfpcap.rules.engine import Account
from capfpcap.rules.model.progress import is_complete
from capfpcap.services import UNTIL_ENROLMENT, Service
from capfpcap.timeline.session import Session
from capfpcap.vantage.flow import Flow

if TYPE_CHECKING:
    from capfpcap.analysis import Analysis

_SECOND = 1_000_000_000
_ENROLLED = frozenset({Outcome.SUCCEEDED, Outcome.RECOVERED})


class Told(msgspec.Struct, frozen=True):
    """One phone."""

    outcome: Outcome
    cause: str | None
    """Code of what it failed of."""
    ended: int
    """When its last flow but registration ended, nanoseconds since 1970 UTC."""
    enrolment_s: float | None
    """From its start to the end of the CAPF session that enrolled it."""


class Storm(msgspec.Struct, frozen=True):
    """All phones."""

    phones: tuple[Told, ...]
    key_generations_s: tuple[float, ...]
    """How long each key generation took, as far as sizes tell."""
    sessions: tuple[tuple[int, int], ...]
    """First and last packet of each connection to CAPF, nanoseconds since 1970 UTC."""


def storm_of(analysis: Analysis) -> Storm:
    """What there is to draw of all phones.

    Raises:
        LookupError: there is no phone; the message is one sentence.
    """
    accounts = analysis.judged.accounts
    if not accounts:
        raise LookupError("the captures show no phone")
    attempts = [flow for account in accounts for flow in account.case.phone.attempts]
    return Storm(
        phones=tuple(map(_told, accounts)),
        key_generations_s=tuple(
            (done - asked) / _SECOND for flow in attempts for asked, done in key_generations(flow)
        ),
        sessions=tuple((flow.started, flow.ended) for flow in attempts),
    )


def _told(account: Account) -> Told:
    phone = account.case.phone
    enrolled = account.outcome in _ENROLLED
    ends = [flow.ended for flow in phone.flows if flow.service in UNTIL_ENROLMENT]
    return Told(
        outcome=account.outcome,
        cause=None if account.root is None or enrolled else account.root.code.code,
        ended=max(ends or [flow.ended for flow in phone.flows], default=0),
        enrolment_s=_enrolment(phone) if enrolled else None,
    )


def _enrolment(phone: Phone) -> float | None:
    """Seconds from the phone's start to the end of its last whole CAPF session."""
    for flow in reversed(phone.attempts):
        session = flow.best.conversation.session
        if session is not None and is_complete(session):
            return (flow.ended - _start_before(phone, flow)) / _SECOND
    return None


def _start_before(phone: Phone, flow: Flow) -> int:
    """When the phone started that made an attempt: its first packet then."""
    for start in starts_of(phone):
        if start.holds(flow.started):
            return start.phone.flows[0].started
    return phone.flows[0].started


def key_generations(flow: Flow) -> Iterator[tuple[int, int]]:
    """When keys were asked for in a CAPF session and when they were there, as sizes tell."""
    session = flow.best.conversation.session
    if session is None or Service.CAPF is not flow.service:
        return
    asked: int | None = None
    for name, time in _named(session):
        if name is Command.KEYGEN_REQUEST:
            asked = time
        elif name is Command.KEYGEN_RESPONSE and asked is not None:
            yield asked, time
            asked = None


def _named(session: Session) -> Iterator[tuple[Command, int]]:
    """The messages that the records likely carry, and when."""
    times = session.view.table.columns.time
    for record, name in zip(session.application_records, session.shape.messages, strict=True):
        if name is not None:
            yield name, int(times[record.row])
