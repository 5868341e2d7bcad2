"""Findings on TLS: alerts, versions, ciphers, handshakes that stop."""

from __future__ import annotations

from collections.abc import Iterator

from capf_dissectors.tls import (
    Alert,
    AlertDescription,
    ClientHello,
    Version,
    alert_name,
    cipher_suite_name,
    is_grease,
    version_name,
)

from capfpcap.flows.service import Service
from capfpcap.report import Certainty, Severity
from capfpcap.rules.case import Case
from capfpcap.rules.code import Code
from capfpcap.rules.draft import MAX_EVIDENCE, Draft, Proof, proof
from capfpcap.rules.opening import TCP_SERVICES
from capfpcap.rules.patience import SECOND, SERVER_ANSWER
from capfpcap.rules.progress import Progress
from capfpcap.rules.sight import Sight
from capfpcap.timeline.session import Said
from capfpcap.trust.certificate import CertificateFacts, read_certificate

FAMILY = "TLS"
_CERTIFICATE_FAULTS = (
    "itl-capf-mismatch",
    "capf-certificate-replaced",
    "capf-certificate-expired",
    "capf-certificate-not-yet-valid",
    "capf-certificate-weak",
)

TLS_VERSION_MISMATCH = Code(
    code="tls-version-mismatch",
    looks_for=Sight.ALERT,
    family=FAMILY,
    severity=Severity.CRITICAL,
    services=TCP_SERVICES,
    meaning="Phone and server have no TLS version in common.",
    told_by="A protocol_version alert, or a server that answers with a version that was not "
    "offered.",
    not_this="A handshake_failure, which is about ciphers.",
    remedy="Compare with 'show tls min-version' on CUCM. Upgrade the phone's firmware, or lower "
    "the minimum with 'set tls min-version' if policy allows.",
)
TLS_NO_SHARED_CIPHER = Code(
    code="tls-no-shared-cipher",
    looks_for=Sight.ALERT,
    family=FAMILY,
    severity=Severity.CRITICAL,
    services=TCP_SERVICES,
    meaning="Phone and server have no cipher suite in common.",
    told_by="handshake_failure or insufficient_security in answer to the ClientHello.",
    not_this="The same alert later in the handshake.",
    remedy="Compare the suites that the phone offers with Enterprise Parameters > TLS Ciphers and "
    "disableTLSCiphers of the phone; an RSA certificate needs RSA suites, an EC one ECDSA suites.",
)
TLS_CERTIFICATE_REJECTED = Code(
    code="tls-certificate-rejected",
    looks_for=Sight.ALERT,
    family=FAMILY,
    severity=Severity.CRITICAL,
    services=TCP_SERVICES,
    causes=_CERTIFICATE_FAULTS,
    meaning="The phone refuses the server's certificate.",
    told_by="The client's fatal certificate alert after the server's certificate.",
    not_this="An alert by the server, or one before any certificate.",
    remedy="Compare the certificate with the phone's trust list. If they match, look at its dates "
    "and the phone's clock, its key, and (14SU2 and later) CA:TRUE and keyCertSign.",
)
TLS_CLIENT_CERTIFICATE_REJECTED = Code(
    code="tls-client-certificate-rejected",
    looks_for=Sight.ALERT,
    family=FAMILY,
    severity=Severity.CRITICAL,
    services=TCP_SERVICES,
    causes=("lsc-expired", "lsc-foreign-issuer", "phone-uses-mic"),
    meaning="The server refuses the phone's certificate.",
    told_by="The server's fatal alert after the client's certificate.",
    not_this="An alert before the client's certificate.",
    remedy="Install a new LSC from this cluster's CAPF, or add the issuer of the phone's "
    "certificate to CallManager-trust and CAPF-trust.",
)
TLS_FATAL_ALERT = Code(
    code="tls-fatal-alert",
    looks_for=Sight.ALERT,
    family=FAMILY,
    severity=Severity.CRITICAL,
    services=TCP_SERVICES,
    causes=_CERTIFICATE_FAULTS,
    meaning="One side ends the TLS session with a fatal alert.",
    told_by="A readable fatal alert that none of the more specific codes covers; says who sent it "
    "and when.",
    not_this="close_notify, the normal end.",
    remedy="Look at the log of the side that sent the alert at that moment.",
)
TLS_HANDSHAKE_INCOMPLETE = Code(
    code="tls-handshake-incomplete",
    looks_for=Sight.UNDONE,
    family=FAMILY,
    severity=Severity.CRITICAL,
    services=TCP_SERVICES,
    causes=_CERTIFICATE_FAULTS,
    meaning="The TLS handshake stops between flights and no alert says why.",
    told_by="One side closes the connection in the midst of the handshake without a readable "
    "alert.",
    not_this="A capture that ends there, a reset, a server that stays silent.",
    remedy="Look at the log of the side that closed. A phone that closes after the server's "
    "certificate has usually refused it.",
)
TLS_NOT_SPOKEN = Code(
    code="tls-not-spoken",
    looks_for=Sight.UNDONE,
    family=FAMILY,
    severity=Severity.CRITICAL,
    services=TCP_SERVICES,
    meaning="What answers on the service's port does not speak TLS.",
    told_by="Octets on the port that are no TLS record.",
    not_this="A capture that begins in mid-session or lacks octets.",
    remedy="Find out what listens on that port of that host (on CUCM: 'show open ports'); a proxy "
    "or another service answers in CAPF's place.",
)
TLS_CERTIFICATE_HIDDEN = Code(
    code="tls-certificate-hidden",
    looks_for=Sight.TLS13,
    family=FAMILY,
    severity=Severity.INFO,
    services=TCP_SERVICES,
    meaning="The session uses TLS 1.3 and no keys are given: the server's certificate cannot be "
    "compared with the trust list.",
    told_by="A ServerHello that selects TLS 1.3.",
    not_this="A fault.",
    remedy="Give a key log, or compare the certificate by hand: 'show cert own CAPF' on the "
    "publisher and 'show itl'.",
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


def alert_code(progress: Progress) -> tuple[Code, Said] | None:
    """Which code a session's fatal alert is, with the alert; None without one."""
    session = progress.session
    said = session.fatal_alert
    if said is None or not isinstance(said.message, Alert):
        return None
    description = said.message.description
    if description == AlertDescription.PROTOCOL_VERSION:
        return TLS_VERSION_MISMATCH, said
    if said.from_client:
        after_certificate = (
            session.server_certificate is not None and session.server_certificate.row <= said.row
        )
        if after_certificate and description in _CERTIFICATE_ALERTS:
            return TLS_CERTIFICATE_REJECTED, said
        return TLS_FATAL_ALERT, said
    if session.server_hello is None and description in _NO_CIPHER_ALERTS:
        return TLS_NO_SHARED_CIPHER, said
    client_certificate = session.client_certificate
    if client_certificate is not None and client_certificate.row <= said.row:
        return TLS_CLIENT_CERTIFICATE_REJECTED, said
    return TLS_FATAL_ALERT, said


def _by_alert(case: Case, code: Code) -> Iterator[tuple[Service, list[tuple[Progress, Said]]]]:
    """The sessions that ended with an alert of one code, by service."""
    found: dict[Service, list[tuple[Progress, Said]]] = {}
    for progress in case.progresses:
        coded = alert_code(progress)
        if coded is not None and coded[0] is code:
            found.setdefault(progress.flow.service, []).append((progress, coded[1]))
    yield from found.items()


def _sender(said: Said) -> str:
    return "phone" if said.from_client else "server"


def _name(said: Said) -> str:
    assert isinstance(said.message, Alert)
    return alert_name(said.message.description) if said.message.description is not None else "?"


def _alert_proofs(found: list[tuple[Progress, Said]]) -> tuple[Proof, ...]:
    return tuple(
        proof(progress.sighting, said.row, f"fatal alert {_name(said)} by the {_sender(said)}")
        for progress, said in found[-MAX_EVIDENCE:]
    )


def _times(found: list[tuple[Progress, Said]]) -> str:
    return f" ({len(found)} times)" if len(found) > 1 else ""


def _offered(progress: Progress) -> str:
    """What the ClientHello offers, in words."""
    said = progress.session.client_hello
    if said is None or not isinstance(said.message, ClientHello):
        return "nothing that the capture shows"
    hello = said.message
    suites = [cipher_suite_name(suite) for suite in hello.cipher_suites if not is_grease(suite)]
    shown = ", ".join(suites[:6]) + (f" and {len(suites) - 6} more" if len(suites) > 6 else "")
    return f"up to {version_name(hello.highest_version)} with {shown or 'no cipher suite'}"


@TLS_VERSION_MISMATCH.by_phone
def tls_version_mismatch(case: Case) -> Iterator[Draft]:
    """A protocol_version alert."""
    for service, found in _by_alert(case, TLS_VERSION_MISMATCH):
        progress, said = found[-1]
        answered = progress.session.version_name
        yield Draft(
            TLS_VERSION_MISMATCH,
            title=f"The {_sender(said)} does not accept the other's TLS version",
            detail=f"The phone offered {_offered(progress)}; "
            + (f"the server answered with {answered}; " if answered else "")
            + f"the {_sender(said)} ended with protocol_version{_times(found)}.",
            proofs=_alert_proofs(found),
            service=service,
            flow=progress.flow,
        )


@TLS_NO_SHARED_CIPHER.by_phone
def tls_no_shared_cipher(case: Case) -> Iterator[Draft]:
    """The server refuses the ClientHello."""
    for service, found in _by_alert(case, TLS_NO_SHARED_CIPHER):
        progress, said = found[-1]
        yield Draft(
            TLS_NO_SHARED_CIPHER,
            title="Phone and server have no cipher suite in common",
            detail=f"The phone offered {_offered(progress)}; the server answered with "
            f"{_name(said)}{_times(found)}.",
            proofs=_alert_proofs(found),
            service=service,
            flow=progress.flow,
        )


@TLS_CERTIFICATE_REJECTED.by_phone
def tls_certificate_rejected(case: Case) -> Iterator[Draft]:
    """The phone refuses the server's certificate."""
    for service, found in _by_alert(case, TLS_CERTIFICATE_REJECTED):
        progress, said = found[-1]
        certificate = progress.session.server_certificate
        leaf = progress.session.server_leaf
        facts = read_certificate(leaf) if leaf is not None else None
        shown = f"CN={facts.common_name}" if isinstance(facts, CertificateFacts) else "unreadable"
        extra = (
            ()
            if certificate is None
            else (proof(progress.sighting, certificate.row, f"server certificate {shown}"),)
        )
        yield Draft(
            TLS_CERTIFICATE_REJECTED,
            title=f"The phone refuses the certificate of {case.server(progress.flow)}",
            detail=f"After the server's certificate ({shown}) the phone sent the fatal alert "
            f"{_name(said)}{_times(found)}. {_comparison(case, progress)}",
            proofs=extra + _alert_proofs(found),
            service=service,
            flow=progress.flow,
        )


def _comparison(case: Case, progress: Progress) -> str:
    """What is known of the trust list that the phone compared with."""
    if progress.flow.service is not Service.CAPF:
        return "Whether the phone trusts it, its trust list and TVS decide."
    trusted = case.phone.trusted_at(progress.flow.started)
    if not trusted:
        return (
            "The captures do not show which trust list the phone holds; one that begins before "
            "the phone loads it would tell."
        )
    names = ", ".join(item.transfer.name for item in trusted)
    return f"The phone had loaded {names}."


@TLS_CLIENT_CERTIFICATE_REJECTED.by_phone
def tls_client_certificate_rejected(case: Case) -> Iterator[Draft]:
    """The server refuses the phone's certificate."""
    for service, found in _by_alert(case, TLS_CLIENT_CERTIFICATE_REJECTED):
        progress, said = found[-1]
        leaf = progress.session.client_leaf
        facts = read_certificate(leaf) if leaf is not None else None
        shown = (
            f"CN={facts.common_name}, issued by {facts.issuer_common_name}"
            if isinstance(facts, CertificateFacts)
            else "none"
        )
        yield Draft(
            TLS_CLIENT_CERTIFICATE_REJECTED,
            title=f"{case.server(progress.flow)} refuses the phone's certificate",
            detail=f"After the phone's certificate ({shown}) the server sent the fatal alert "
            f"{_name(said)}{_times(found)}.",
            proofs=_alert_proofs(found),
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
            title=f"The {_sender(said)} ends TLS with the fatal alert {_name(said)}",
            detail=f"The {_sender(said)} sent {_name(said)}{_times(found)}; the message before it "
            f"was {last}.",
            proofs=_alert_proofs(found),
            service=service,
            flow=progress.flow,
        )


def _stopped(progress: Progress) -> bool:
    """Whether the handshake stopped, by a FIN or in silence, and nothing says why."""
    session = progress.session
    if not progress.judgeable or session.problem is not None or session.handshake_complete:
        return False
    if session.fatal_alert is not None or progress.silent or progress.unheard is not None:
        return False
    if progress.closed_politely:
        return True
    return session.connection.open_at_end and _quiet(progress) >= SERVER_ANSWER


def _quiet(progress: Progress) -> int:
    """Nanoseconds from the connection's last packet to the capture's end."""
    return progress.sighting.watched_until - progress.session.view.last_time


@TLS_HANDSHAKE_INCOMPLETE.by_phone
def tls_handshake_incomplete(case: Case) -> Iterator[Draft]:
    """A handshake that stops."""
    found: dict[Service, list[Progress]] = {}
    for progress in case.progresses:
        if _stopped(progress) and not case.hurt(progress.flow):
            found.setdefault(progress.flow.service, []).append(progress)
    for service, stopped in found.items():
        last = stopped[-1]
        yield Draft(
            TLS_HANDSHAKE_INCOMPLETE,
            title=f"The TLS handshake stops after {_last_step(last)}",
            detail=f"{_how_it_stopped(last)} after {_last_step(last)}, without an alert that says "
            "why" + (f"; so in {len(stopped)} connections." if len(stopped) > 1 else "."),
            proofs=tuple(_stop(item) for item in stopped[-MAX_EVIDENCE:]),
            service=service,
            flow=last.flow,
        )


def _last_step(progress: Progress) -> str:
    said = [item for item in progress.session.said if item not in progress.session.alerts]
    return f"the {type(said[-1].message).__name__}" if said else "the TCP handshake"


def _how_it_stopped(progress: Progress) -> str:
    connection = progress.session.connection
    if connection.open_at_end:
        return f"Nothing followed for {_quiet(progress) / SECOND:.0f} s"
    who = "server" if connection.closed_first_by_server else "phone"
    return f"The {who} closed the connection"


def _stop(progress: Progress) -> Proof:
    """The frame that closed the connection, or its last one."""
    row = progress.session.connection.closing_row
    if row is None:
        return proof(progress.sighting, progress.session.view.stop - 1, "the last packet")
    return proof(progress.sighting, row, "closed here")


@TLS_NOT_SPOKEN.by_phone
def tls_not_spoken(case: Case) -> Iterator[Draft]:
    """Octets that are no TLS."""
    for progress in reversed(case.progresses):
        session = progress.session
        problem = session.problem
        if problem is None or not progress.judgeable or session.server_hello is not None:
            continue
        from_client, malformed = problem
        stream = session.client_stream if from_client else session.server_stream
        row = stream.row_beginning(malformed.offset)
        who = "phone" if from_client else "server"
        piece = stream.pieces[0].data[:24] if stream.pieces else b""
        yield Draft(
            TLS_NOT_SPOKEN,
            title=f"What the {who} sends on {case.server(progress.flow)} is not TLS",
            detail=f"Octet {malformed.offset} of what the {who} sent: {malformed.reason}. It "
            f"begins with {piece.hex(' ')}.",
            proofs=(proof(progress.sighting, row, "not a TLS record"),),
            service=progress.flow.service,
            flow=progress.flow,
        )
        return


@TLS_CERTIFICATE_HIDDEN.by_phone
def tls_certificate_hidden(case: Case) -> Iterator[Draft]:
    """TLS 1.3 on the CAPF port."""
    for flow, sighting, session in reversed(case.capf_sessions):
        hello = session.server_hello
        if session.version == Version.TLS_1_3 and hello is not None:
            yield Draft(
                TLS_CERTIFICATE_HIDDEN,
                title="TLS 1.3 hides the certificate of CAPF",
                detail="The certificate is encrypted and no keys are given; whether it is the one "
                "in the phone's trust list cannot be seen.",
                proofs=(proof(sighting, hello.row, "ServerHello selects TLS 1.3"),),
                service=flow.service,
                flow=flow,
                certainty=Certainty.PROVEN,
            )
            return
