"""Findings on why CAPF did nothing for a phone, where keys reveal the reason that it gives."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile
from typing import NamedTuple

from capf_dissectors.capf_order import Command

from capfpcap.report import Severity
from capfpcap.rules.capf.capf_read import (
    CAPF_AUTHENTICATION_REJECTED,
    CAPF_NO_OPERATION,
    CAPF_RETRY_LATER,
    CAPF_UNKNOWN_DEVICE,
)
from capfpcap.rules.capf.reading.words import proofs_of, who
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.code import Code
from capfpcap.rules.model.draft import Draft
from capfpcap.rules.model.progress import Progress, is_complete
from capfpcap.rules.questions.sharing import sharing
from capfpcap.rules.registration.identity import capf_names
from capfpcap.services import Service
from capfpcap.timeline.capf import Authentication, CapfSession
from capfpcap.trust.certificate import CertificateFacts, read_certificate
from capfpcap.trust.issuers import CertificateOwner
from capfpcap.trust.validity import day


class _Ended(NamedTuple):
    progress: Progress
    known: CapfSession


_DECLINED, _UNKNOWN_DEVICE = 7, 9
_NO_FAULT = (0, 1)


def reason_code(known: CapfSession) -> Code | None:
    """The code for the way in which CAPF ended a session; None where none says it."""
    ending = known.ending
    if ending is None:
        return None
    if ending.command is Command.RETRY_LATER:
        return CAPF_RETRY_LATER
    if ending.reason == _UNKNOWN_DEVICE:
        return CAPF_UNKNOWN_DEVICE
    if ending.after is not Command.AUTH_RESPONSE:
        return None
    if ending.reason == _DECLINED:
        return CAPF_AUTHENTICATION_REJECTED
    return CAPF_NO_OPERATION if ending.reason in _NO_FAULT else None


def is_reason_known(case: Case) -> bool:
    """Whether one of the phone's sessions tells why CAPF does nothing: the others hardly differ."""
    return any(reason_code(one.known) is not None for one in _pending(case))


def _ended_by(case: Case, code: Code) -> list[_Ended]:
    """The sessions that ended so while an operation may have been pending."""
    return [one for one in _pending(case) if reason_code(one.known) is code]


def _pending(case: Case) -> Iterator[_Ended]:
    """The decrypted sessions before the first complete one; of several phones all others."""
    sessions = [one for one in case.progresses if one.flow.service is Service.CAPF]
    if case.phone.is_several and not sharing(case).all_enrolled:
        pending = [one for one in sessions if not is_complete(one.session)]
    else:
        pending = list(takewhile(lambda one: not is_complete(one.session), sessions))
    for progress in pending:
        known = case.session_read(progress)
        if known is not None:
            yield _Ended(progress, known)


def _draft(
    case: Case, code: Code, title: str, why: str, remedy: str | None = None, more: str = ""
) -> Iterator[Draft]:
    """What there is to say of the last of the sessions that ended so."""
    ended = _ended_by(case, code)
    if not ended:
        return
    progress, known = ended[-1]
    times = f", {len(ended)} times" if len(ended) > 1 else ""
    name = known.device_name or case.phone.name
    yield Draft(
        code,
        title=title.format(phone=name),
        detail=f"{who(known, case.server(progress.flow))}. "
        f"{why.format(reason=known.reason)}{times}.{more}",
        proofs=proofs_of(progress, known),
        service=Service.CAPF,
        flow=progress.flow,
        remedy=remedy,
        severity=Severity.INFO if _is_over(case, code) else None,
    )


def _is_over(case: Case, code: Code) -> bool:
    """Whether a later session did all, so that what only delayed it is a fact and no warning."""
    sessions = (one.session for one in case.progresses if one.flow.service is Service.CAPF)
    return code.severity is Severity.WARNING and any(map(is_complete, sessions))


def unknown_device(case: Case) -> Iterator[Draft]:
    """END_SESSION with reason 9."""
    yield from _draft(
        case,
        CAPF_UNKNOWN_DEVICE,
        "CAPF does not know the device {phone}",
        "CAPF ended the session with the reason {reason}",
    )


def authentication_rejected(case: Case) -> Iterator[Draft]:
    """END_SESSION with reason 7 right after authentication."""
    ended = _ended_by(case, CAPF_AUTHENTICATION_REJECTED)
    if not ended:
        return
    way = ended[-1].known.authentication
    yield from _draft(
        case,
        CAPF_AUTHENTICATION_REJECTED,
        f"CAPF declines {_DECLINES[way]}",
        "CAPF ended the session right then, with the reason {reason}",
        _REMEDIES.get(way),
        _odd_certificate(case, ended[-1]),
    )


def _odd_certificate(case: Case, ended: _Ended) -> str:
    """What is wrong with the certificate that the phone shows; empty where nothing is seen."""
    presented = ended.known.presented
    facts = None if presented is None else read_certificate(presented)
    if not isinstance(facts, CertificateFacts):
        return ""
    shown = ended.progress.time(ended.known.messages[-1].row)
    if facts.not_after < shown:
        return f" That certificate had expired on {day(facts.not_after)}."
    trusted = case.phone.trusted_at(ended.progress.flow.started)
    names = sorted({name for loaded in trusted for name in capf_names(loaded)})
    if facts.owner is not CertificateOwner.LSC or not names:
        return ""
    if facts.issuer_common_name.casefold() in names:
        return ""
    return (
        f" {facts.issuer_common_name} issued that certificate, and the CAPF of the phone's list "
        f"is {', '.join(names)}."
    )


_DECLINES = {
    Authentication.STRING: "the authentication string of the phone",
    Authentication.CERTIFICATE: "the certificate with which the phone authenticates itself",
    Authentication.NULL_STRING: "the authentication of the phone by null string",
    Authentication.UNKNOWN: "the authentication of the phone",
}
_REMEDIES = {
    Authentication.STRING: "Compare the string that was typed on the phone with 'Authentication "
    "String' on its page in CUCM, and type it again (Settings > Security > LSC > Update). After "
    "ten wrong ones CAPF waits ten minutes.",
    Authentication.CERTIFICATE: "CAPF must be able to verify the phone's certificate: look for its "
    "issuer among the CAPF-trust certificates (OS Administration > Security > Certificate "
    "Management). An LSC of another cluster, or from before CAPF's certificate was regenerated, or "
    "an expired one, fails. For the time of the installation set Authentication Mode to 'By Null "
    "String', or to 'By Existing Certificate (Precedence to MIC)'.",
}


def no_operation(case: Case) -> Iterator[Draft]:
    """END_SESSION without a fault right after authentication."""
    yield from _draft(
        case,
        CAPF_NO_OPERATION,
        "CAPF has no operation pending for the phone",
        "CAPF ended the session right then and named no fault: reason {reason}",
    )


def retry_later(case: Case) -> Iterator[Draft]:
    """RETRY_LATER."""
    yield from _draft(
        case,
        CAPF_RETRY_LATER,
        "CAPF asks the phone to try again later",
        "CAPF said {reason}",
    )
