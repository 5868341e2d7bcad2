"""What a report remarks beside its findings: no fault of an enrolment, and worth telling."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from capfpcap.report import Phone

MAX_NAMED = 3
"""Files that a remark names; the others are counted."""


def remarks_on(phones: Sequence[Phone]) -> Iterator[str]:
    """Remarks on what ``phones`` loaded; they leave the verdict as it is."""
    unread = [
        (phone.configuration.file, phone.configuration.problem)
        for phone in phones
        if phone.configuration is not None and phone.configuration.problem is not None
    ]
    if not unread:
        return
    named = "; ".join(f"{file} ({problem})" for file, problem in unread[:MAX_NAMED])
    more = f"; and {len(unread) - MAX_NAMED} more" if len(unread) > MAX_NAMED else ""
    yield (
        "Configurations that arrived whole and cannot be read, so that the CAPF server and the "
        f"operation that they name are not known: {named}{more}"
    )
