"""Sessions that a phone left without a word and began anew, as a publisher's capture shows them.

A phone that restarts, or whose packets do not arrive any more, says no farewell: beside the server
such a session looks as if the phone were still making its key. But a phone has one session with
CAPF at a time, and a new one says that it is done with the old one.
"""

from __future__ import annotations

from collections.abc import Iterator

from capfpcap.report import Certainty, Severity
from capfpcap.rules.capf.capf import capf_progresses
from capfpcap.rules.connections.session import CONNECTION_LOST
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.draft import Draft, Proof, proof
from capfpcap.rules.model.progress import Progress
from capfpcap.rules.model.timeouts import SECOND, SILENT_BEFORE_NEW
from capfpcap.rules.questions.wording import server_of
from capfpcap.services import Service


def began_anew(case: Case, progress: Progress) -> Progress | None:
    """The session that the phone began in place of one that it left without a word.

    A connection that tells nothing of the phone, or is closed before the phone has answered CAPF,
    may be a probe's from the same address. One beside which the old session goes on is another
    phone's behind the same NAT.
    """
    if not _is_left_open(progress) or case.hurt(progress.flow):
        return None
    heard = progress.session.connection.client.last_row
    if heard is None:
        return None
    silent_since = progress.time(heard)
    for later in capf_progresses(case):
        if later.flow.started - silent_since >= SILENT_BEFORE_NEW and _is_the_phones(later):
            return later
    return None


def _is_left_open(progress: Progress) -> bool:
    """Whether a session with CAPF stops in its midst, and nothing else says that it is over.

    A server that still has the session repeats what the phone has not acknowledged: where it does
    not, it ended the session, and the capture lacks how.
    """
    session = progress.session
    server = session.connection.server
    if server.unacknowledged and not server.repeated:
        return False
    return (
        session.connection.open_at_end
        and progress.judgeable
        and not progress.work_done
        and not session.alerts
        and session.handshake_complete
        and not progress.silent
        and progress.unheard is None
    )


def _is_the_phones(later: Progress) -> bool:
    session = later.session
    if session.client_hello is None:
        return False
    answered = any(record.from_client for record in session.application_records)
    return answered or session.connection.open_at_end


@CONNECTION_LOST.by_phone
def left_and_began_anew(case: Case) -> Iterator[Draft]:
    """The last session that the phone left without a word."""
    found = [
        (progress, later)
        for progress in capf_progresses(case)
        if (later := began_anew(case, progress)) is not None
    ]
    if not found:
        return
    left, later = found[-1]
    certain = case.phone.is_named
    waited = later.flow.started - left.time(left.session.view.stop - 1)
    who = "The phone" if certain else "The phone, or another one behind its address,"
    yield Draft(
        CONNECTION_LOST,
        title=(
            f"The phone abandons its session with {server_of(case, left.flow)} and connects again"
        ),
        detail=f"Nothing more came of the session for {waited / SECOND:.0f} s, neither data nor "
        f"its end. {who} then began another one"
        + (f"; so {len(found)} times" if len(found) > 1 else "")
        + ". It restarted, or its packets no longer arrived: a capture at the phone tells.",
        proofs=tuple(item for pair in found[-_MOST_SHOWN:] for item in _proofs(*pair)),
        service=Service.CAPF,
        flow=left.flow,
        certainty=Certainty.LIKELY if certain else Certainty.POSSIBLE,
        severity=None if certain else Severity.WARNING,
        at=left.time(left.session.view.stop - 1),
    )


_MOST_SHOWN = 6


def _proofs(left: Progress, later: Progress) -> tuple[Proof, Proof]:
    last, first = left.session.view.stop - 1, later.session.view.start
    return (
        proof(left.sighting, last, "the last packet of the session"),
        proof(later.sighting, first, "the phone connects again"),
    )
