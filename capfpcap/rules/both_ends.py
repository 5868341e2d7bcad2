"""What captures at both ends prove of faults that one capture can only suspect."""

from __future__ import annotations

from collections.abc import Iterator

from capfpcap.report import Certainty
from capfpcap.rules.case import Case
from capfpcap.rules.draft import MAX_EVIDENCE, Draft, Proof, proof
from capfpcap.rules.one_way import ONE_WAY_TRAFFIC
from capfpcap.rules.patience import SYN_ANSWER
from capfpcap.rules.progress import Progress
from capfpcap.rules.reset_origin import injected_legs, misses_packets, unlike_its_sender
from capfpcap.rules.session import RST_INJECTED
from capfpcap.rules.tcp import Opening, openings, refused_by_icmp
from capfpcap.rules.wording import accept_remedy, server_of
from capfpcap.vantage.fate import Fate, Leg
from capfpcap.vantage.flow import Flow, Sighting
from capfpcap.vantage.role import SERVERS_OWN


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
            title=f"Something on the way resets the connection to {server_of(case, flow)}",
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
        " It is one RST, and nothing else about it is unlike its sender. That the capture "
        f"{legs[-1].origin.name} did not just miss it, a second such RST would prove, or that the "
        "program that captured there counted no dropped packets."
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


@ONE_WAY_TRAFFIC.by_phone
def arrives_and_is_not_answered(case: Case) -> Iterator[Draft]:
    """Connection requests that reach the server's own capture point, which sends nothing."""
    for (service, _), items in openings(case).items():
        silent = [item for item in items if _unanswered(case, item)]
        syns = [
            proof(sighting, row, "SYN" if number else "SYN, arrived and not answered")
            for item in silent
            for number, sighting in enumerate((item.flow.last, item.flow.first))
            for row in _syns(sighting)
        ]
        arrived = sum(len(_syns(item.flow.last)) for item in silent)
        if arrived < 2:
            continue
        flow = silent[-1].flow
        yield Draft(
            ONE_WAY_TRAFFIC,
            title=f"{server_of(case, flow)} does not answer what reaches it",
            detail=f"{arrived} SYNs reached {flow.last.at.name}, where nothing answered them: the "
            "network brings them, and the server's host drops them (a filter on the host itself, "
            "or a service whose queue of connections is full).",
            proofs=tuple(sorted(syns, key=lambda item: item.time)[:MAX_EVIDENCE]),
            service=service,
            flow=flow,
            remedy=accept_remedy(service, flow.first.conversation.view.server_port),
        )


def _unanswered(case: Case, item: Opening) -> bool:
    flow = item.flow
    if len(flow.sightings) < 2 or flow.last.at.role not in SERVERS_OWN:
        return False
    if refused_by_icmp(case.unreachable(flow)):
        return False
    syns = _syns(flow.last)
    if not syns or any(_answered(sighting) for sighting in flow.sightings):
        return False
    first = int(flow.last.at.table.columns.time[syns[0]])
    return flow.last.watched_until - first >= SYN_ANSWER


def _syns(sighting: Sighting) -> list[int]:
    connection = sighting.conversation.connection
    return [] if connection is None else connection.client.syns


def _answered(sighting: Sighting) -> bool:
    connection = sighting.conversation.connection
    return connection is None or connection.answered
