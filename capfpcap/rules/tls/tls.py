"""Findings on TLS handshakes that stop, on what is not TLS, and on what TLS 1.3 hides."""

from __future__ import annotations

from collections.abc import Iterator

from capf_dissectors.tls import (
    Version,
)

from capfpcap.report import Certainty, Severity
from capfpcap.rules.connections.path import (
    PATH_DROPPED_TO_PHONE,
    PATH_DROPS_DATA,
    PATH_MTU_BLACKHOLE,
)
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.code import Code, Family
from capfpcap.rules.model.draft import MAX_EVIDENCE, Draft, Proof, proof
from capfpcap.rules.model.progress import Progress
from capfpcap.rules.model.screen import ScreenRule
from capfpcap.rules.model.sight import Sight
from capfpcap.rules.model.stage import Layer
from capfpcap.rules.model.timeouts import SECOND, SERVER_ANSWER
from capfpcap.rules.questions.probes import since_success
from capfpcap.rules.questions.tcp import TCP_SERVICES
from capfpcap.rules.questions.wording import in_its_place, server_of
from capfpcap.rules.tls.alerts import CERTIFICATE_FAULTS
from capfpcap.services import Service
from capfpcap.timeline.session_end import left_behind_certificate

TLS_HANDSHAKE_INCOMPLETE = Code(
    code="tls-handshake-incomplete",
    family=Family.TLS,
    severity=Severity.CRITICAL,
    stage=Layer.TLS,
    screen=ScreenRule.BY_SERVICE,
    looks_for=Sight.UNDONE,
    services=TCP_SERVICES,
    causes=(*CERTIFICATE_FAULTS, PATH_MTU_BLACKHOLE, PATH_DROPS_DATA, PATH_DROPPED_TO_PHONE),
    meaning="The TLS handshake stops between flights and no alert says why.",
    told_by="One side closes the connection during the handshake without a readable alert.",
    not_this="A capture that ends there, a reset, a server that stays silent.",
    remedy="Look at the log of the side that closed. A phone that closes after the server's "
    "certificate has usually refused it.",
)
TLS_NOT_SPOKEN = Code(
    code="tls-not-spoken",
    family=Family.TLS,
    severity=Severity.CRITICAL,
    stage=Layer.TLS,
    screen=ScreenRule.BY_SERVICE,
    looks_for=Sight.UNDONE,
    services=TCP_SERVICES,
    meaning="What answers on the service's port does not speak TLS.",
    told_by="Bytes on the port that are not a TLS record.",
    not_this="A capture that begins in mid-session or lacks bytes.",
    remedy="Find out what listens on that port of that host (on CUCM: 'show open ports'); a proxy "
    "or another service answers in its place.",
)
TLS_CERTIFICATE_HIDDEN = Code(
    code="tls-certificate-hidden",
    family=Family.TLS,
    severity=Severity.INFO,
    stage=Layer.TLS,
    screen=None,
    looks_for=Sight.TLS13,
    services=TCP_SERVICES,
    meaning="The session uses TLS 1.3, which encrypts the server's certificate: it cannot be "
    "compared with the trust list.",
    told_by="A ServerHello that selects TLS 1.3.",
    not_this="A fault: TLS 1.3 always encrypts it. A session of which keys reveal the certificate.",
    remedy="Keys show it: 'capfpcap check --keylog FILE' with the key log (SSLKEYLOGFILE) of "
    "either side. Or compare by hand: serial number and issuer of 'show cert own CAPF' on the "
    "publisher with the CAPF record of 'show itl' on each TFTP node.",
)


def _stopped(progress: Progress) -> bool:
    """Whether the handshake stopped, by a FIN or in silence, and nothing says why."""
    session = progress.session
    if not progress.judgeable or session.problem is not None or session.handshake_complete:
        return False
    if session.fatal_alert is not None or session.refusal_row is not None:
        return False
    if left_behind_certificate(session):
        return False
    if progress.silent or progress.unheard is not None or progress.surely_heard:
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
            title=f"TLS with {server_of(case, last.flow)} stops after {_last_step(last)}",
            detail=f"{_how_it_stopped(last)} after {_last_step(last)}, without an alert that says "
            "why"
            + (f"; so in {len(stopped)} connections" if len(stopped) > 1 else "")
            + (in_its_place(last.flow) or "."),
            proofs=tuple(_stop(item) for item in stopped[-MAX_EVIDENCE:]),
            service=service,
            flow=last.flow,
            certainty=Certainty.LIKELY if last.flow.unshown_at else Certainty.PROVEN,
        )


@TLS_HANDSHAKE_INCOMPLETE.by_phone
def handshake_with_gaps(case: Case) -> Iterator[Draft]:
    """A handshake with CAPF that is never seen to end, of which the capture lacks a part."""
    stopped = [
        item for item in since_success(case) if _is_broken(item) and not case.hurt(item.flow)
    ]
    if not stopped:
        return
    last = stopped[-1]
    yield Draft(
        TLS_HANDSHAKE_INCOMPLETE,
        title=f"TLS with {server_of(case, last.flow)} is not seen to complete",
        detail=f"{_how_it_stopped(last)} after {_last_step(last)}"
        + (f"; so in {len(stopped)} connections" if len(stopped) > 1 else "")
        + f". {_gap_in_words(last)}",
        proofs=tuple(_stop(item) for item in stopped[-MAX_EVIDENCE:]),
        service=Service.CAPF,
        flow=last.flow,
        certainty=Certainty.POSSIBLE,
        remedy=_ANOTHER_CAPTURE,
        last_resort=True,
    )


_ANOTHER_CAPTURE = (
    "Capture at the phone and at the publisher at the same time: the two show whether the "
    "packets are lost on the way, and where. If only large ones are lost, check the path's MTU."
)


def _is_broken(progress: Progress) -> bool:
    """Whether a handshake whose beginning was captured has gaps and went on no more."""
    session = progress.session
    if session.handshake_complete or session.whole or session.fatal_alert is not None:
        return False
    if session.client_hello is None or session.application_records or session.refusal_row:
        return False
    if session.connection.mid_session or progress.sighting.at.table.one_sided:
        return False
    return not session.connection.open_at_end or _quiet(progress) >= SERVER_ANSWER


def _gap_in_words(progress: Progress) -> str:
    """How much is missing, and whether its receiver had it."""
    connection = progress.session.connection
    server = connection.server
    if (server.acknowledged or 0) < server.sent:
        return (
            "Part of what the server sent is not in this capture, and the phone never acknowledged "
            "it: most likely it was lost before it came here."
        )
    return (
        "Part of the handshake is not in this capture, which may have missed it: what stopped the "
        "handshake cannot be told from here."
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
            title=f"{server_of(case, progress.flow)}: what the {who} sends is not TLS",
            detail=f"Byte {malformed.offset} of what the {who} sent: {malformed.reason}. It "
            f"begins with {_shown(piece)}.",
            proofs=(proof(progress.sighting, row, "not a TLS record"),),
            service=progress.flow.service,
            flow=progress.flow,
        )
        return


def _shown(octets: bytes) -> str:
    """Text between quotation marks where all of it is, else hexadecimal digits."""
    text = octets.decode("ascii", "replace").rstrip()
    return f"'{text}'" if text.isascii() and text.isprintable() and text else octets.hex(" ")


@TLS_CERTIFICATE_HIDDEN.by_phone
def tls_certificate_hidden(case: Case) -> Iterator[Draft]:
    """TLS 1.3 on the CAPF port."""
    for flow, sighting, session in reversed(case.capf_sessions):
        hello = session.server_hello
        if session.server_certificate is not None:
            return
        hidden = session.certificate_hidden and session.version == Version.TLS_1_3
        if hidden and hello is not None:
            yield Draft(
                TLS_CERTIFICATE_HIDDEN,
                title="TLS 1.3 hides the certificate of CAPF",
                detail="The certificate is encrypted; whether it is the one in the phone's trust "
                "list cannot be seen.",
                proofs=(proof(sighting, hello.row, "ServerHello selects TLS 1.3"),),
                service=flow.service,
                flow=flow,
                certainty=Certainty.PROVEN,
            )
            return
