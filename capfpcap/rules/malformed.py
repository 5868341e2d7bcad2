"""Decrypted bytes that are not CAPF."""

from __future__ import annotations

from collections.abc import Iterator

from capfpcap.flows.service import Service
from capfpcap.report import Severity, Stage
from capfpcap.rules.case import Case
from capfpcap.rules.code import Code, Family
from capfpcap.rules.draft import MAX_EVIDENCE, Draft, proof
from capfpcap.rules.progress import is_complete
from capfpcap.rules.read_session import session_read
from capfpcap.rules.screen import Screen
from capfpcap.rules.sight import Sight

CAPF_MALFORMED = Code(
    code="capf-malformed",
    family=Family.CAPF,
    severity=Severity.WARNING,
    stage=Stage.CAPF,
    screen=Screen.CONNECTION_FAILED,
    services=("capf",),
    looks_for=Sight.READ,
    meaning="What is said inside TLS on CAPF's port is not CAPF, or not whole messages of it.",
    told_by="Decrypted: a message does not begin as one does, or an element reaches past the end "
    "of its message; the finding says at which byte of the plaintext. Critical where the session "
    "is not complete.",
    not_this="A message over several records or several in one; commands and elements that are "
    "not known; bytes that the capture lacks.",
    remedy="Find out who sent it: the frame names the sender. If it is CAPF, compare the "
    "certificate that it presents with 'show cert own CAPF' (another service, or a box in the "
    "middle, may answer), and look for a defect of that release; if it is the phone, update its "
    "firmware.",
)


@CAPF_MALFORMED.by_phone
def capf_malformed(case: Case) -> Iterator[Draft]:
    """The last session with such bytes."""
    for progress in reversed(case.progresses):
        known = session_read(case, progress) if progress.flow.service is Service.CAPF else None
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
