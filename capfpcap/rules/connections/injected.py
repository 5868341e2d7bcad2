"""Resets that their supposed sender never sent: told by the TTL, or by a capture beside it."""

from __future__ import annotations

from collections.abc import Iterator

from capfpcap.report import Certainty, Severity
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.code import Code, Family
from capfpcap.rules.model.draft import MAX_EVIDENCE, Draft, Proof, proof
from capfpcap.rules.model.progress import Progress
from capfpcap.rules.model.screen import ScreenRule
from capfpcap.rules.model.sight import Sight
from capfpcap.rules.model.stage import Layer
from capfpcap.rules.questions.reset_origin import (
    injected_legs,
    misses_packets,
    unlike_its_sender,
)
from capfpcap.rules.questions.tcp import TCP_SERVICES, openings
from capfpcap.rules.questions.wording import server_of
from capfpcap.vantage.fate import Fate, Leg
from capfpcap.vantage.flow import Flow
from capfpcap.vantage.path.resets import foreign_wherever_seen

RST_INJECTED = Code(
    code="rst-injected",
    family=Family.CONNECTIONS,
    severity=Severity.CRITICAL,
    stage=Layer.AS_FAR_AS_IT_CAME,
    screen=ScreenRule.BY_SERVICE,
    looks_for=Sight.UNDONE,
    services=TCP_SERVICES,
    meaning="Something on the path resets the connection in a host's name.",
    told_by="A RST whose TTL is not its sender's, or that its supposed sender never sent.",
    not_this="A RST by the host itself.",
    remedy="Find the firewall or intrusion prevention system between phone and server and let "
    "this port pass; its log at the time of these frames names the rule.",
)


@RST_INJECTED.by_phone
def rst_injected(case: Case) -> Iterator[Draft]:
    """A RST that came over another number of hops than its supposed sender's packets."""
    for items in openings(case).values():
        if any(injected_legs(case, item.flow) for item in items):
            continue
        for item in reversed(items):
            found = foreign_wherever_seen(item.flow, item.sighting, item.connection)
            session = item.flow.best.conversation.session
            if not found or (
                session is not None and Progress(item.flow, item.flow.best, session).work_done
            ):
                continue
            first = found[0]
            who = "phone" if first.from_client else "server"
            yield Draft(
                RST_INJECTED,
                title=(
                    f"Something on the path resets the connection to {server_of(case, item.flow)}"
                ),
                detail=f"The RST in the connection to {case.server(item.flow)} has TTL "
                f"{first.ttl}, the {who}'s other packets have {first.usual}: something else "
                f"sent it. A capture at the {who} proves that it never sent it.",
                proofs=tuple(
                    proof(item.sighting, reset.row, f"RST with TTL {reset.ttl}, not {reset.usual}")
                    for reset in found[:MAX_EVIDENCE]
                ),
                service=item.flow.service,
                flow=item.flow,
                certainty=Certainty.LIKELY,
            )
            break


def _injected(case: Case, flow: Flow) -> list[Leg]:
    """The legs on which a RST arrived that was never sent, unless the work was done before."""
    session = flow.best.conversation.session
    if session is not None and Progress(flow, flow.best, session).work_done:
        return []
    return injected_legs(case, flow)


@RST_INJECTED.by_phone
def rst_never_sent(case: Case) -> Iterator[Draft]:
    """A RST that arrived and that the capture beside its supposed sender does not have."""
    for (service, _), items in openings(case).items():
        found = [(item.flow, legs) for item in items if (legs := _injected(case, item.flow))]
        if not found:
            continue
        flow, legs = found[-1]
        names = " and ".join(dict.fromkeys(_sender(leg) for leg in legs))
        tries = f"; so in {len(found)} connections" if len(found) > 1 else ""
        places = ", ".join(f"between {leg.origin.name} and {leg.goal.name}" for leg in legs[:1])
        doubt = _doubt(case, found)
        yield Draft(
            RST_INJECTED,
            title=f"Something on the path resets the connection to {server_of(case, flow)}",
            detail=f"In the connection to {case.server(flow)} a RST in the name of the {names} "
            f"arrived that the capture at its supposed sender does not have: something {places} "
            f"sent it{tries}.{doubt}",
            proofs=tuple([item for _, legs in found for leg in legs for item in _evidence(leg)])[
                :MAX_EVIDENCE
            ],
            service=service,
            flow=flow,
            certainty=Certainty.LIKELY if doubt else Certainty.PROVEN,
        )


def _doubt(case: Case, found: list[tuple[Flow, list[Leg]]]) -> str:
    """Sentences on how the capture may lack the reset for another reason, if it may."""
    legs = [leg for _, more in found for leg in more]
    if any(misses_packets(case, leg.origin) for leg in legs):
        return f" The capture {legs[-1].origin.name} misses packets that did arrive, too."
    resets = sum(len(leg.of(Fate.INJECTED)) for leg in legs)
    if resets > 1 or any(
        unlike_its_sender(case, flow, leg) for flow, more in found for leg in more
    ):
        return ""
    return (
        " It is a single RST that otherwise looks like its sender's, so that the capture "
        f"{legs[-1].origin.name} may have missed it. A second such RST, or a drop counter of 0 "
        "where it was captured, would prove that it did not."
    )


def _sender(leg: Leg) -> str:
    return "phone" if leg.to_server else "server"


def _evidence(leg: Leg) -> Iterator[Proof]:
    """The reset where it arrived, and the last packet that its supposed sender did send."""
    for passage in leg.of(Fate.INJECTED)[:1]:
        if leg.arrived is not None and passage.arrived_row is not None:
            note = f"RST in the {_sender(leg)}'s name; the capture {leg.origin.name} lacks it"
            yield proof(leg.arrived, passage.arrived_row, note)
    sent = [passage.sent_row for passage in leg.passages if passage.sent_row is not None]
    if leg.sent is not None and sent:
        note = f"the last packet that the {_sender(leg)} sent"
        yield proof(leg.sent, sent[-1], note)
