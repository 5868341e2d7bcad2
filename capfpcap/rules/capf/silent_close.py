"""Sessions that one side ends without a readable word: an encrypted alert, or none at all."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from capf_dissectors.capf_shape import SessionState

from capfpcap.report import Certainty
from capfpcap.rules.capf.capf import (
    CAPF_SESSION_ABORTED,
    capf_progresses,
    may_be_pending,
)
from capfpcap.rules.capf.capf_words import record_proofs
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.draft import MAX_EVIDENCE, Draft, Proof, proof
from capfpcap.rules.model.presented import Presented, presented_in
from capfpcap.rules.model.progress import Progress
from capfpcap.rules.model.timeouts import SERVER_ANSWER
from capfpcap.rules.questions.comparison import compared_in_words
from capfpcap.rules.questions.probes import as_a_phone_retries, since_success
from capfpcap.rules.questions.wording import server_of
from capfpcap.rules.tls.alert_words import client_certificate_in_words, refused_title
from capfpcap.rules.tls.alerts import TLS_CERTIFICATE_REJECTED, TLS_CLIENT_CERTIFICATE_REJECTED
from capfpcap.rules.trust.mismatch import is_none_of_the_lists
from capfpcap.services import Service
from capfpcap.timeline.session import Session
from capfpcap.timeline.session_end import (
    hid_certificate,
    left_behind_certificate,
    left_by_server,
    left_without_a_word,
)


@TLS_CERTIFICATE_REJECTED.by_phone
def refused_in_secret(case: Case) -> Iterator[Draft]:
    """In TLS 1.3 an alert takes the place of the phone's Finished."""
    for progress in reversed(case.progresses):
        row = progress.session.refusal_row
        if row is None:
            continue
        yield Draft(
            TLS_CERTIFICATE_REJECTED,
            title=f"The phone refuses the certificate of {case.server(progress.flow)}",
            detail="TLS 1.3 hides the certificate and the alert. What the phone sent after the "
            "server's certificate is too short to end a handshake: an alert, most likely because "
            f"it does not trust that certificate. {compared_in_words(case, progress)}",
            proofs=(proof(progress.sighting, row, "encrypted alert by the phone"),),
            service=progress.flow.service,
            flow=progress.flow,
            certainty=Certainty.LIKELY,
        )
        return


@TLS_CERTIFICATE_REJECTED.by_phone
def refused_behind_handshake(case: Case) -> Iterator[Draft]:
    """The phone ends TLS as soon as it is set up, with a certificate that it cannot trust."""
    for progress in reversed(_before_success(case)):
        item = _turned_away(case, progress)
        closing = progress.session.connection.closing_row
        if item is None or closing is None:
            continue
        shown = f"CN={item.facts.common_name}"
        yield Draft(
            TLS_CERTIFICATE_REJECTED,
            title=f"The phone refuses the certificate of {server_of(case, progress.flow)}",
            detail="The phone finished the handshake and closed the session without sending "
            f"anything more. It may not trust the server's certificate ({shown}): some "
            "phones look at it only then, and what they say of it is encrypted. "
            f"{compared_in_words(case, progress)}",
            proofs=(
                proof(progress.sighting, item.row, f"server certificate {shown}"),
                proof(progress.sighting, closing, "the connection is closed"),
            ),
            service=Service.CAPF,
            flow=progress.flow,
            certainty=Certainty.LIKELY,
        )
        return


@TLS_CLIENT_CERTIFICATE_REJECTED.by_phone
def refused_by_server(case: Case) -> Iterator[Draft]:
    """The server ends the handshake behind the phone's certificate, without a word."""
    for progress in reversed(case.progresses):
        session = progress.session
        said, closing = session.client_certificate, session.connection.closing_row
        if said is None or closing is None or session.handshake_complete:
            continue
        if not left_behind_certificate(session) or case.hurt(progress.flow):
            continue
        shown = client_certificate_in_words(progress)
        yield Draft(
            TLS_CLIENT_CERTIFICATE_REJECTED,
            title=refused_title(case, progress),
            detail=f"After the phone's certificate ({shown}) the server ended the connection "
            "without an alert, before the handshake was done: most likely it does not accept it.",
            proofs=(
                proof(progress.sighting, said.row, f"the phone's certificate: {shown}"),
                proof(progress.sighting, closing, "the connection is closed"),
            ),
            service=progress.flow.service,
            flow=progress.flow,
            certainty=Certainty.LIKELY,
        )
        return


@TLS_CLIENT_CERTIFICATE_REJECTED.by_phone
def refused_by_server_in_secret(case: Case) -> Iterator[Draft]:
    """In TLS 1.3 the server ends the session behind the phone's certificate, without a word."""
    for progress in reversed(case.progresses):
        session, closing = progress.session, progress.session.connection.closing_row
        if closing is None or not hid_certificate(session) or not left_by_server(session):
            continue
        if _is_explained(session):
            continue
        shown = session.encrypted_records[-1].row if session.encrypted_records else closing
        if progress.time(closing) - progress.time(shown) > SERVER_ANSWER:
            continue
        yield Draft(
            TLS_CLIENT_CERTIFICATE_REJECTED,
            title=refused_title(case, progress),
            detail=f"{_SEEN if session.readable else _HIDDEN} The "
            "server ended the session right after it, without any data: most likely it "
            "does not accept that certificate.",
            proofs=(
                proof(progress.sighting, shown, "the last encrypted record"),
                proof(progress.sighting, closing, "the connection is closed"),
            ),
            service=progress.flow.service,
            flow=progress.flow,
            certainty=Certainty.LIKELY,
        )
        return


_HIDDEN = "TLS 1.3 hides the phone's certificate and what the server says of it."
_SEEN = "The phone presented its certificate."


def _is_explained(session: Session) -> bool:
    """Whether keys reveal an alert that says why a session was ended."""
    return session.readable and session.fatal_alert is not None


def _before_success(case: Case) -> list[Progress]:
    """The sessions with CAPF in which an operation may be pending.

    None of a client that tells no device name: it may be a probe, which closes without a word.
    """
    return list(takewhile(may_be_pending, capf_progresses(case))) if case.phone.is_named else []


def _turned_away(case: Case, progress: Progress) -> Presented | None:
    """The certificate at which the phone likely left; None where nothing is wrong with it."""
    flow, session = progress.flow, progress.session
    item = presented_in(flow, progress.sighting, session)
    if item is None or not left_without_a_word(session) or progress.silent:
        return None
    if _is_explained(session):
        return None
    wrong = item.expired or item.early or is_none_of_the_lists(case, flow, session)
    return item if wrong else None


@CAPF_SESSION_ABORTED.by_phone
def left_at_start(case: Case) -> Iterator[Draft]:
    """TLS came about, and the phone closed before it answered CAPF at all."""
    for progress in reversed(_before_success(case)):
        session = progress.session
        closing = session.connection.closing_row
        if session.shape.state is not SessionState.ENDED_AT_START or closing is None:
            continue
        if not left_without_a_word(session) or progress.silent or _is_explained(session):
            continue
        if _turned_away(case, progress) is not None:
            continue
        asked = bool(session.application_records)
        spoke = "CAPF's first message" if asked else "TLS was set up"
        is_open = asked and not session.readable
        why = " That message may have asked it to try again later." if is_open else ""
        yield Draft(
            CAPF_SESSION_ABORTED,
            title=f"The phone closes the session after {spoke}",
            detail=f"TLS with {case.server(progress.flow)} was established, and the phone closed "
            f"it after {spoke}, without an answer. No certificate was delivered.{why}",
            proofs=(
                *record_proofs(case, progress),
                proof(progress.sighting, closing, "the connection is closed"),
            ),
            service=Service.CAPF,
            flow=progress.flow,
            certainty=Certainty.POSSIBLE if is_open else Certainty.LIKELY,
        )
        return


@CAPF_SESSION_ABORTED.by_phone
def left_again_and_again(case: Case) -> Iterator[Draft]:
    """A client that tells no name leaves session after session as soon as TLS is set up."""
    if case.phone.is_named:
        return
    left = as_a_phone_retries(
        [
            item
            for item in since_success(case)
            if left_without_a_word(item.session)
            and not item.silent
            and not _is_explained(item.session)
        ]
    )
    if not left:
        return
    last = left[-1]
    alerts = sum(bool(item.session.alerts) for item in left)
    by_alert = f", {alerts} of them with an alert that is encrypted" if alerts else ""
    yield Draft(
        CAPF_SESSION_ABORTED,
        title="The client closes every session with CAPF as soon as TLS is set up",
        detail=f"{len(left)} sessions with {case.server(last.flow)}: TLS was set up, and the "
        f"client closed each without an answer to CAPF{by_alert}. So does a phone that refuses the "
        "certificate when TLS is set up, and so does a probe of the port; no packet here tells "
        f"which it is. {compared_in_words(case, last)}",
        proofs=tuple(_endings(left)),
        service=Service.CAPF,
        flow=last.flow,
        certainty=Certainty.POSSIBLE,
        remedy=_WHO_IS_IT,
    )


def _endings(left: list[Progress]) -> Iterator[Proof]:
    """Where each session was closed."""
    for item in left[:MAX_EVIDENCE]:
        closing = item.session.connection.closing_row
        alert = next((said.row for said in item.session.alerts if said.from_client), closing)
        if alert is not None:
            yield proof(item.sighting, alert, "the client ends the session")


_WHO_IS_IT = (
    "Find out who that address is. If it is a phone, capture its files as well (UDP 69, TCP 6970): "
    "they tell which CAPF certificate it trusts; or compare by hand 'show cert own CAPF' on the "
    "publisher with 'show itl'. If it is monitoring, nothing is wrong."
)


@CAPF_SESSION_ABORTED.by_phone
def left_by_capf(case: Case) -> Iterator[Draft]:
    """TLS came about, and CAPF, which has the first word, closed before it said it."""
    for progress in reversed(list(takewhile(may_be_pending, capf_progresses(case)))):
        session = progress.session
        closing = session.connection.closing_row
        if closing is None or not left_by_server(session) or hid_certificate(session):
            continue
        if _is_explained(session):
            continue
        yield Draft(
            CAPF_SESSION_ABORTED,
            title="CAPF closes the session as soon as TLS is set up",
            detail=f"TLS with {case.server(progress.flow)} was established, and the server "
            "closed it before it sent anything. No certificate was delivered."
            + (_MAY_WANT_CERTIFICATE if session.certificate_hidden else ""),
            proofs=(
                *record_proofs(case, progress),
                proof(progress.sighting, closing, "the connection is closed"),
            ),
            service=Service.CAPF,
            flow=progress.flow,
            certainty=Certainty.LIKELY,
        )
        return


_MAY_WANT_CERTIFICATE = (
    " TLS 1.3 hides what the server said of it: it may have asked the phone for a certificate; its "
    "log tells."
)
