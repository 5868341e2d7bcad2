"""Loss that was overcome: data that was sent again and got through in the end."""

from __future__ import annotations

from collections.abc import Iterator

from capfpcap.flows.tcp.retransmission import Retransmitted, retransmitted, segments_made_smaller
from capfpcap.report import Certainty, Severity, Stage
from capfpcap.rules.connections.path import (
    PATH_DROPPED_TO_PHONE,
    PATH_DROPS_DATA,
    PATH_MTU_BLACKHOLE,
)
from capfpcap.rules.connections.session import CONNECTION_LOST
from capfpcap.rules.files.files import TRANSFER_STALLED
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.code import Code, Family
from capfpcap.rules.model.draft import MAX_EVIDENCE, Draft, Proof, proof
from capfpcap.rules.model.sight import Sight
from capfpcap.rules.questions.reset_origin import misses_packets
from capfpcap.rules.questions.tcp import TCP_SERVICES
from capfpcap.timeline.conversation import Conversation
from capfpcap.timeline.files import TransferState
from capfpcap.vantage.fate import Fate, Leg, Passage
from capfpcap.vantage.flow import Flow

FEWEST = 3
"""Packets of one phone that were lost or sent again; fewer are lost on any network."""
_TIMES_MISSED = 3
"""How many times more packets of a flow a capture lacks than it surely missed of the phone's."""
LEAST_SHARE = 0.02
"""Of all of the phone's packets."""

PACKET_LOSS = Code(
    code="packet-loss",
    family=Family.CONNECTIONS,
    severity=Severity.WARNING,
    stage=Stage.TCP,
    screen=None,
    looks_for=Sight.DIFFERENCE | Sight.REPETITION,
    services=(*TCP_SERVICES, "tftp", "dns"),
    gives_way_to=(
        PATH_MTU_BLACKHOLE,
        PATH_DROPS_DATA,
        PATH_DROPPED_TO_PHONE,
        CONNECTION_LOST,
        TRANSFER_STALLED,
    ),
    meaning="Packets are lost on the path, and their retransmissions arrive.",
    told_by="Retransmissions of data that arrived in the end; with two captures, packets that left "
    "one and did not come to the other.",
    not_this="Duplicates of a mirror port; the SYN retransmissions of a burst of phones; what "
    "is retransmitted in smaller packets after an ICMP 'fragmentation needed'; data that never "
    "gets through.",
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
        for leg in legs if not _made_smaller(case, flow) else ():
            found = _overcome(leg)
            if found and len(found) > _TIMES_MISSED * misses_packets(case, leg.goal):
                lost += [(leg, passage) for passage in found]
        view = flow.first.conversation.view
        sent += sum(len(leg.passages) for leg in legs) or view.stop - view.start
    if len(lost) < FEWEST or len(lost) < LEAST_SHARE * sent:
        return
    up = sum(leg.to_server for leg, _ in lost)
    yield Draft(
        PACKET_LOSS,
        title=f"{len(lost)} of {sent} packets were lost on the path and retransmitted",
        detail=f"{up} of them on the way to the server, {len(lost) - up} on the way to the phone; "
        "all that was in them arrived in the end.",
        proofs=tuple(
            proof(leg.sent, passage.sent_row, f"did not come to {leg.goal.name}")
            for leg, passage in lost
            if leg.sent is not None and passage.sent_row is not None
        )[:MAX_EVIDENCE],
    )


def _made_smaller(case: Case, flow: Flow) -> bool:
    """Whether a router told the sender to send smaller packets, which is how a path is explored."""
    return any(item.error.too_big for item in case.unreachable(flow))


def _explored(conversation: Conversation) -> bool:
    """Whether a host found out by itself, or was told out of sight, how large packets may be."""
    connection = conversation.connection
    return connection is not None and segments_made_smaller(connection)


def _overcome(leg: Leg) -> list[Passage]:
    """Packets with payload that were lost and of which a copy arrived."""
    return [passage for passage in leg.of(Fate.LOST) if passage.octets and not passage.lost_octets]


def _sent_again(case: Case) -> Iterator[Draft]:
    proofs: list[Proof] = []
    lost = packets = 0
    for flow in case.phone.flows:
        view = flow.first.conversation.view
        packets += view.stop - view.start
        if _made_smaller(case, flow) or _explored(flow.first.conversation):
            continue
        rows, needless = _repeated(flow.first.conversation)
        lost += max(len(rows) - needless, 0)
        if len(rows) > needless:
            proofs += [proof(flow.first, row, "retransmitted") for row in rows]
    if lost < FEWEST or lost < LEAST_SHARE * packets:
        return
    yield Draft(
        PACKET_LOSS,
        title=(
            f"{lost} of {packets} packets, or their acknowledgements, were lost and retransmitted"
        ),
        detail="What was in them got through in the end. A second capture tells where and in which "
        "direction they were lost.",
        proofs=tuple(sorted(proofs, key=lambda item: item.time)[:MAX_EVIDENCE]),
        certainty=Certainty.LIKELY,
    )


def _repeated(conversation: Conversation) -> Retransmitted:
    """Rows that repeat data which got through, and how many of them were needless.

    What was repeated only because the answer was slow arrives twice and is acknowledged twice, as
    in a burst of phones.
    """
    connection = conversation.connection
    if connection is not None:
        return retransmitted(connection)
    rows: list[int] = []
    needless = 0
    for transfer in conversation.transfers:
        if transfer.state is TransferState.COMPLETE:
            forward = conversation.view.table.to_server
            own = [row for row in transfer.repeated_rows if not forward[row]]
            rows += own
            needless += len(transfer.repeated_rows) - len(own)
    return Retransmitted(rows, needless)
