"""Findings on connections that open well and then stop; they apply to every TCP service alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from capf_dissectors.capf_shape import Command, SessionState

from capfpcap.report import Certainty, Severity
from capfpcap.rules.capf.capf_read import CAPF_MALFORMED
from capfpcap.rules.capf.left_as_done import is_left_as_done
from capfpcap.rules.certificates.certificate import (
    CAPF_CERTIFICATE_EXPIRED,
    CAPF_CERTIFICATE_NOT_YET_VALID,
)
from capfpcap.rules.connections.injected import RST_INJECTED
from capfpcap.rules.connections.path import (
    PATH_DROPPED_TO_PHONE,
    PATH_DROPS_DATA,
    PATH_MTU_BLACKHOLE,
)
from capfpcap.rules.connections.shut_window import is_full, shut_rows
from capfpcap.rules.connections.unreachable import ICMP_UNREACHABLE
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.code import Code, Family
from capfpcap.rules.model.draft import MAX_EVIDENCE, Draft, proof
from capfpcap.rules.model.progress import Progress
from capfpcap.rules.model.screen import ScreenRule
from capfpcap.rules.model.sight import Sight
from capfpcap.rules.model.stage import Layer
from capfpcap.rules.model.timeouts import SECOND
from capfpcap.rules.questions.tcp import TCP_SERVICES
from capfpcap.rules.questions.wording import in_its_place, log_remedy, restart_remedy, server_of
from capfpcap.rules.tls.alerts import TLS_CLIENT_CERTIFICATE_REJECTED
from capfpcap.rules.trust.mismatch import ITL_CAPF_MISMATCH
from capfpcap.services import Service
from capfpcap.timeline.session_end import first_end, hidden_alert_rows
from capfpcap.vantage.fate import Fate
from capfpcap.vantage.flow import Flow
from capfpcap.vantage.path.resets import foreign_wherever_seen
from capfpcap.vantage.role import Role

SERVER_SILENT = Code(
    code="server-silent",
    family=Family.CONNECTIONS,
    severity=Severity.CRITICAL,
    stage=Layer.AS_FAR_AS_IT_CAME,
    screen=ScreenRule.BY_SERVICE,
    looks_for=Sight.UNDONE | Sight.UNFINISHED_FILE,
    services=TCP_SERVICES,
    causes=(RST_INJECTED,),
    meaning="The server's host acknowledges data and its service answers nothing: it is frozen "
    "or overloaded (CSCub62243).",
    told_by="The server acknowledged what the client sent, sent nothing itself, and the client "
    "gave up or waited for long; or it announced a receive window of zero and kept to that.",
    not_this="Data that was not acknowledged: that is loss on the path. A phone that is "
    "generating its key.",
    remedy="Restart the service on that node ('utils service restart'); if it freezes again, look "
    "for a fixed release (CAPF: CSCub62243).",
)
CONNECTION_RESET = Code(
    code="connection-reset",
    family=Family.CONNECTIONS,
    severity=Severity.CRITICAL,
    stage=Layer.AS_FAR_AS_IT_CAME,
    screen=ScreenRule.BY_SERVICE,
    looks_for=Sight.UNDONE | Sight.UNANSWERED,
    services=TCP_SERVICES,
    causes=(
        ITL_CAPF_MISMATCH,
        CAPF_CERTIFICATE_EXPIRED,
        CAPF_CERTIFICATE_NOT_YET_VALID,
        TLS_CLIENT_CERTIFICATE_REJECTED,
        RST_INJECTED,
    ),
    meaning="One side resets the connection in mid-session.",
    told_by="A RST by a peer before the session is complete; or the phone resets each SYN-ACK.",
    not_this="A RST after the session is complete or after a fatal alert: the normal end.",
    remedy="Look at the log of the side that sent the RST at that moment (CAPF's trace: 'file list "
    "activelog cm/trace/capf/sdi'); if neither knows of it, look for a firewall or proxy in "
    "between.",
)
CONNECTION_LOST = Code(
    code="connection-lost",
    family=Family.CONNECTIONS,
    severity=Severity.CRITICAL,
    stage=Layer.AS_FAR_AS_IT_CAME,
    screen=ScreenRule.BY_SERVICE,
    looks_for=Sight.UNDONE,
    services=TCP_SERVICES,
    causes=(
        PATH_MTU_BLACKHOLE,
        PATH_DROPS_DATA,
        PATH_DROPPED_TO_PHONE,
        ICMP_UNREACHABLE,
        CAPF_MALFORMED,
    ),
    meaning="The connection goes silent, or is closed, before the session is complete.",
    told_by="One side retransmits data that is never acknowledged and nothing follows, or one "
    "side closes with FIN before the last message.",
    not_this="Key generation: the phone is silent for up to minutes.",
    remedy="Look for what cut the path in mid-session: a firewall's idle timer, a link that "
    "went down, a phone that restarted. A second capture at the other end tells which side.",
)


def sessions_by_service(
    case: Case, wanted: Callable[[Progress], bool]
) -> dict[Service, list[Progress]]:
    """The sessions that show a fault, by service; not where two captures tell better why."""
    found: dict[Service, list[Progress]] = {}
    for progress in case.progresses:
        if is_left_as_done(case, progress) or case.hurt(progress.flow):
            continue
        if wanted(progress):
            found.setdefault(progress.flow.service, []).append(progress)
    return found


@SERVER_SILENT.by_phone
def server_silent(case: Case) -> Iterator[Draft]:
    """The server acknowledges and says nothing."""
    for service, found in sessions_by_service(case, lambda progress: progress.silent).items():
        last = found[-1]
        row, _ = last.last_word or (last.session.view.start, True)
        seen_at_server = any(
            sighting.at.role in (Role.PUBLISHER, Role.SUBSCRIBER)
            for sighting in last.flow.sightings
        )
        waited, closed = last.waited(row)
        proofs = []
        for progress in found:
            spoke, from_client = progress.last_word or (progress.session.view.start, True)
            sender = progress.session.connection.side(from_client)
            proofs.append(proof(progress.sighting, spoke, "the last data; an answer is due"))
            if sender.acknowledged_row is not None:
                note = "acknowledged by the server" if from_client else "acknowledged by the phone"
                proofs.append(proof(progress.sighting, sender.acknowledged_row, note))
        stage = "the ClientHello" if last.session.server_hello is None else "the last message"
        yield Draft(
            SERVER_SILENT,
            title=f"{server_of(case, last.flow)} accepts the connection and sends nothing",
            detail=f"The server acknowledged {stage} and sent no answer for "
            f"{waited / SECOND:.1f} s"
            + (", then the phone gave up" if closed else ", until the capture ended")
            + (f"; so in {len(found)} connections" if len(found) > 1 else "")
            + (in_its_place(last.flow) or ("." if seen_at_server else _ONLY_FROM_AFAR)),
            proofs=tuple(proofs[-MAX_EVIDENCE:]),
            service=service,
            flow=last.flow,
            remedy=restart_remedy(service),
            certainty=Certainty.PROVEN if seen_at_server else Certainty.LIKELY,
        )


_ONLY_FROM_AFAR = (
    ". Only a capture at the server can rule out that its answer was lost on the path."
)


def _is_reset(progress: Progress) -> bool:
    """Whether a RST was the first thing to end a session whose work was not done."""
    connection = progress.session.connection
    closing = connection.closing_row
    resets = connection.client.reset_rows[:1] + connection.server.reset_rows[:1]
    if closing is None or closing not in resets or connection.established_row is None:
        return False
    session = progress.session
    if progress.work_done or session.alerts or session.refusal_row is not None:
        return False
    if session.problem is not None or not session.whole or hidden_alert_rows(session):
        return False
    if progress.silent or is_full(progress):
        return False
    return not foreign_wherever_seen(progress.flow, progress.sighting, connection)


@CONNECTION_RESET.by_phone
def connection_reset(case: Case) -> Iterator[Draft]:
    """A RST ends the session early."""
    for service, found in sessions_by_service(case, _is_reset).items():
        last = found[-1]
        connection = last.session.connection
        row = connection.closing_row
        assert row is not None
        who = "The server" if row in connection.server.reset_rows else "The phone"
        yield Draft(
            CONNECTION_RESET,
            title=f"{who} resets the connection to {server_of(case, last.flow)} {_stage(last)}",
            detail=f"{who} sent RST {_stage(last)}, before the session was complete"
            + (f"; so in {len(found)} connections" if len(found) > 1 else "")
            + (in_its_place(last.flow) or ".")
            + (_PHONE_IS_FULL if shut_rows(last, from_client=True) else ""),
            proofs=tuple(
                proof(item.sighting, item.session.connection.closing_row or row, "RST")
                for item in found[-MAX_EVIDENCE:]
            ),
            service=service,
            flow=last.flow,
            certainty=_certainty_of_reset(case, last.flow),
        )


_PHONE_IS_FULL = (
    " Before that the phone announced a receive window of zero and did not open it again: it took "
    "nothing more."
)


def _certainty_of_reset(case: Case, flow: Flow) -> Certainty:
    """How sure it is that a host sent the reset: not quite where its own capture lacks it."""
    lacking = any(leg.of(Fate.INJECTED) for leg in case.scene.legs(flow))
    return Certainty.LIKELY if lacking or flow.unshown_at else Certainty.PROVEN


def _stage(progress: Progress) -> str:
    """Where in the session it was, in words."""
    session = progress.session
    if session.client_hello is None:
        return "before TLS began"
    if session.server_hello is None:
        return "after the ClientHello"
    if not session.handshake_complete:
        return "during the TLS handshake"
    return "in mid-session"


def _is_lost(progress: Progress) -> bool:
    """Whether data was repeated in vain, or a session was closed in its midst."""
    connection = progress.session.connection
    if connection.established_row is None or progress.work_done or connection.mid_session:
        return False
    return progress.unheard is not None or _closed_in_mid_session(progress)


def _closed_in_mid_session(progress: Progress) -> bool:
    session = progress.session
    return (
        progress.closed_politely
        and bool(session.application_records)
        and session.shape.state in (SessionState.PARTIAL, SessionState.UNRECOGNISED)
        and session.shape.last is not Command.END_SESSION
        and session.whole
        and not (progress.silent or is_full(progress))
    )


@CONNECTION_LOST.by_phone
def connection_lost(case: Case) -> Iterator[Draft]:
    """A session falls silent, or is closed before its work was done."""
    named = case.phone.is_named
    lost = sessions_by_service(case, lambda item: _is_lost(item) and (named or not item.only_tries))
    for found in lost.values():
        last = found[-1]
        unheard = last.unheard
        yield _closed(case, last) if unheard is None else _unheard(case, last, unheard)


def _unheard(case: Case, last: Progress, from_client: bool) -> Draft:
    side = last.session.connection.side(from_client)
    who, other = ("phone", "server") if from_client else ("server", "phone")
    return Draft(
        CONNECTION_LOST,
        title=f"The connection to {server_of(case, last.flow)} goes silent {_stage(last)}",
        detail=f"The {who} retransmitted its data {len(side.repeated)} times; "
        f"{side.unacknowledged} bytes were never acknowledged by the {other}. A capture "
        "at the other end tells whether the data or its acknowledgements were lost.",
        proofs=tuple(
            proof(last.sighting, row, "data retransmitted") for row in side.repeated[:MAX_EVIDENCE]
        ),
        service=last.flow.service,
        flow=last.flow,
    )


def _closed(case: Case, last: Progress) -> Draft:
    first = first_end(last.session)
    assert first is not None
    row, from_client = first
    who = "phone" if from_client else "server"
    is_told = not last.may_have_ended
    return Draft(
        CONNECTION_LOST,
        title=f"The {who} closes the connection to {server_of(case, last.flow)} "
        + (_stage(last) if is_told else "behind messages that sizes do not tell"),
        detail=f"The {who} closed the connection to {case.server(last.flow)}"
        + (" before the session was complete." if is_told else _UNRECOGNISED),
        certainty=Certainty.PROVEN if is_told else Certainty.POSSIBLE,
        proofs=(proof(last.sighting, row, f"closed by the {who}"),),
        service=last.flow.service,
        flow=last.flow,
        remedy=log_remedy(last.flow.service, from_client=from_client),
    )


_UNRECOGNISED = (
    ". Its messages are encrypted, and their sizes are those of no operation that is known: it may "
    "have been complete, or refused. With the session's keys (--keylog) check reads it."
)
