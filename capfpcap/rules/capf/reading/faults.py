"""Decrypted bytes that are not CAPF."""

from __future__ import annotations

from collections.abc import Iterator

from capfpcap.report import Severity
from capfpcap.rules.capf.capf_read import CAPF_MALFORMED
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.draft import MAX_EVIDENCE, Draft, proof
from capfpcap.rules.model.progress import is_complete
from capfpcap.services import Service


def capf_malformed(case: Case) -> Iterator[Draft]:
    """The last session with such bytes."""
    for progress in reversed(case.progresses):
        known = case.session_read(progress) if progress.flow.service is Service.CAPF else None
        if known is None or not known.faults:
            continue
        first = known.faults[0]
        sender = "the phone" if first.from_client else "CAPF"
        more = len(known.faults) - 1
        yield Draft(
            CAPF_MALFORMED,
            title=f"What {sender} sends inside TLS is not CAPF",
            detail=f"Byte {first.offset} of the plaintext that {sender} sends: {first.reason}."
            + (f" There are {more} more such places." if more > 1 else "")
            + (" There is one more such place." if more == 1 else ""),
            proofs=tuple(
                proof(progress.sighting, one.row, f"byte {one.offset}: {one.reason}")
                for one in known.faults[:MAX_EVIDENCE]
            ),
            service=Service.CAPF,
            flow=progress.flow,
            severity=None if is_complete(progress.session) else Severity.CRITICAL,
        )
        return
