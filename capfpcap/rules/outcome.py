"""How a phone's enrolment ended, and what its screen would say."""

from __future__ import annotations

from capf_dissectors.capf_shape import Certainty
from capf_dissectors.capf_shape import Operation as Shape

from capfpcap.report import Operation, Outcome, Severity
from capfpcap.rules.capf.attempt import asks_for_nothing, is_known_to_stay_away
from capfpcap.rules.capf.capf import CAPF_SESSION_REFUSED
from capfpcap.rules.capf.capf_read import (
    CAPF_AUTHENTICATION_REJECTED,
    CAPF_NO_OPERATION,
    CAPF_RETRY_LATER,
    CAPF_UNKNOWN_DEVICE,
)
from capfpcap.rules.files.not_found import CONFIG_NOT_FOUND
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.draft import Draft
from capfpcap.rules.model.progress import is_complete
from capfpcap.rules.questions.sharing import sharing
from capfpcap.services import Purpose, Service, used_for
from capfpcap.timeline.session import Session

_REFUSALS = frozenset(
    {
        CAPF_SESSION_REFUSED,
        CAPF_UNKNOWN_DEVICE,
        CAPF_AUTHENTICATION_REJECTED,
        CAPF_NO_OPERATION,
        CAPF_RETRY_LATER,
    }
)
"""CAPF ended the session right after authentication, grave or not."""
_OPERATIONS = {
    Shape.INSTALL: Operation.INSTALL,
    Shape.FETCH: Operation.FETCH,
    Shape.DELETE: Operation.DELETE,
    Shape.UNKNOWN: Operation.UNKNOWN,
}
_AFTER_ENROLMENT = used_for(Purpose.REGISTRATION)
"""Registration: what fails there is no failure of the enrolment."""
_TOLD_ON_SCREEN = frozenset({Outcome.FAILED, Outcome.REFUSED, Outcome.NOT_ATTEMPTED})
_TOWARDS_CAPF = used_for(Purpose.NAMES, Purpose.FILES, Purpose.ENROLMENT)
"""What fails there after an enrolment keeps the phone from the next one."""


def successes(case: Case) -> dict[Service, int]:
    """When the phone's last good session with each service began, nanoseconds since 1970 UTC.

    For CAPF only a whole operation counts, or one that may be whole but for what the captures lack;
    for other services what they are for. Of several phones none makes up for another, unless all
    of them enrolled.
    """
    shared = sharing(case)
    if case.phone.is_several and not shared.all_enrolled:
        return {}
    latest: dict[Service, int] = {}
    if shared.all_enrolled:
        latest[Service.CAPF] = max(started for started, _ in shared.enrolments)
    for progress in case.progresses:
        session, service = progress.session, progress.flow.service
        good = (
            is_complete(session) or _may_be_complete(session)
            if service is Service.CAPF
            else session.fatal_alert is None and progress.work_done
        )
        if good:
            latest[service] = max(latest.get(service, 0), progress.flow.started)
    return latest


def _may_be_complete(session: Session) -> bool:
    """Whether the parties were at work, and the captures lack part of what they said."""
    is_told = session.shape.certainty is Certainty.PROVEN
    return bool(session.application_records) and not session.whole and not is_told


def operation_of(case: Case) -> Operation:
    """What CAPF was to do, told by the last session that shows it."""
    shared = sharing(case)
    if shared.all_enrolled and not case.phone.attempts:
        done = {operation for _, operation in shared.enrolments}
        return _OPERATIONS[done.pop()] if len(done) == 1 else Operation.UNKNOWN
    for _, _, session in reversed(case.capf_sessions):
        operation = _OPERATIONS[session.shape.operation]
        if operation is not Operation.UNKNOWN:
            return operation
    return Operation.UNKNOWN


def outcome_of(case: Case, drafts: list[Draft], ended: dict[Service, int]) -> Outcome:
    """How it ended; ``ended`` is what :func:`successes` tells."""
    if case.blind:
        return Outcome.UNKNOWN
    failures = [draft for draft in drafts if draft.weight is Severity.CRITICAL]
    if any(is_complete(session) for _, _, session in case.capf_sessions):
        last = ended.get(Service.CAPF, 0)
        if any(draft.service in _TOWARDS_CAPF and draft.moment > last for draft in failures):
            return Outcome.FAILED
        overcome = any(
            draft.resolved and (draft.service is Service.CAPF or draft.start is not None)
            for draft in drafts
        )
        return Outcome.RECOVERED if overcome else Outcome.SUCCEEDED
    if case.phone.may_have_called and (shared := sharing(case)).enrolments:
        if not shared.all_enrolled:
            return Outcome.UNKNOWN
        return Outcome.RECOVERED if any(one.resolved for one in drafts) else Outcome.SUCCEEDED
    if any(draft.code in _REFUSALS and not draft.resolved for draft in drafts):
        return Outcome.REFUSED
    if asks_for_nothing(case):
        return Outcome.NOT_ATTEMPTED
    if any(draft.service not in _AFTER_ENROLMENT for draft in failures):
        return Outcome.FAILED
    if case.phone.attempts:
        connections = [session.connection for _, _, session in case.capf_sessions]
        open_ = any(one.open_at_end and not one.is_half for one in connections)
        return Outcome.IN_PROGRESS if open_ else Outcome.UNKNOWN
    if case.phone.may_have_called:
        return Outcome.UNKNOWN
    if case.phone.configurations:
        away = is_known_to_stay_away(case)
    else:
        away = any(draft.code is CONFIG_NOT_FOUND for draft in drafts)
    return Outcome.NOT_ATTEMPTED if away else Outcome.UNKNOWN


def status_message(root: Draft | None, outcome: Outcome) -> str | None:
    """What the phone's screen would say of the finding that explains how it ended."""
    if root is None or outcome not in _TOLD_ON_SCREEN:
        return None
    return root.screen.value if root.screen is not None else None
