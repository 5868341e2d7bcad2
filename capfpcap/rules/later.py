"""What a phone did later: it shows what the phone had by then, whatever the captures lack."""

from __future__ import annotations

from capfpcap.rules.case import Case


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
