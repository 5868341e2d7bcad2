"""Sessions with CAPF that lack END_SESSION alone, after which the phone does not come back."""

from __future__ import annotations

from capf_dissectors.capf_shape import SessionState

from capfpcap.rules.capf.capf_words import lacks_only_its_end
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.progress import Progress
from capfpcap.rules.questions.probes import RETRY
from capfpcap.services import Service
from capfpcap.timeline.session import Session


def _lacks_its_end(session: Session) -> bool:
    shape = session.shape
    return shape.state is SessionState.PARTIAL and lacks_only_its_end(shape)


def is_left_as_done(case: Case, progress: Progress) -> bool:
    """Whether the phone takes an operation for done whose end CAPF did not confirm.

    A phone tries again within :data:`RETRY` of a session that failed, a few times. One that
    answered what it was to store, was heard, and does not come back even once most likely has what
    it came for.
    """
    session = progress.session
    if progress.flow.service is not Service.CAPF or not _lacks_its_end(session):
        return False
    others = (each for _, _, each in case.capf_sessions if each is not session)
    if not session.whole or any(map(_lacks_its_end, others)):
        return False
    connection = session.connection
    if connection.closing_row is None or connection.client.unacknowledged > 1:
        return False
    last = session.application_records[-1].row
    tried_again = any(flow.started > progress.time(last) for flow in case.phone.attempts)
    return not tried_again and progress.sighting.watched_until - progress.time(last) >= RETRY
