"""Large packets that vanish on the way, as one capture at either end shows it."""

from __future__ import annotations

from collections.abc import Iterator

from capfpcap.capture.columns import TcpFlag
from capfpcap.capture.sequence import wrapped
from capfpcap.flows.connection import Connection, Side
from capfpcap.flows.reassembly import Segment
from capfpcap.report import Certainty
from capfpcap.rules.case import Case
from capfpcap.rules.draft import MAX_EVIDENCE, Draft, Proof, proof
from capfpcap.rules.path import PATH_MTU_BLACKHOLE
from capfpcap.rules.path_loss import LARGE_SEGMENT
from capfpcap.rules.patience import SYN_ANSWER
from capfpcap.rules.progress import Progress
from capfpcap.vantage.fate import FEWEST_LOST
from capfpcap.vantage.holes import LASTING, Hole, lasting_hole
from capfpcap.vantage.role import SERVERS_OWN, Role

_CONTROL = int(TcpFlag.SYN | TcpFlag.FIN | TcpFlag.RST)


@PATH_MTU_BLACKHOLE.by_phone
def hole_that_stays(case: Case) -> Iterator[Draft]:
    """Small packets arrive behind a hole of full ones, and its receiver never acknowledges it.

    What a host does not acknowledge it does not have: the hole is no gap of the capture beside it.
    """
    for progress in case.progresses:
        hole = _hole(progress)
        if hole is None:
            continue
        sender, receiver = ("phone", "server") if hole.from_client else ("server", "phone")
        yield Draft(
            PATH_MTU_BLACKHOLE,
            title=f"Large packets to the {receiver} are lost, small ones pass",
            detail=f"Bytes {hole.start} to {hole.end - 1} of what the {sender} sent in the "
            f"connection to {case.server(progress.flow)} never came and were never "
            "acknowledged, while a small packet that follows them did come. A capture at "
            f"the {sender} shows what it sends and repeats.",
            proofs=(proof(progress.sighting, hole.row, "a later packet, beyond what is missing"),),
            service=progress.flow.service,
            flow=progress.flow,
            certainty=Certainty.LIKELY,
        )
        return


def _hole(progress: Progress) -> Hole | None:
    """The hole in what came to the host at which the only capture was taken, if it is large."""
    if len(progress.flow.sightings) > 1 or progress.work_done:
        return None
    hole = lasting_hole(progress.sighting, progress.session.connection)
    return hole if hole and hole.size >= LARGE_SEGMENT else None


@PATH_MTU_BLACKHOLE.by_phone
def full_segments_unheard(case: Case) -> Iterator[Draft]:
    """A host repeats a full segment in vain, and the other still acknowledges what is small.

    A host acknowledges the same octet twice only when something came that was not the next: the
    way is open, and open for what follows the full segment or is smaller than it. It is open for
    bare acknowledgements, too, where nothing is sent again that they acknowledge.
    """
    for progress in case.progresses:
        found = _unheard_segments(progress)
        if found is None:
            continue
        sent, small, from_client = found
        first = sent[0]
        sender, receiver = ("phone", "server") if from_client else ("server", "phone")
        yield Draft(
            PATH_MTU_BLACKHOLE,
            title=f"Large packets to the {receiver} are lost, small ones pass",
            detail=f"In the connection to {case.server(progress.flow)} the {sender} sent "
            f"{min(item.length for item in sent)} bytes from byte {first.offset} "
            f"{len(sent)} times, and they were never acknowledged; small packets "
            f"meanwhile did come to the {receiver}. A capture at the {receiver} shows "
            "what arrives.",
            proofs=(
                *small,
                *(
                    proof(progress.sighting, item.row, "retransmitted, never acknowledged")
                    for item in sent
                ),
            )[:MAX_EVIDENCE],
            service=progress.flow.service,
            flow=progress.flow,
            certainty=Certainty.LIKELY,
        )
        return


def _unheard_segments(progress: Progress) -> tuple[list[Segment], list[Proof], bool] | None:
    """The copies of the segment that never was acknowledged, what small ones came, its sender.

    The capture must be beside the sender.
    """
    from_client = progress.sighting.at.role is Role.PHONE
    beside = from_client or progress.sighting.at.role in SERVERS_OWN
    alone = len(progress.flow.sightings) == 1 and beside
    if not alone or progress.work_done or progress.unheard is not from_client:
        return None
    side = progress.session.connection.side(from_client)
    missing = side.acknowledged or 0
    sent = [item for item in side.segments if item.offset <= missing < item.offset + item.length]
    if len(sent) < FEWEST_LOST or min(item.length for item in sent) < LARGE_SEGMENT:
        return None
    if progress.waited(sent[0].row)[0] < LASTING:
        return None
    if _large_one_came(progress.session.connection, sent, from_client=from_client):
        return None
    echoes = _acknowledged_again(progress, side, sent[0].row, from_client=from_client)
    small = [proof(progress.sighting, row, "lacks what is before") for row in echoes[:2]]
    small = small or _heard_meanwhile(progress, sent[0].row, from_client=from_client)
    return (sent, small, from_client) if small else None


def _large_one_came(connection: Connection, unheard: list[Segment], *, from_client: bool) -> bool:
    """Whether a segment no smaller than the unheard ones came, by a selective acknowledgement.

    Then it is not their size that keeps those from coming.
    """
    came = connection.selected(from_client).covered
    smallest = min(item.length for item in unheard)
    return any(
        item.length >= smallest
        and came.covered(item.offset, item.offset + item.length) == item.length
        for item in connection.side(from_client).segments
    )


def _heard_meanwhile(progress: Progress, after: int, *, from_client: bool) -> list[Proof]:
    """The receiver's last words behind ``after``, if a bare packet was enough to acknowledge them.

    A host whose words are not acknowledged sends them again.
    """
    view = progress.session.view
    columns = view.table.columns
    sides = list(enumerate(view.directions(), view.start))
    words = [
        row
        for row, up in sides
        if up != from_client
        and row > after
        and not columns.flags[row] & TcpFlag.RST
        and (columns.payload_length[row] or columns.flags[row] & TcpFlag.FIN)
    ]
    if not words or progress.sighting.watched_until - progress.time(words[-1]) < SYN_ANSWER:
        return []
    last = words[-1]
    if any(columns.sequence[row] == columns.sequence[last] for row in words[:-1]):
        return []
    fin = bool(columns.flags[last] & TcpFlag.FIN)
    number = wrapped(int(columns.sequence[last]) + int(columns.payload_length[last]) + fin)
    for row, up in sides:
        bare = not columns.payload_length[row] and not columns.flags[row] & _CONTROL
        if up == from_client and row > last and bare and columns.acknowledgement[row] == number:
            return [
                proof(progress.sighting, last, "sent once, and not again"),
                proof(progress.sighting, row, "acknowledged by this small packet"),
            ]
    return []


def _acknowledged_again(
    progress: Progress, side: Side, after: int, *, from_client: bool
) -> list[int]:
    """The receiver's bare rows behind ``after`` that acknowledge once more what it had before."""
    view = progress.session.view
    columns = view.table.columns
    if side.initial is None:
        return []
    number = wrapped(side.initial + (side.acknowledged or 0))
    rows = [
        row
        for row, up in zip(range(view.start, view.stop), view.directions(), strict=True)
        if up != from_client
        and row > after
        and not columns.payload_length[row]
        and not columns.flags[row] & _CONTROL
        and columns.acknowledgement[row] == number
    ]
    return rows[1:] if side.acknowledged_row in range(after, view.stop) else rows
