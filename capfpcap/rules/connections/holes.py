"""Large packets that vanish on the way, as one capture at either end shows it."""

from __future__ import annotations

from collections.abc import Iterator

from capfpcap.flows.reassembly import Segment
from capfpcap.flows.tcp.unacknowledged import (
    duplicate_acknowledgements,
    last_acknowledged,
    one_as_large_arrived,
    unacknowledged_copies,
)
from capfpcap.report import Certainty
from capfpcap.rules.connections.path import PATH_MTU_BLACKHOLE
from capfpcap.rules.connections.path_loss import LARGE_SEGMENT
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.draft import MAX_EVIDENCE, Draft, Proof, proof
from capfpcap.rules.model.progress import Progress
from capfpcap.rules.model.timeouts import SYN_ANSWER
from capfpcap.vantage.fate import FEWEST_LOST
from capfpcap.vantage.path.holes import LASTING, Hole, lasting_hole
from capfpcap.vantage.role import SERVERS_OWN, Role


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
    connection = progress.session.connection
    sent = unacknowledged_copies(connection, from_client=from_client)
    if len(sent) < FEWEST_LOST or min(item.length for item in sent) < LARGE_SEGMENT:
        return None
    if progress.waited(sent[0].row)[0] < LASTING:
        return None
    if one_as_large_arrived(connection, sent, from_client=from_client):
        return None
    echoes = duplicate_acknowledgements(connection, sent[0].row, from_client=from_client)
    small = [proof(progress.sighting, row, "lacks what is before") for row in echoes[:2]]
    small = small or _heard_meanwhile(progress, sent[0].row, from_client=from_client)
    return (sent, small, from_client) if small else None


def _heard_meanwhile(progress: Progress, after: int, *, from_client: bool) -> list[Proof]:
    """The receiver's last words behind ``after``, if a bare packet was enough to acknowledge them.

    A host whose words are not acknowledged sends them again.
    """
    heard = last_acknowledged(progress.session.connection, after, from_client=from_client)
    if heard is None or progress.sighting.watched_until - progress.time(heard.row) < SYN_ANSWER:
        return []
    return [
        proof(progress.sighting, heard.row, "sent once, and not again"),
        proof(progress.sighting, heard.by, "acknowledged by this small packet"),
    ]
