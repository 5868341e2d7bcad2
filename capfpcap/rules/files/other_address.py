"""A TFTP server whose answers come from another address than the phone asked."""

from __future__ import annotations

from collections.abc import Iterator

from capfpcap.enrolment.phone import Asked
from capfpcap.report import Severity, Stage
from capfpcap.rules.model.case import Case, Unreachable
from capfpcap.rules.model.code import Code, Family
from capfpcap.rules.model.draft import MAX_EVIDENCE, Draft, Proof, proof
from capfpcap.rules.model.sight import Sight
from capfpcap.rules.model.timeouts import FILE_ANSWER, SECOND
from capfpcap.services import Service
from capfpcap.timeline.files import TransferState

_AGAIN = 10 * SECOND
"""Nanoseconds in which a phone asks once more for a file whose answer it dropped."""
FEWEST_DROPPED = 2
"""Dropped answers; one may be a packet that the capture missed."""

TFTP_OTHER_ADDRESS = Code(
    code="tftp-other-address",
    family=Family.FILES,
    severity=Severity.CRITICAL,
    stage=Stage.FILES,
    screen=None,
    looks_for=Sight.OTHER_ADDRESS,
    services=("tftp",),
    meaning="The TFTP server answers from another address than the one that the phone asks, and "
    "the phone drops the answers.",
    told_by="Read requests to one address, answers to them from another one, none acknowledged; "
    "often the phone reports 'port unreachable' by ICMP, and it asks again. A warning where it "
    "gets files elsewhere.",
    not_this="A phone that acknowledges such answers and loads its files.",
    remedy="Let the server answer from the address that was asked: give phones (option 150 or 66) "
    "the address of the interface through which the server routes back to them, correct the "
    "server's route or its bonding, or the NAT between them, which must translate TFTP's answers "
    "from high ports too.",
)


@TFTP_OTHER_ADDRESS.by_phone
def tftp_other_address(case: Case) -> Iterator[Draft]:
    """Answers from an address that was not asked, which the phone does not take."""
    dropped = [item for item in case.phone.files if is_dropped(case, item)]
    if not dropped:
        return
    errors = _errors_of(case, dropped)
    asked = sum(len(item.transfer.request_rows) for item in dropped)
    if asked < FEWEST_DROPPED and not errors:
        return
    last = dropped[-1]
    server = case.address(last.transfer.server)
    others = ", ".join(dict.fromkeys(map(case.address, _others(dropped))))
    reported = " and reports by ICMP that it does not expect them there" if errors else ""
    yield Draft(
        TFTP_OTHER_ADDRESS,
        title=f"TFTP server {server} answers from {others}, and the phone drops that",
        detail=f"{asked} read requests to {server}; the answers come from {others}. The phone "
        f"acknowledges none of them{reported}. The server has several addresses, or a NAT changes "
        "the answers.",
        proofs=tuple(sorted(_proofs(case, dropped, errors), key=_time)[:MAX_EVIDENCE]),
        service=Service.TFTP,
        flow=last.flow,
        severity=Severity.WARNING if _has_files(case) else None,
    )


def is_dropped(case: Case, item: Asked) -> bool:
    """Whether a transfer was answered from another address and the phone did not take it."""
    transfer = item.transfer
    if not transfer.ignored_other_address or item.sighting.at.table.one_sided:
        return False
    if case.unreachable(item.flow) or len(transfer.request_rows) > 1:
        return True
    if transfer.end_row is None:
        return item.sighting.watched_until - transfer.started >= FILE_ANSWER
    return any(  # the phone got an error, and asks as if it had got nothing
        other.transfer.name == transfer.name
        and other.transfer.server == transfer.server
        and 0 < other.transfer.started - transfer.started < _AGAIN
        for other in case.phone.files
    )


def _others(dropped: list[Asked]) -> list[int]:
    return [
        item.transfer.answered_from for item in dropped if item.transfer.answered_from is not None
    ]


def _errors_of(case: Case, dropped: list[Asked]) -> list[Unreachable]:
    """What the phone reports of the answers."""
    others = set(_others(dropped))
    return [
        error
        for item in dropped
        for error in case.unreachable(item.flow)
        if not error.error.too_big and error.error.source in others
    ]


def _proofs(case: Case, dropped: list[Asked], errors: list[Unreachable]) -> Iterator[Proof]:
    for item in dropped:
        transfer = item.transfer
        asked = case.address(transfer.server)
        yield proof(item.sighting, transfer.first_row, f"request for {transfer.name} to {asked}")
        if transfer.answer_row is not None and transfer.answered_from is not None:
            other = case.address(transfer.answered_from)
            yield proof(item.sighting, transfer.answer_row, f"answer from {other}")
    for error in errors:
        note = f"ICMP {error.error.reason}"
        yield Proof(error.at, error.error.row, note, among_others=True)


def _time(item: Proof) -> int:
    return item.time


def _has_files(case: Case) -> bool:
    """Whether a trust list or configuration came from anywhere."""
    return any(item.transfer.state is TransferState.COMPLETE for item in case.phone.files)
