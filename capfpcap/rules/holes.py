"""Large packets that vanish on the way to the phone, as one capture at either end shows it."""

from __future__ import annotations

from collections.abc import Iterator

from capfpcap.capture.columns import TcpFlag
from capfpcap.flows.connection import Side
from capfpcap.flows.reassembly import Segment
from capfpcap.report import Certainty
from capfpcap.rules.case import Case
from capfpcap.rules.draft import MAX_EVIDENCE, Draft, proof
from capfpcap.rules.path import PATH_MTU_BLACKHOLE
from capfpcap.rules.path_loss import LARGE_SEGMENT
from capfpcap.rules.patience import LAST_REPETITION
from capfpcap.rules.progress import Progress
from capfpcap.vantage.fate import FEWEST_LOST
from capfpcap.vantage.role import SERVERS_OWN, Role

_CONTROL = int(TcpFlag.SYN | TcpFlag.FIN | TcpFlag.RST)


@PATH_MTU_BLACKHOLE.by_phone
def hole_that_stays(case: Case) -> Iterator[Draft]:
    """Small segments arrive behind a hole of full ones, and the phone never acknowledges it.

    What the phone does not acknowledge it does not have: the hole is no gap of the capture.
    """
    for progress in case.progresses:
        hole = _hole(progress)
        if hole is None:
            continue
        start, end, row = hole
        yield Draft(
            PATH_MTU_BLACKHOLE,
            title="Large packets to the phone vanish, small ones pass",
            detail=f"Octets {start} to {end - 1} of what {case.server(progress.flow)} sent never "
            "came and were never acknowledged, while a small segment that follows them did come. A "
            "capture at the server shows what it sends and repeats.",
            proofs=(proof(progress.sighting, row, "a later segment, beyond what is missing"),),
            service=progress.flow.service,
            flow=progress.flow,
            certainty=Certainty.LIKELY,
        )
        return


def _hole(progress: Progress) -> tuple[int, int, int] | None:
    """Where the hole begins and ends, and the row that came from behind it."""
    connection = progress.session.connection
    alone = len(progress.flow.sightings) == 1 and progress.sighting.at.role is Role.PHONE
    if not alone or connection.established_row is None or progress.work_done:
        return None
    found = _first_hole(connection.server)
    if found is None or found[1] - found[0] < LARGE_SEGMENT:
        return None
    waited = progress.waited(found[2])[0]
    return found if waited >= LAST_REPETITION else None


def _first_hole(side: Side) -> tuple[int, int, int] | None:
    """The first octets that never came and were never acknowledged, and what came behind them."""
    received = 0
    for segment in sorted(side.segments):
        if segment.offset > received:
            if (side.acknowledged or 0) > received:
                return None
            return received, segment.offset, segment.row
        received = max(received, segment.offset + segment.length)
    return None


@PATH_MTU_BLACKHOLE.by_phone
def full_segments_unheard(case: Case) -> Iterator[Draft]:
    """The server repeats a full segment in vain, and the phone still acknowledges what is small.

    A phone acknowledges the same octet twice only when something came that was not the next: the
    way is open, and open for what follows the full segment or is smaller than it.
    """
    for progress in case.progresses:
        found = _unheard_segments(progress)
        if found is None:
            continue
        sent, echoes = found
        first = sent[0]
        yield Draft(
            PATH_MTU_BLACKHOLE,
            title="Large packets to the phone vanish, small ones pass",
            detail=f"{case.server(progress.flow)} sent {min(item.length for item in sent)} octets "
            f"from octet {first.offset} {len(sent)} times, and they were never acknowledged; the "
            "phone did answer what came behind them. A capture at the phone shows what arrives.",
            proofs=(
                *(
                    proof(progress.sighting, row, "the phone lacks what is before")
                    for row in echoes
                ),
                *(proof(progress.sighting, item.row, "sent again, never heard") for item in sent),
            )[:MAX_EVIDENCE],
            service=progress.flow.service,
            flow=progress.flow,
            certainty=Certainty.LIKELY,
        )
        return


def _unheard_segments(progress: Progress) -> tuple[list[Segment], list[int]] | None:
    """The copies of the segment that never was acknowledged, and the rows that lack it."""
    alone = len(progress.flow.sightings) == 1 and progress.sighting.at.role in SERVERS_OWN
    if not alone or progress.work_done or progress.unheard is not False:
        return None
    side = progress.session.connection.server
    missing = side.acknowledged or 0
    sent = [item for item in side.segments if item.offset <= missing < item.offset + item.length]
    if len(sent) < FEWEST_LOST or min(item.length for item in sent) < LARGE_SEGMENT:
        return None
    if progress.waited(sent[0].row)[0] < LAST_REPETITION:
        return None
    echoes = _acknowledged_again(progress, missing, sent[0].row)
    return (sent, echoes[:2]) if echoes else None


def _acknowledged_again(progress: Progress, offset: int, after: int) -> list[int]:
    """The phone's rows without payload that acknowledge up to ``offset`` once more."""
    view = progress.session.view
    columns, initial = view.table.columns, progress.session.connection.server.initial
    if initial is None:
        return []
    number = initial + offset & 0xFFFFFFFF
    return [
        row
        for row, to_server in zip(range(view.start, view.stop), view.directions(), strict=True)
        if to_server
        and row > after
        and not columns.payload_length[row]
        and not columns.flags[row] & _CONTROL
        and columns.acknowledgement[row] == number
    ][1 if progress.session.connection.server.acknowledged_row in range(after, view.stop) else 0 :]
