"""Large packets that vanish on the way to the phone, as the phone's own capture shows it."""

from __future__ import annotations

from collections.abc import Iterator

from capfpcap.flows.connection import Side
from capfpcap.report import Certainty
from capfpcap.rules.case import Case
from capfpcap.rules.draft import Draft, proof
from capfpcap.rules.path import PATH_MTU_BLACKHOLE
from capfpcap.rules.path_loss import LARGE_SEGMENT
from capfpcap.rules.patience import LAST_REPETITION
from capfpcap.rules.progress import Progress
from capfpcap.vantage.role import Role


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
