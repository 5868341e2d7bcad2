"""What a phone did later: it shows what the phone had by then, whatever the captures lack."""

from __future__ import annotations

from capfpcap.report import Severity
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.progress import is_complete
from capfpcap.timeline.session import Session


def tried_capf(case: Case, after: int) -> bool:
    """Whether the phone began to connect to CAPF after a moment, in nanoseconds since 1970 UTC.

    It had a configuration, the server's address and a trust list then.
    """
    return any(flow.started > after for flow in case.phone.attempts)


def shook_hands_with_capf(case: Case, after: int) -> bool:
    """Whether a TLS handshake with CAPF that began after a moment came to its end.

    The phone found the certificate of CAPF in a trust list.
    """
    return any(
        flow.started > after and session.handshake_complete
        for flow, _, session in case.capf_sessions
    )


def weight_of_a_file(case: Case, after: int) -> Severity | None:
    """A warning where the phone went on to CAPF without a file that it had in vain asked for.

    None, which leaves it as grave as it is, where CAPF presented itself and the handshake stopped
    there: without a new list a phone keeps an old one. So too where it enrolled: that overcomes it.
    """
    later = [session for flow, _, session in case.capf_sessions if flow.started > after]
    if not later or any(_stops_at_the_certificate(session) for session in later):
        return None
    return None if any(map(is_complete, later)) else Severity.WARNING


def _stops_at_the_certificate(session: Session) -> bool:
    return session.server_hello is not None and not session.handshake_complete


def acts_on_a_trust_list(case: Case, after: int) -> bool:
    """Whether the phone did after a moment what only one with a trust list does.

    It asks for a signed configuration, or connects to CAPF.
    """
    return tried_capf(case, after) or any(
        item.transfer.started > after and is_signed(item.transfer.name) for item in case.phone.files
    )


def is_signed(file_name: str) -> bool:
    """Whether a file of that name is a signed one."""
    return file_name.lower().endswith(".sgn")
