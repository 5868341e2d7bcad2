"""Findings on TLS alerts: which side sent which, and what it answers."""

from __future__ import annotations

from collections.abc import Iterator

from capf_dissectors.tls import (
    Alert,
    AlertDescription,
)

from capfpcap.report import Certainty, Severity
from capfpcap.rules.certificates.certificate import (
    CAPF_CERTIFICATE_EXPIRED,
    CAPF_CERTIFICATE_NOT_YET_VALID,
    CAPF_CERTIFICATE_REPLACED,
    CAPF_CERTIFICATE_WEAK,
)
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.code import Code, Family
from capfpcap.rules.model.draft import Draft, proof
from capfpcap.rules.model.progress import Progress
from capfpcap.rules.model.screen import ScreenRule
from capfpcap.rules.model.sight import Sight
from capfpcap.rules.model.stage import Layer
from capfpcap.rules.questions.comparison import compared_in_words, remedy_of_refusal
from capfpcap.rules.questions.tcp import TCP_SERVICES
from capfpcap.rules.questions.wording import server_of
from capfpcap.rules.registration.identity import LSC_EXPIRED, LSC_FOREIGN_ISSUER, PHONE_USES_MIC
from capfpcap.rules.tls.alert_words import (
    NEWER_SERVER,
    alert_proofs,
    client_certificate_in_words,
    name_of,
    named,
    offered,
    other_side,
    refused_title,
    sender,
    times,
)
from capfpcap.rules.trust.held_lists import ITL_STALE_ON_PHONE
from capfpcap.rules.trust.mismatch import ITL_CAPF_MISMATCH
from capfpcap.rules.tvs.verification import TVS_NOT_TRUSTED
from capfpcap.services import Service
from capfpcap.timeline.session import Said, Session
from capfpcap.trust.certificate import read_certificate

CERTIFICATE_FAULTS = (
    ITL_CAPF_MISMATCH,
    CAPF_CERTIFICATE_REPLACED,
    CAPF_CERTIFICATE_EXPIRED,
    CAPF_CERTIFICATE_NOT_YET_VALID,
    CAPF_CERTIFICATE_WEAK,
)
"""What is wrong with a certificate shows as an alert or as a handshake that stops."""

TLS_VERSION_MISMATCH = Code(
    code="tls-version-mismatch",
    family=Family.TLS,
    severity=Severity.CRITICAL,
    stage=Layer.TLS,
    screen=ScreenRule.BY_SERVICE,
    looks_for=Sight.ALERT,
    services=TCP_SERVICES,
    meaning="Phone and server have no TLS version in common.",
    told_by="A protocol_version alert, or a server that answers with a version that was not "
    "offered.",
    not_this="A handshake_failure, which is about ciphers.",
    remedy="Compare with 'show tls min-version' on CUCM. Upgrade the phone's firmware, or lower "
    "the minimum if policy allows ('set tls min-version 1.0'; the node reboots).",
)
TLS_NO_SHARED_CIPHER = Code(
    code="tls-no-shared-cipher",
    family=Family.TLS,
    severity=Severity.CRITICAL,
    stage=Layer.TLS,
    screen=ScreenRule.BY_SERVICE,
    looks_for=Sight.ALERT,
    services=TCP_SERVICES,
    meaning="Phone and server have no cipher suite in common.",
    told_by="handshake_failure or insufficient_security in answer to the ClientHello.",
    not_this="The same alert later in the handshake; a server that answers so to a version or a "
    "curve which it does not accept, as GnuTLS does.",
    remedy="Compare the suites that the phone offers with Enterprise Parameters > TLS Ciphers and "
    "disableTLSCiphers of the phone; an RSA certificate needs RSA suites, an EC one ECDSA suites.",
)
TLS_CERTIFICATE_REJECTED = Code(
    code="tls-certificate-rejected",
    family=Family.TLS,
    severity=Severity.CRITICAL,
    stage=Layer.TLS,
    screen=ScreenRule.BY_SERVICE,
    looks_for=Sight.ALERT | Sight.TLS13 | Sight.ODD_CERTIFICATE,
    services=TCP_SERVICES,
    causes=(*CERTIFICATE_FAULTS, TVS_NOT_TRUSTED, ITL_STALE_ON_PHONE),
    meaning="The phone refuses the server's certificate.",
    told_by="The client's fatal certificate alert after the server's certificate; in TLS 1.3, "
    "where it is encrypted, a record too short for a Finished in its place. Or a phone that ends "
    "CAPF's session as soon as it is set up, where the certificate is expired or not its list's.",
    not_this="An alert by the server, or one before any certificate.",
    remedy="Compare the certificate with the phone's trust list. If they match, look at its dates "
    "and the phone's clock, its key, and (14SU2 and later) CA:TRUE and keyCertSign.",
)
TLS_CLIENT_CERTIFICATE_REJECTED = Code(
    code="tls-client-certificate-rejected",
    family=Family.TLS,
    severity=Severity.CRITICAL,
    stage=Layer.TLS,
    screen=ScreenRule.BY_SERVICE,
    looks_for=Sight.ALERT | Sight.CLIENT_CERTIFICATE | Sight.UNDONE | Sight.TLS13,
    services=TCP_SERVICES,
    causes=(LSC_EXPIRED, LSC_FOREIGN_ISSUER, PHONE_USES_MIC),
    meaning="The server refuses the phone's certificate.",
    told_by="The server's fatal alert after the client's certificate; or a server that closes "
    "right after it without an alert (in TLS 1.3 right after the handshake).",
    not_this="An alert before the client's certificate.",
    remedy="Install a new LSC from this cluster's CAPF. Where the phone's LSC is to be accepted "
    "as it is (another cluster's CAPF, an enterprise CA), import its issuer into "
    "CallManager-trust.",
)
TLS_FATAL_ALERT = Code(
    code="tls-fatal-alert",
    family=Family.TLS,
    severity=Severity.CRITICAL,
    stage=Layer.TLS,
    screen=ScreenRule.BY_SERVICE,
    looks_for=Sight.ALERT,
    services=TCP_SERVICES,
    causes=CERTIFICATE_FAULTS,
    meaning="One side ends the TLS session with a fatal alert.",
    told_by="A readable fatal alert that none of the more specific codes covers; says who sent it "
    "and when.",
    not_this="close_notify, the normal end.",
    remedy="Look at the log of the side that sent the alert at that moment (CAPF's trace: 'file "
    "list activelog cm/trace/capf/sdi'; the phone's console log).",
)

_CERTIFICATE_ALERTS = frozenset(
    {
        AlertDescription.BAD_CERTIFICATE,
        AlertDescription.UNSUPPORTED_CERTIFICATE,
        AlertDescription.CERTIFICATE_REVOKED,
        AlertDescription.CERTIFICATE_EXPIRED,
        AlertDescription.CERTIFICATE_UNKNOWN,
        AlertDescription.UNKNOWN_CA,
    }
)
_NO_CIPHER_ALERTS = frozenset(
    {AlertDescription.HANDSHAKE_FAILURE, AlertDescription.INSUFFICIENT_SECURITY}
)


def alert_code(session: Session) -> tuple[Code, Said] | None:
    """Which code a session's fatal alert is, with the alert; None without one."""
    said = session.fatal_alert
    if said is None or not isinstance(said.message, Alert):
        return None
    description = said.message.description
    if description == AlertDescription.PROTOCOL_VERSION:
        return TLS_VERSION_MISMATCH, said
    about_certificate = description in _CERTIFICATE_ALERTS
    if said.from_client:
        shown = session.server_certificate
        if session.certificate_hidden:
            shown = session.server_hello
        refused = about_certificate and _follows(said, shown, session)
        return (TLS_CERTIFICATE_REJECTED if refused else TLS_FATAL_ALERT), said
    if _is_first(said, session) and description in _NO_CIPHER_ALERTS:
        return TLS_NO_SHARED_CIPHER, said
    shown = session.client_certificate
    if shown is not None or about_certificate:
        refused = _follows(said, shown, session)
        return (TLS_CLIENT_CERTIFICATE_REJECTED if refused else TLS_FATAL_ALERT), said
    return TLS_FATAL_ALERT, said


def _is_first(said: Said, session: Session) -> bool:
    """Whether the server said nothing before, whatever the capture lacks of the client."""
    first_record = session.server_tls.records[0]
    start_is_there = first_record.offset == 0 and not session.connection.mid_session
    return start_is_there and said.message.offset < first_record.end


def _follows(said: Said, certificate: Said | None, session: Session) -> bool:
    """Whether an alert came behind the other side's certificate, which the capture may lack."""
    if certificate is None:
        return not session.whole
    return certificate.row <= said.row


def _by_alert(case: Case, code: Code) -> Iterator[tuple[Service, list[tuple[Progress, Said]]]]:
    """The sessions that ended with an alert of one code, by service."""
    found: dict[Service, list[tuple[Progress, Said]]] = {}
    for progress in case.progresses:
        coded = alert_code(progress.session)
        if coded is not None and coded[0] is code:
            found.setdefault(progress.flow.service, []).append((progress, coded[1]))
    yield from found.items()


@TLS_VERSION_MISMATCH.by_phone
def tls_version_mismatch(case: Case) -> Iterator[Draft]:
    """A protocol_version alert."""
    for service, found in _by_alert(case, TLS_VERSION_MISMATCH):
        progress, said = found[-1]
        answered = progress.session.version_name
        yield Draft(
            TLS_VERSION_MISMATCH,
            title=f"The {sender(said)} does not accept the {other_side(said)}'s TLS version",
            detail=f"The phone offered {offered(progress)}; "
            + (f"the server answered with {answered}; " if answered else "")
            + f"the {sender(said)} ended with protocol_version{times(found)}.",
            proofs=alert_proofs(found),
            service=service,
            flow=progress.flow,
            remedy=NEWER_SERVER if said.from_client else None,
        )


@TLS_NO_SHARED_CIPHER.by_phone
def tls_no_shared_cipher(case: Case) -> Iterator[Draft]:
    """The server refuses the ClientHello."""
    for service, found in _by_alert(case, TLS_NO_SHARED_CIPHER):
        progress, said = found[-1]
        yield Draft(
            TLS_NO_SHARED_CIPHER,
            title="Phone and server have no cipher suite in common",
            detail=f"The phone offered {offered(progress)}; the server answered with "
            f"{name_of(said)}{times(found)}. Some servers answer so to a version or a curve that "
            "they do not accept; the server's log tells.",
            proofs=alert_proofs(found),
            service=service,
            flow=progress.flow,
            certainty=Certainty.LIKELY,
        )


@TLS_CERTIFICATE_REJECTED.by_phone
def tls_certificate_rejected(case: Case) -> Iterator[Draft]:
    """The phone refuses the server's certificate."""
    for service, found in _by_alert(case, TLS_CERTIFICATE_REJECTED):
        progress, said = found[-1]
        certificate = progress.session.server_certificate
        leaf = progress.session.server_leaf
        shown = "unreadable" if leaf is None else named(read_certificate(leaf))
        shown = "hidden by TLS 1.3" if progress.session.certificate_hidden else shown
        extra = (
            ()
            if certificate is None
            else (proof(progress.sighting, certificate.row, f"server certificate {shown}"),)
        )
        yield Draft(
            TLS_CERTIFICATE_REJECTED,
            title=f"The phone refuses the certificate of {server_of(case, progress.flow)}",
            detail=f"After the server's certificate ({shown}) the phone sent the fatal alert "
            f"{name_of(said)}{times(found)}. {compared_in_words(case, progress)}",
            proofs=extra + alert_proofs(found),
            service=service,
            flow=progress.flow,
            remedy=remedy_of_refusal(case, progress),
        )


@TLS_CLIENT_CERTIFICATE_REJECTED.by_phone
def tls_client_certificate_rejected(case: Case) -> Iterator[Draft]:
    """The server refuses the phone's certificate."""
    for service, found in _by_alert(case, TLS_CLIENT_CERTIFICATE_REJECTED):
        progress, said = found[-1]
        shown = client_certificate_in_words(progress)
        yield Draft(
            TLS_CLIENT_CERTIFICATE_REJECTED,
            title=refused_title(case, progress),
            detail=f"After the phone's certificate ({shown}) the server sent the fatal alert "
            f"{name_of(said)}{times(found)}.",
            proofs=alert_proofs(found),
            service=service,
            flow=progress.flow,
        )


@TLS_FATAL_ALERT.by_phone
def tls_fatal_alert(case: Case) -> Iterator[Draft]:
    """Any other fatal alert."""
    for service, found in _by_alert(case, TLS_FATAL_ALERT):
        progress, said = found[-1]
        before = [item for item in progress.session.said if item.row < said.row]
        last = type(before[-1].message).__name__ if before else "nothing"
        yield Draft(
            TLS_FATAL_ALERT,
            title=f"The {sender(said)} ends TLS with the fatal alert {name_of(said)}",
            detail=f"The {sender(said)} sent {name_of(said)}{times(found)}; the message before it "
            f"was {last}.",
            proofs=alert_proofs(found),
            service=service,
            flow=progress.flow,
        )
