"""Loss that was overcome: data that was sent again and got through in the end."""

from __future__ import annotations

from collections.abc import Iterator

from capfpcap.report import Certainty, Severity
from capfpcap.rules.case import Case
from capfpcap.rules.code import Code
from capfpcap.rules.draft import MAX_EVIDENCE, Draft, Proof, proof
from capfpcap.rules.opening import FAMILY, TCP_SERVICES
from capfpcap.rules.sight import Sight
from capfpcap.timeline.conversation import Conversation
from capfpcap.timeline.files import TransferState
from capfpcap.vantage.fate import Fate, Leg, Passage
from capfpcap.vantage.flow import Flow

FEWEST = 3
"""Packets of one phone that were lost or sent again; fewer are lost on any network."""
LEAST_SHARE = 0.02
"""Of all of the phone's packets."""

PACKET_LOSS = Code(
    code="packet-loss",
    looks_for=Sight.DIFFERENCE | Sight.REPETITION,
    family=FAMILY,
    severity=Severity.WARNING,
    services=(*TCP_SERVICES, "tftp", "dns"),
    causes=(
        "path-mtu-blackhole",
        "path-drops-data",
        "path-dropped-to-phone",
        "connection-lost",
        "transfer-stalled",
    ),
    gives_way=True,
    meaning="Packets are lost on the way, and what was lost got through when it was sent again.",
    told_by="Retransmissions of data that arrived in the end; with two captures, packets that left "
    "one and did not come to the other.",
    not_this="Duplicates of a mirror port; the SYN retransmissions of a burst of phones; data that "
    "never gets through.",
    remedy="Look for errors and drops on the interfaces between the points of capture (duplex "
    "mismatch, policing, a full link), and for the direction that the finding names.",
)


@PACKET_LOSS.by_phone
def packet_loss(case: Case) -> Iterator[Draft]:
    """Loss between two captures, or retransmissions in one."""
    joined = [flow for flow in case.phone.flows if len(flow.sightings) > 1]
    if joined:
        yield from _between(case, joined)
    else:
        yield from _sent_again(case)


def _between(case: Case, flows: list[Flow]) -> Iterator[Draft]:
    sent = 0
    lost: list[tuple[Leg, Passage]] = []
    for flow in flows:
        legs = case.scene.legs(flow)
        for leg in legs:
            lost += [(leg, passage) for passage in _overcome(leg)]
        view = flow.first.conversation.view
        sent += sum(len(leg.passages) for leg in legs) or view.stop - view.start
    if len(lost) < FEWEST or len(lost) < LEAST_SHARE * sent:
        return
    up = sum(leg.to_server for leg, _ in lost)
    yield Draft(
        PACKET_LOSS,
        title=f"{len(lost)} of {sent} packets were lost on the way and sent again",
        detail=f"{up} of them on the way to the server, {len(lost) - up} on the way to the phone; "
        "all that was in them arrived in the end.",
        proofs=tuple(
            proof(leg.sent, passage.sent_row, f"did not come to {leg.goal.name}")
            for leg, passage in lost
            if leg.sent is not None and passage.sent_row is not None
        )[:MAX_EVIDENCE],
    )


def _overcome(leg: Leg) -> list[Passage]:
    """Packets with payload that were lost and of which a copy arrived."""
    return [passage for passage in leg.of(Fate.LOST) if passage.octets and not passage.lost_octets]


def _sent_again(case: Case) -> Iterator[Draft]:
    proofs: list[Proof] = []
    packets = 0
    for flow in case.phone.flows:
        view = flow.first.conversation.view
        packets += view.stop - view.start
        rows = _repeated(flow.first.conversation)
        proofs += [proof(flow.first, row, "sent again") for row in rows]
    if len(proofs) < FEWEST or len(proofs) < LEAST_SHARE * packets:
        return
    yield Draft(
        PACKET_LOSS,
        title=f"{len(proofs)} of {packets} packets were sent again",
        detail="What was in them got through in the end. A second capture tells where and in which "
        "direction they, or their acknowledgements, were lost.",
        proofs=tuple(sorted(proofs, key=lambda item: item.time)[:MAX_EVIDENCE]),
        certainty=Certainty.LIKELY,
    )


def _repeated(conversation: Conversation) -> Iterator[int]:
    """Rows that repeat data of what got through in the end."""
    connection = conversation.connection
    if connection is not None and connection.established_row is not None:
        for side in (connection.client, connection.server):
            if side.unacknowledged <= 1:
                yield from side.repeated
    for transfer in conversation.transfers:
        if transfer.state is TransferState.COMPLETE:
            yield from transfer.repeated_rows
            yield from transfer.request_rows[1:]
    for lookup in conversation.lookups:
        if lookup.answer_row is not None:
            yield from lookup.query_rows[1:]
