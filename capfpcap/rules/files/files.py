"""Findings on the files that a phone loads, by TFTP and by HTTP on 6970 alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from capfpcap.enrolment.phone import Asked
from capfpcap.flows.tcp.retransmission import A_MOMENT
from capfpcap.report import Severity, Stage
from capfpcap.rules.capf.attempt import asks_for_nothing
from capfpcap.rules.connections.path import PATH_MTU_BLACKHOLE
from capfpcap.rules.connections.unreachable import ICMP_UNREACHABLE
from capfpcap.rules.files.not_genuine import FIND_WHAT_ANSWERS
from capfpcap.rules.files.other_address import FEWEST_DROPPED, TFTP_OTHER_ADDRESS, is_dropped
from capfpcap.rules.files.unanswered_files import asked_again_and_again, is_delivered, silent_files
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.code import Code, Family
from capfpcap.rules.model.draft import MAX_EVIDENCE, Draft, Proof, proof
from capfpcap.rules.model.sight import Sight
from capfpcap.rules.model.timeouts import FILE_ANSWER
from capfpcap.rules.questions.after_load import shook_hands_with_capf, weight_of_a_file
from capfpcap.services import Service
from capfpcap.timeline.files import FileKind, FileTransfer, TransferState

TFTP_NO_ANSWER = Code(
    code="tftp-no-answer",
    family=Family.FILES,
    severity=Severity.CRITICAL,
    stage=Stage.FILES,
    screen=None,
    by_start=True,
    looks_for=Sight.UNFINISHED_FILE,
    services=("tftp",),
    gives_way_to=(TFTP_OTHER_ADDRESS, ICMP_UNREACHABLE),
    meaning="The TFTP server does not answer the phone's read requests, or no longer answers them.",
    told_by="Read requests retransmitted, no reply while the capture went on; a second capture "
    "shows whether requests or replies are lost on the path.",
    not_this="A request in the last seconds of a capture; a server in whose place another one "
    "delivered the files.",
    remedy="Check that Cisco Tftp runs ('utils service list'), that option 150 or 66 names the "
    "right server, and that UDP 69 and the answers from high ports pass both ways.",
)
TRANSFER_STALLED = Code(
    code="transfer-stalled",
    family=Family.FILES,
    severity=Severity.CRITICAL,
    stage=Stage.FILES,
    screen=None,
    by_start=True,
    looks_for=Sight.UNFINISHED_FILE,
    services=("tftp", "http"),
    causes=(TFTP_OTHER_ADDRESS, PATH_MTU_BLACKHOLE, ICMP_UNREACHABLE),
    meaning="A file transfer began and never ended.",
    told_by="One side retransmits its last packet and the other falls silent; or the connection "
    "over which it comes is closed before it is whole.",
    not_this="A last block that is short: that is the normal end of a transfer.",
    remedy="Look for loss or filtering of UDP with high ports, and for a path MTU under the "
    "block size. A capture beside the server shows which direction fails.",
)
TRANSFER_FAILED = Code(
    code="transfer-failed",
    family=Family.FILES,
    severity=Severity.CRITICAL,
    stage=Stage.FILES,
    screen=None,
    by_start=True,
    looks_for=Sight.UNFINISHED_FILE,
    services=("tftp", "http"),
    meaning="The server answers with an error other than file-not-found, and no other server or "
    "protocol delivered the file.",
    told_by="A TFTP error or HTTP status for a trust list or configuration.",
    not_this="HTTP 503 or 404 followed by a good TFTP transfer.",
    remedy="'utils service restart Cisco Tftp' on that node; look at its traces and at its disk "
    "('show status').",
)


def kept(files: Iterable[Asked], *kinds: FileKind) -> list[Asked]:
    """The transfers of files of some kinds."""
    return [item for item in files if item.transfer.kind in kinds]


def _watched_after(item: Asked) -> int:
    """Nanoseconds that the capture went on after the transfer's first request."""
    return item.sighting.watched_until - item.transfer.started


def moved_on(case: Case, item: Asked) -> bool:
    """Whether the phone went on to something else, or had the time to."""
    later = any(_is_behind(item, flow.started) for flow in case.phone.flows)
    return later or asks_for_more(case, item)


def stays_without(case: Case, missing: list[Asked], last: Asked) -> bool:
    """Whether a phone went on after the last of some answers, or came back to ask once more."""
    return moved_on(case, last) or _watched_after(missing[0]) >= FILE_ANSWER


def asks_for_more(case: Case, item: Asked) -> bool:
    """Whether the phone asked for another file behind one, or had the time to."""
    later = any(_is_behind(item, other.transfer.started) for other in case.phone.files)
    return later or _watched_after(item) >= FILE_ANSWER


def _is_behind(item: Asked, moment: int) -> bool:
    """Whether a moment is behind a transfer; what follows at once may stand before its end."""
    return moment > max(item.transfer.started, item.transfer.ended - A_MOMENT)


def server_of(case: Case, item: Asked) -> str:
    """The server that was asked, as text."""
    return case.address(item.transfer.server)


def last_words(files: Iterable[Asked]) -> tuple[Proof, ...]:
    """The last word on each transfer."""
    proofs = []
    for item in files:
        transfer = item.transfer
        note = f"{transfer.name}: {transfer.error or transfer.state.value}"
        proofs.append(proof(item.sighting, transfer.final_row, note))
    return tuple(proofs[:MAX_EVIDENCE])


@TFTP_NO_ANSWER.by_phone
def tftp_no_answer(case: Case) -> Iterator[Draft]:
    """Read requests go unanswered and no server answers any."""
    silent = silent_files(case)
    requests = [(item, row) for item in silent for row in item.transfer.request_rows]
    if len(requests) < 2 or _watched_after(silent[0]) < FILE_ANSWER:
        return
    servers = ", ".join(dict.fromkeys(server_of(case, item) for item in silent))
    where = case.whereabouts(item.flow for item in silent)
    yield Draft(
        TFTP_NO_ANSWER,
        title=f"No answer comes from the TFTP server {servers}",
        detail=f"{len(requests)} read requests to {servers}, no reply to any of them.{where}",
        proofs=tuple(
            proof(item.sighting, row, f"read request {item.transfer.name}")
            for item, row in requests[:MAX_EVIDENCE]
        ),
        service=Service.TFTP,
        flow=silent[-1].flow,
        severity=weight_of_a_file(case, silent[-1].transfer.ended),
    )


def _by_name(case: Case) -> dict[str, list[Asked]]:
    """Trust lists and configurations by file name, without the ending that signing adds."""
    names: dict[str, list[Asked]] = defaultdict(list)
    for item in kept(case.phone.files, FileKind.ITL, FileKind.CTL, FileKind.CONFIGURATION):
        name = item.transfer.name.lower()
        names[name.removesuffix(".sgn").removesuffix(".enc")].append(item)
    return names


@TRANSFER_FAILED.by_phone
def transfer_failed(case: Case) -> Iterator[Draft]:
    """An error for a file that nobody delivered."""
    for files in _by_name(case).values():
        failed = [item for item in files if item.transfer.state is TransferState.FAILED]
        others = [item for item in files if item not in failed]
        if not failed or any(
            item.transfer.state in (TransferState.COMPLETE, TransferState.NOT_FOUND)
            for item in others
        ):
            continue
        last = failed[-1]
        waited = _watched_after(failed[0]) >= FILE_ANSWER
        if not (waited or moved_on(case, last)):
            continue
        if any(_watched_after(item) < FILE_ANSWER for item in others):
            continue
        if _done_without(case, last):
            continue
        yield Draft(
            TRANSFER_FAILED,
            title=f"{last.transfer.name} could not be loaded",
            detail=f"{server_of(case, last)}: {last.transfer.error}. No other server or protocol "
            "delivered the file." + (_DIVERTED if last.transfer.diverted else ""),
            proofs=last_words(failed),
            service=last.transfer.via,
            flow=last.flow,
            severity=_weight(case, last),
            remedy=FIND_WHAT_ANSWERS if last.transfer.diverted else None,
        )


_DIVERTED = (
    " A TFTP service of CUCM redirects nobody and asks nobody to log in: something else answers in "
    "its place (a proxy, a portal, another web server)."
)


def _weight(case: Case, item: Asked) -> Severity | None:
    """How grave it is that a file did not come; None: as grave as the code says."""
    if item.transfer.kind in (FileKind.ITL, FileKind.CTL) and asks_for_nothing(case):
        return Severity.INFO
    return weight_of_a_file(case, item.transfer.ended)


def _done_without(case: Case, item: Asked) -> bool:
    """Whether the phone got on although nobody is seen to deliver the file.

    A CTL is only there in mixed mode. What HTTP does not deliver phones ask of TFTP: where that is
    not to be seen, the capture may lack it.
    """
    itls = kept(case.phone.files, FileKind.ITL)
    if item.transfer.kind is FileKind.CTL and is_delivered(itls):
        return True
    return item.transfer.via is Service.HTTP and shook_hands_with_capf(case, item.transfer.ended)


def _given_up(case: Case, item: Asked) -> bool:
    """Whether the last thing was a repetition in vain, and a transfer had time to go on."""
    transfer = item.transfer
    accepted = transfer.first_row if transfer.accepted_row is None else transfer.accepted_row
    vain = [row for row in transfer.repeated_rows if row > accepted]
    if not vain:
        return False
    first = transfer.time(vain[0])
    if item.sighting.watched_until - first < FILE_ANSWER:
        return False
    stuck = item.sighting.watched_until - transfer.time(transfer.progress_row)
    return stuck >= FILE_ANSWER or any(other.transfer.started > first for other in case.phone.files)


class _Cut(NamedTuple):
    """How a connection ended in the midst of a file."""

    item: Asked
    who: str
    row: int


def _cut_off(case: Case, item: Asked) -> _Cut | None:
    """Who closed an HTTP connection before the file was whole, if the phone had time to go on."""
    connection = item.sighting.conversation.connection
    if connection is None or connection.closing_row is None or not item.transfer.size:
        return None
    if connection.missed or not moved_on(case, item):
        return None
    who = "server" if connection.closed_first_by_server else "phone"
    return _Cut(item, who, connection.closing_row)


def _ignored(case: Case, stalled: list[Asked]) -> bool:
    """Whether the phone asks again and again, and takes none of the answers."""
    dropped = [item for item in stalled if is_dropped(case, item)]
    return len(dropped) >= FEWEST_DROPPED or asked_again_and_again(stalled)


def _part_of(transfer: FileTransfer, row: int) -> str:
    """What a frame is to a transfer that stalled."""
    if row == transfer.first_row:
        return f"request for {transfer.name}"
    if row > transfer.last_row:
        return "the connection is closed"
    return "retransmitted" if row in transfer.repeated_rows else "the last packet of the transfer"


@TRANSFER_STALLED.by_phone
def transfer_stalled(case: Case) -> Iterator[Draft]:
    """A transfer that one side gave up."""
    for files in _by_name(case).values():
        stalled = [item for item in files if item.transfer.state is TransferState.STALLED]
        if not stalled or is_delivered(files):
            continue
        cut = next(filter(None, (_cut_off(case, item) for item in reversed(stalled))), None)
        last = stalled[-1] if cut is None else cut.item
        transfer = last.transfer
        if not _given_up(case, last) and not _ignored(case, stalled) and cut is None:
            continue
        rows = [transfer.first_row, *transfer.repeated_rows, transfer.last_row]
        vain = (
            f"then packets were retransmitted ({len(transfer.repeated_rows)}), and nothing followed"
        )
        if not transfer.repeated_rows:
            vain = f"the phone asked {len(stalled)} times and acknowledged none of the answers"
        if cut is not None:
            vain = f"then the {cut.who} closed the connection"
            rows.append(cut.row)
        yield Draft(
            TRANSFER_STALLED,
            title=f"The transfer of {transfer.name} stopped after {transfer.size} bytes",
            detail=f"{transfer.size} bytes of {transfer.name} came from {server_of(case, last)}; "
            f"{vain}.{case.whereabouts([last.flow])}",
            proofs=tuple(
                proof(last.sighting, row, _part_of(transfer, row))
                for row in sorted(set(rows))[-MAX_EVIDENCE:]
            ),
            service=transfer.via,
            flow=last.flow,
            severity=_weight(case, last),
            remedy=None if cut is None else TRANSFER_FAILED.remedy,
        )
