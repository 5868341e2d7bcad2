"""What CAPF did with a phone's certificate, where keys reveal it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from capf_dissectors.capf_order import Command, Operation
from msgspec import structs

from capfpcap.report import Severity
from capfpcap.rules.capf.capf_read import LSC_DELETED, LSC_FETCHED, LSC_INSTALLED
from capfpcap.rules.capf.reading.words import (
    certificate_words,
    proofs_of,
    who,
)
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.code import Code
from capfpcap.rules.model.draft import Draft
from capfpcap.rules.model.progress import Progress
from capfpcap.services import Service
from capfpcap.timeline.capf import CapfOutcome, CapfSession
from capfpcap.trust.certificate import CertificateFacts, read_certificate
from capfpcap.trust.validity import day


def is_told(known: CapfSession) -> bool:
    """Whether a finding of this module says what a session did."""
    return any(_did(known, operation) for operation in Operation)


def _did(known: CapfSession, operation: Operation) -> bool:
    """Whether an operation was done in a session, and what it was done with is known."""
    done = any(
        one.operation is operation and one.outcome is CapfOutcome.COMPLETE
        for one in known.operations
    )
    if operation is Operation.INSTALL:
        return done and known.installed is not None
    if operation is Operation.FETCH:
        return done and known.fetched is not None
    return done and operation is Operation.DELETE


def _last(case: Case, operation: Operation) -> tuple[Progress, CapfSession] | None:
    """The last session that did an operation."""
    for progress in reversed(case.progresses):
        if progress.flow.service is Service.CAPF:
            known = case.session_read(progress)
            if known is not None and _did(known, operation):
                return progress, known
    return None


def _draft(
    case: Case,
    code: Code,
    found: tuple[Progress, CapfSession],
    title: str,
    commands: tuple[Command, ...],
    what: str,
) -> Draft:
    progress, known = found
    return Draft(
        code,
        title=title,
        detail=f"{who(known, case.server(progress.flow))}. {what}",
        proofs=proofs_of(progress, known, commands),
        service=Service.CAPF,
        flow=progress.flow,
    )


def _named(der: bytes) -> str:
    """A certificate in few words."""
    facts = read_certificate(der)
    if not isinstance(facts, CertificateFacts):
        return "a certificate that cannot be read"
    return f"serial {facts.serial}, valid until {day(facts.not_after)}"


def lsc_installed(case: Case) -> Iterator[Draft]:
    """The last certificate that CAPF had the phone store."""
    found = _last(case, Operation.INSTALL)
    if found is None or found[1].installed is None:
        return
    progress, known = found
    wrong = _useless(known, found[1].installed, progress.time(known.messages[-1].row))
    draft = _draft(
        case,
        LSC_INSTALLED,
        found,
        f"CAPF installed an LSC{wrong and f' that {wrong}'}: {_named(found[1].installed)}",
        (Command.KEYGEN_RESPONSE, Command.STORE_CERT_REQUEST, Command.STORE_CERT_RESPONSE),
        f"{_key(known)}The LSC: {certificate_words(found[1].installed)}.",
    )
    if wrong:
        draft = structs.replace(draft, severity=Severity.WARNING, remedy=_USELESS_REMEDY)
    yield draft


_USELESS_REMEDY = (
    "The phone cannot authenticate itself with this certificate. Look at CAPF's trace ('file list "
    "activelog cm/trace/capf/sdi') and, if an online CA signs, at what that CA issued for this "
    "phone; check the clocks of both; then install the LSC again."
)


def _useless(known: CapfSession, lsc: bytes, stored: int) -> str:
    """Why a phone cannot use an LSC stored at a time; empty where nothing speaks against it."""
    facts = read_certificate(lsc)
    if not isinstance(facts, CertificateFacts):
        return ""
    if known.public_key is not None and known.public_key not in lsc:
        return "is not for the key that the phone generated"
    named, device = _DEVICE.search(facts.common_name), _DEVICE.fullmatch(known.device_name or "")
    if named and device and named[0].upper() != device[0].upper():
        return f"names another device than {known.device_name}"
    return f"had expired on {day(facts.not_after)}" if facts.not_after < stored else ""


_DEVICE = re.compile(r"SEP[0-9A-F]{12}", re.IGNORECASE)


def _key(known: CapfSession) -> str:
    """The key that was asked for, and the one that was made."""
    asked, made = known.key_asked, known.key
    if asked == made or asked is None or made is None:
        return f"The phone generated a key of {made or asked}. " if made or asked else ""
    return f"CAPF asked for a key of {asked}, the phone generated one of {made}. "


def lsc_fetched(case: Case) -> Iterator[Draft]:
    """The last certificate that CAPF read of the phone."""
    found = _last(case, Operation.FETCH)
    if found is None or found[1].fetched is None:
        return
    yield _draft(
        case,
        LSC_FETCHED,
        found,
        f"CAPF read the phone's certificate: {_named(found[1].fetched)}",
        (Command.FETCH_REQUEST, Command.FETCH_RESPONSE),
        f"The phone has {certificate_words(found[1].fetched)}.",
    )


def lsc_deleted(case: Case) -> Iterator[Draft]:
    """The last time that CAPF had the phone delete its certificate."""
    found = _last(case, Operation.DELETE)
    if found is not None:
        yield _draft(
            case,
            LSC_DELETED,
            found,
            "CAPF deleted the phone's LSC",
            (Command.DELETE_REQUEST, Command.DELETE_RESPONSE),
            "The phone confirmed that it deleted its certificate.",
        )
