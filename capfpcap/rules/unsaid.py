"""Sessions that the phone ends without a readable word: an encrypted alert, or none at all."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from capf_dissectors.capf_shape import SessionState

from capfpcap.flows.service import Service
from capfpcap.report import Certainty
from capfpcap.rules.alerts import TLS_CERTIFICATE_REJECTED
from capfpcap.rules.capf import (
    CAPF_SESSION_ABORTED,
    capf_progresses,
    may_be_pending,
    record_proofs,
)
from capfpcap.rules.case import Case
from capfpcap.rules.comparison import compared_in_words
from capfpcap.rules.draft import Draft, proof
from capfpcap.timeline.session_end import ended_by_client


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


@CAPF_SESSION_ABORTED.by_phone
def left_at_start(case: Case) -> Iterator[Draft]:
    """TLS came about, and the phone closed before it answered CAPF at all.

    A client that tells no device name may be a probe, which does just that.
    """
    if not case.phone.is_named:
        return
    for progress in reversed(list(takewhile(may_be_pending, capf_progresses(case)))):
        session = progress.session
        closing = session.connection.closing_row
        if session.shape.state is not SessionState.ENDED_AT_START or closing is None:
            continue
        if not session.whole or not session.handshake_complete or progress.silent:
            continue
        if not ended_by_client(session):
            continue
        asked = bool(session.application_records)
        spoke = "CAPF's first message" if asked else "TLS was set up"
        why = " That message may have asked it to try again later." if asked else ""
        yield Draft(
            CAPF_SESSION_ABORTED,
            title=f"The phone closes the session after {spoke}",
            detail=f"TLS with {case.server(progress.flow)} came about, and the phone closed it "
            f"after {spoke}, without an answer. No certificate was delivered.{why}",
            proofs=(
                *record_proofs(progress),
                proof(progress.sighting, closing, "the connection is closed"),
            ),
            service=Service.CAPF,
            flow=progress.flow,
            certainty=Certainty.POSSIBLE,
        )
        return
