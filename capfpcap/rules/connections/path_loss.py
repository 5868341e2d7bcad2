"""Losses between two captures that prove a fault of the way, and how they are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct

from capfpcap.report import Certainty
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.code import Code
from capfpcap.rules.model.draft import MAX_EVIDENCE, Draft, Proof, proof
from capfpcap.rules.model.timeouts import SYN_ANSWER
from capfpcap.rules.questions.reset_origin import misses_packets
from capfpcap.rules.questions.tcp import Opening, openings
from capfpcap.services import Service
from capfpcap.vantage.fate import FEWEST_LOST, Fate, Leg, Passage
from capfpcap.vantage.flow import Flow, VantagePoint

DEFAULT_SEGMENT = 536
"""Octets of payload that every path carries (RFC 9293, section 3.7.1)."""
_BEFORE = 4
"""Lost frames that are named before those of the other capture."""
BY_CHANCE = 0.001
"""How likely it may be that a capture missed by chance all that it lacks, for a loss to be told."""
LARGE_SEGMENT = 1000
"""Octets of payload from which on size alone is a likely reason for loss."""


class Loss(Struct, frozen=True, eq=False):
    """One direction of one flow on which something was lost for good."""

    flow: Flow
    leg: Leg
    lost: list[Passage]

    def lasted(self) -> bool:
        """Whether the capture went on long enough after the first packet that was lost."""
        sent, row = self.leg.sent, self.lost[0].sent_row
        if sent is None or row is None:
            return False
        return sent.watched_until - int(sent.at.table.columns.time[row]) >= SYN_ANSWER


def loss_draft(case: Case, code: Code, losses: list[Loss], title: str, what: str) -> Draft:
    """A finding on losses of one kind, with the frames that were lost and where they were last."""
    last = losses[-1]
    leg = last.leg
    count = sum(len(loss.lost) for loss in losses)
    tries = f" in {len(losses)} connections" if len(losses) > 1 else ""
    doubt = _doubt(case, losses[0].leg)
    return Draft(
        code,
        title=title,
        detail=f"{count} {what}{tries} left {leg.origin.name} and none of them came to "
        f"{leg.goal.name}: they are lost between these two.{_arrived(leg)}{doubt}",
        proofs=_proofs(losses),
        service=last.flow.service,
        flow=last.flow,
        certainty=Certainty.LIKELY if doubt else Certainty.PROVEN,
    )


def _doubt(case: Case, leg: Leg) -> str:
    """A sentence on why a capture that lacks packets may lack them for another reason, if any."""
    if not leg.proven:
        return (
            f" The capture {leg.goal.name} shows nothing after that; it is taken to have been "
            "running still."
        )
    if misses_packets(case, leg.goal):
        return f" The capture {leg.goal.name} misses packets that did arrive, too."
    return ""


def _arrived(leg: Leg) -> str:
    passed = len(leg.passed)
    if not passed:
        return ""
    return f" {passed} other packets of that direction passed." if passed > 1 else ""


def _proofs(losses: list[Loss]) -> tuple[Proof, ...]:
    """Frames that were lost, as their origin shows them, and what the goal shows meanwhile."""
    room = MAX_EVIDENCE - 2
    lost = [
        proof(loss.leg.sent, passage.sent_row, f"never came to {loss.leg.goal.name}")
        for loss in losses
        for passage in loss.lost
        if loss.leg.sent is not None and passage.sent_row is not None
    ]
    leg = losses[-1].leg
    other = leg.arrived
    if other is None:
        return tuple(lost[:MAX_EVIDENCE])
    view = other.conversation.view
    rows = sorted({view.start, view.stop - 1})
    shown = [proof(other, row, f"what {leg.goal.name} shows of the connection") for row in rows]
    return (*lost[:_BEFORE], *shown, *lost[_BEFORE:room])


def losses_by_group(
    case: Case, wanted: Callable[[Case, Flow], Loss | None]
) -> Iterator[tuple[Service, list[Loss]]]:
    """Losses of one kind by service and server.

    Where a capture may have ended, a connection that it does show is a reason to think so.
    """
    for (service, _), items in openings(case).items():
        losses = [loss for item in items if (loss := wanted(case, item.flow)) is not None]
        if losses and not losses[0].leg.proven and _shows_another(losses, items):
            continue
        if losses and (
            may_be_missed(case, losses)
            or (_shows_another(losses, items) and misses_packets(case, losses[0].leg.goal))
        ):
            continue
        if sum(len(loss.lost) for loss in losses) >= FEWEST_LOST and losses[0].lasted():
            yield service, losses


def _shows_another(losses: list[Loss], items: list[Opening]) -> bool:
    """Whether the capture that lacks some connections shows others to the same server."""
    goal, lacking = losses[0].leg.goal, {loss.flow.id for loss in losses}
    return any(item.flow.id not in lacking and item.flow.seen_at(goal) for item in items)


def may_be_missed(case: Case, losses: list[Loss]) -> bool:
    """Whether a capture that misses packets here and there may have missed all that seem lost."""
    goal = losses[0].leg.goal
    missed = misses_packets(case, goal)
    if not missed:
        return False
    shown = sum(_shown(case, flow, goal) for flow in case.phone.flows)
    share: float = missed / (missed + shown)
    return share ** sum(len(loss.lost) for loss in losses) > BY_CHANCE


def _shown(case: Case, flow: Flow, point: VantagePoint) -> int:
    """How many packets of a flow a place shows that surely came by: another shows them as well."""
    if not flow.differs:
        view = flow.first.conversation.view
        seen = len(flow.sightings) > 1 and flow.seen_at(point) is not None
        return view.stop - view.start if seen else 0
    return sum(
        len(leg.of(Fate.PASSED)) for leg in case.scene.legs(flow) if point in (leg.origin, leg.goal)
    )


def stuck(case: Case, flow: Flow, *, to_server: bool) -> Loss | None:
    """A connection that came about and of which data of one direction never arrives."""
    for leg in case.scene.legs(flow):
        ways = leg.to_server == to_server and leg.arrived is not None
        if ways and len(leg.dead) >= FEWEST_LOST and leg.counts:
            return Loss(flow, leg, leg.dead)
    return None


def too_large(leg: Leg) -> bool:
    """Whether size parts what was lost for good from what passed."""
    smallest = min(passage.octets for passage in leg.dead)
    largest = max((passage.octets for passage in leg.passed), default=0)
    if not leg.passed or smallest <= max(largest, DEFAULT_SEGMENT):
        return False
    return largest > 0 or smallest >= LARGE_SEGMENT
