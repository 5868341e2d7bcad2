"""Findings on the CAPF session itself, as far as it shows without keys."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from capf_dissectors import capf_shape
from capf_dissectors.capf_shape import Command, Ended, SessionState

from capfpcap.report import Certainty, Severity, Stage
from capfpcap.rules.capf.capf_read import CAPF_MALFORMED
from capfpcap.rules.capf.capf_words import (
    achieved,
    broken_off,
    ends_of,
    how_it_ended,
    record_proofs,
    turned_away,
)
from capfpcap.rules.capf.left_as_done import is_left_as_done
from capfpcap.rules.connections.injected import RST_INJECTED
from capfpcap.rules.connections.path import (
    PATH_DROPPED_TO_PHONE,
    PATH_DROPS_DATA,
    PATH_MTU_BLACKHOLE,
)
from capfpcap.rules.connections.session import CONNECTION_LOST, CONNECTION_RESET, SERVER_SILENT
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.code import Code, Family
from capfpcap.rules.model.draft import Draft, proof
from capfpcap.rules.model.progress import Progress, is_complete
from capfpcap.rules.model.screen import Screen
from capfpcap.rules.model.sight import Sight
from capfpcap.rules.questions.sharing import sharing
from capfpcap.services import Service
from capfpcap.timeline.capf import CapfOutcome, CapfSession
from capfpcap.timeline.session_end import ended_by_client

_SERVICES = ("capf",)

CAPF_SESSION_REFUSED = Code(
    code="capf-session-refused",
    family=Family.CAPF,
    severity=Severity.CRITICAL,
    stage=Stage.CAPF,
    screen=Screen.TOO_LATE,
    services=_SERVICES,
    looks_for=Sight.NOT_WHOLE,
    meaning="CAPF ends the session right after authentication.",
    told_by="The session ends after AUTH_REQUEST and AUTH_RESPONSE; without keys the reason is "
    "not visible: unknown device, wrong string, deadline passed, no operation pending.",
    not_this="A session that is cut off: then TCP ends it, not CAPF. A session after a complete "
    "one: nothing is pending any more. A phone that CAPF put off (RETRY_LATER) is not refused "
    "and comes again; without keys the two look alike.",
    remedy="The phone's page in CUCM names the reason ('Certificate Operation Status'), as does "
    "CAPF's trace ('file list activelog cm/trace/capf/sdi', or RTMT). Set Certificate Operation "
    "to Install/Upgrade and 'Operation Completes By' at least an hour ahead; save, apply, reset "
    "the phone. 'By Null String' authenticates nobody: for the time of the installation only.",
)
CAPF_SESSION_ABORTED = Code(
    code="capf-session-aborted",
    family=Family.CAPF,
    severity=Severity.CRITICAL,
    stage=Stage.CAPF,
    screen=Screen.CONNECTION_FAILED,
    looks_for=Sight.UNDONE | Sight.READ,
    services=_SERVICES,
    causes=(
        PATH_DROPS_DATA,
        PATH_MTU_BLACKHOLE,
        PATH_DROPPED_TO_PHONE,
        SERVER_SILENT,
        CONNECTION_RESET,
        CONNECTION_LOST,
        RST_INJECTED,
        CAPF_MALFORMED,
    ),
    meaning="The CAPF session ended before its last message, END_SESSION: the operation is not "
    "complete, or not confirmed.",
    told_by="The sizes and directions of its encrypted records are the beginning of an "
    "operation, and then the connection was closed. The finding says what was achieved until "
    "then.",
    not_this="A phone that is still generating its key when the capture ends. A session that "
    "CAPF ends with END_SESSION right after authentication (capf-session-refused). A warning where "
    "END_SESSION alone is missing and the phone does not come back.",
    remedy="Look at CAPF's trace at that moment ('file list activelog cm/trace/capf/sdi'); on "
    "older phones key generation can take longer than 'Key Generation Timeout' allows.",
)
CAPF_SESSION_COMPLETE = Code(
    code="capf-session-complete",
    family=Family.CAPF,
    severity=Severity.INFO,
    stage=Stage.CAPF,
    screen=None,
    services=_SERVICES,
    meaning="A complete CAPF session: install, fetch or delete.",
    told_by="Not decrypted; the sizes and directions of the records are those of a complete "
    "operation; the finding says which, and how sure.",
    not_this="A fault.",
    remedy="Nothing to do.",
)


def capf_progresses(case: Case) -> list[Progress]:
    """The phone's sessions with CAPF, in order."""
    return [item for item in case.progresses if item.flow.service is Service.CAPF]


_CERTAINTIES = {told: Certainty(told.value) for told in capf_shape.Certainty}


def _certainty(shape: capf_shape.SessionShape) -> Certainty:
    return _CERTAINTIES[shape.certainty]


@CAPF_SESSION_COMPLETE.by_phone
def session_complete(case: Case) -> Iterator[Draft]:
    """The last session that went its whole way."""
    for progress in reversed(capf_progresses(case)):
        if is_complete(progress.session):
            known = case.session_read(progress)
            if known is None:
                yield _complete(case, progress)
            else:
                yield from _completed(case, progress, known)
            return


def _complete(case: Case, progress: Progress) -> Draft:
    shape = progress.session.shape
    return Draft(
        CAPF_SESSION_COMPLETE,
        title=f"A complete CAPF session: {shape.operation.value}",
        detail=f"{len(progress.session.application_records)} encrypted records with "
        f"{case.server(progress.flow)}, in sizes and order those of a complete "
        f"{shape.operation.value}.",
        proofs=ends_of(progress),
        service=Service.CAPF,
        flow=progress.flow,
        certainty=_certainty(shape),
    )


def _completed(case: Case, progress: Progress, known: CapfSession) -> Iterator[Draft]:
    """The same of a session that was read, unless another code says what it did."""
    from capfpcap.rules.capf.reading.certificates import is_told  # noqa: PLC0415 - keys only
    from capfpcap.rules.capf.reading.words import proofs_of, what_was_done  # noqa: PLC0415

    if is_told(known):
        return
    yield Draft(
        CAPF_SESSION_COMPLETE,
        title=f"A complete CAPF session: {known.operation.value}",
        detail=what_was_done(known, case.server(progress.flow)),
        proofs=proofs_of(progress, known),
        service=Service.CAPF,
        flow=progress.flow,
        certainty=_certainty(progress.session.shape),
    )


@CAPF_SESSION_REFUSED.by_phone
def session_refused(case: Case) -> Iterator[Draft]:
    """The server says END_SESSION right after authentication, or says one thing and closes."""
    refused = [one for one in pending_progresses(case) if _refused(case, one)]
    if not refused:
        return
    last = refused[-1]
    known = case.session_read(last)
    if known is None and _is_reason_known(case):
        return
    way = turned_away(last.session.shape, known, case.server(last.flow))
    times = f" ({len(refused)} times)" if len(refused) > 1 else ""
    yield Draft(
        CAPF_SESSION_REFUSED,
        title=way.title,
        detail=f"TLS with {case.server(last.flow)} was established; CAPF {way.how}{times}. "
        f"{way.carried}",
        proofs=record_proofs(case, last),
        service=Service.CAPF,
        flow=last.flow,
        certainty=_certainty_of_end(last.session.shape, last.session.ended),
        remedy=way.remedy,
    )


def _is_reason_known(case: Case) -> bool:
    """Whether another session tells why CAPF does nothing: those that stay closed hardly differ."""
    if not any(progress.session.readable for progress in case.progresses):
        return False
    from capfpcap.rules.capf.reading.ending import is_reason_known  # noqa: PLC0415 - keys only

    return is_reason_known(case)


def _certainty_of_end(shape: capf_shape.SessionShape, ended: Ended) -> Certainty:
    """How sure it is that CAPF ended a session right after authentication.

    Where the server closed in order, it did so even if its last message was a request.
    """
    authenticated = shape.said[:2]
    is_turned_away = (
        ended is Ended.BY_SERVER
        and shape.last is Command.END_SESSION
        and len(shape.said) == len(authenticated) + 1
        and all(one.certainty is capf_shape.Certainty.LIKELY for one in authenticated)
    )
    told = _certainty(shape)
    return Certainty.LIKELY if is_turned_away and told is Certainty.POSSIBLE else told


def pending_progresses(case: Case) -> list[Progress]:
    """The sessions in which an operation may be pending: those before the first whole one.

    Where nobody knows which of several phones each is, all but the whole ones.
    """
    progresses = capf_progresses(case)
    if case.phone.is_several and not sharing(case).all_enrolled:
        return list(filter(may_be_pending, progresses))
    return list(takewhile(may_be_pending, progresses))


def may_be_pending(progress: Progress) -> bool:
    """Whether an operation may still be pending: behind a whole one, being sent away is normal."""
    return progress.session.shape.state is not SessionState.COMPLETE


def _refused(case: Case, progress: Progress) -> bool:
    """Whether the capture holds all of a session that somebody closed right after authentication.

    While it is open, the last short message may as well be a request. Where keys reveal why CAPF
    ended it, wherever that was, another code may say more.
    """
    session = progress.session
    known = case.session_read(progress)
    if known is not None and known.ending is not None:
        from capfpcap.rules.capf.reading.ending import reason_code  # noqa: PLC0415 - keys only

        return known.outcome is CapfOutcome.REFUSED and reason_code(known) is None
    state = session.shape.state
    if state not in (SessionState.ENDED_AFTER_AUTHENTICATION, SessionState.ENDED_AT_START):
        return False
    connection = session.connection
    if not session.whole or (connection.open_at_end and not session.alerts):
        return False
    if state is SessionState.ENDED_AFTER_AUTHENTICATION:
        return True
    return (
        bool(session.application_records)
        and connection.server.fin_row is not None
        and ended_by_client(session) is False
    )


@CAPF_SESSION_ABORTED.by_phone
def session_aborted(case: Case) -> Iterator[Draft]:
    """An operation began and was closed before it was whole."""
    for progress in reversed(capf_progresses(case)):
        session = progress.session
        shape = session.shape
        closing = session.connection.closing_row
        if shape.state is not SessionState.PARTIAL or not session.application_records:
            continue
        dead = progress.silent or progress.unheard is not None
        if not session.whole or (closing is None and not dead):
            continue
        known = case.session_read(progress)
        if known is not None and known.outcome is CapfOutcome.REFUSED:
            continue
        row = closing if closing is not None else session.application_records[-1].row
        is_done = is_left_as_done(case, progress)
        yield Draft(
            CAPF_SESSION_ABORTED,
            title=broken_off(shape, known) + _ONLY_ITS_END * is_done,
            detail=f"{how_it_ended(shape, known, case.server(progress.flow))} {achieved(session)}"
            + _NOT_AGAIN * is_done,
            proofs=(*record_proofs(case, progress)[-4:], proof(progress.sighting, row, "the end")),
            service=Service.CAPF,
            flow=progress.flow,
            certainty=_certainty(shape),
            severity=Severity.WARNING if is_done else None,
        )
        return


_ONLY_ITS_END = ": END_SESSION alone is missing, and the phone does not try again"
_NOT_AGAIN = (
    " The phone does not try again, as it does within a minute of a session that failed: most "
    "likely the operation is done and CUCM alone does not know it."
)
