"""Loss that was overcome: data that was sent again and got through in the end."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from capfpcap.capture.columns import TcpFlag
from capfpcap.flows.connection import Connection, Side
from capfpcap.report import Certainty, Severity, Stage
from capfpcap.rules.case import Case
from capfpcap.rules.code import Code, Family
from capfpcap.rules.draft import MAX_EVIDENCE, Draft, Proof, proof
from capfpcap.rules.files import TRANSFER_STALLED
from capfpcap.rules.path import PATH_DROPPED_TO_PHONE, PATH_DROPS_DATA, PATH_MTU_BLACKHOLE
from capfpcap.rules.patience import A_MOMENT
from capfpcap.rules.reset_origin import misses_packets
from capfpcap.rules.session import CONNECTION_LOST
from capfpcap.rules.sight import Sight
from capfpcap.rules.tcp import TCP_SERVICES
from capfpcap.timeline.conversation import Conversation
from capfpcap.timeline.files import TransferState
from capfpcap.vantage.fate import FEWEST_LOST, Fate, Leg, Passage
from capfpcap.vantage.flow import Flow

_IDENTIFICATIONS = 0xFFFF
_BEHIND = 64
"""Packets by which one that was overtaken is behind, at the most."""
_ACKNOWLEDGES = int(TcpFlag.ACK)
_CONTROL = int(TcpFlag.SYN | TcpFlag.FIN | TcpFlag.RST)

FEWEST = 3
"""Packets of one phone that were lost or sent again; fewer are lost on any network."""
_TIMES_MISSED = 3
"""How many times more packets of a flow a capture lacks than it surely missed of the phone's."""
_OPTIONS = 40
"""Octets of TCP options at the most, by which a full segment is smaller than the MSS."""
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
    """Whether a host found out by itself, or was told out of sight, how large packets may be.

    It then fills the hole that its first large segments left with several equal ones, well below
    the MSS that it was told, and sends no larger one any more.
    """
    connection = conversation.connection
    if connection is None or not connection.repeats:
        return False
    table = conversation.view.table
    for side, peer in (
        (connection.client, connection.server),
        (connection.server, connection.client),
    ):
        announced = [table.capture.segment_size(table.columns, row) for row in peer.syns[:1]]
        lengths = {one.row: one.length for one in side.segments}
        again = [lengths[row] for row in side.repeated]
        largest = max(again, default=0)
        if again.count(largest) < FEWEST_LOST or largest < max(lengths.values()):
            continue
        if announced and announced[0] and largest + _OPTIONS < announced[0]:
            return True
    return False


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


def _repeated(conversation: Conversation) -> tuple[list[int], int]:
    """Rows that repeat data which got through, and how many of them were needless.

    What was repeated only because the answer was slow arrives twice and is acknowledged twice, as
    in a burst of phones.
    """
    connection = conversation.connection
    if connection is not None:
        return _repeated_segments(connection)
    rows: list[int] = []
    needless = 0
    for transfer in conversation.transfers:
        if transfer.state is TransferState.COMPLETE:
            forward = conversation.view.table.to_server
            own = [row for row in transfer.repeated_rows if not forward[row]]
            rows += own
            needless += len(transfer.repeated_rows) - len(own)
    return rows, needless


def _repeated_segments(connection: Connection) -> tuple[list[int], int]:
    rows: list[int] = []
    if connection.established_row is not None:
        for side in (connection.client, connection.server):
            if side.unacknowledged <= 1:
                again = side.repeated[_waited_in_a_queue(connection, side) :]
                overtaken = _overtaken(connection, side) if len(again) >= FEWEST else set()
                rows += [row for row in again if row not in overtaken]
    return rows, _acknowledged_again(connection) if rows else 0


def _overtaken(connection: Connection, side: Side) -> set[int]:
    """Rows of segments that a later one of their sender overtook a moment before.

    Their IP identification is older than that of the one before them; what is sent again has a
    newer one.
    """
    columns, found = connection.view.table.columns, set[int]()
    for before, one in pairwise(side.segments):
        older = int(columns.identification[before.row]) - int(columns.identification[one.row])
        near = abs(int(columns.time[one.row]) - int(columns.time[before.row])) <= A_MOMENT
        if one.offset < before.offset and near and 0 < older & _IDENTIFICATIONS < _BEHIND:
            found.add(one.row)
    return found


def _waited_in_a_queue(connection: Connection, side: Side) -> int:
    """How many repetitions of the client's first segments came before anything was acknowledged.

    A server's host whose queue of connections is full drops the end of the handshake and the data
    behind it, again and again, though nothing is lost on the way. One repetition alone may well be
    of a lost segment.
    """
    if side is not connection.client or not side.segments:
        return 0
    answered = next((one.row for one in connection.server.segments), None)
    waited = [row for row in side.repeated if answered is None or row < answered]
    first = side.segments[0]
    in_vain = all(one.offset == first.offset for one in side.segments[: len(waited) + 1])
    return len(waited) if in_vain and len(waited) > 1 else 0


def _acknowledged_again(connection: Connection) -> int:
    """How many packets tell that what was acknowledged came once more.

    They do nothing but acknowledge the same again, or say so by a selective acknowledgement. One
    that names octets beyond missing ones tells the contrary.
    """
    again, beyond = _rows_with_blocks(connection)
    view = connection.view
    columns, rows = view.table.columns, view.rows
    last: dict[bool, int] = {}
    count = 0
    for row, up, flags, number, octets in zip(
        range(view.start, view.stop),
        view.directions(),
        columns.flags[rows].tolist(),
        columns.acknowledgement[rows].tolist(),
        columns.payload_length[rows].tolist(),
        strict=True,
    ):
        if flags & _ACKNOWLEDGES:
            bare = not octets and not flags & _CONTROL and last.get(up) == number
            count += row in again or (bare and row not in beyond)
            last[up] = number
    return count


def _rows_with_blocks(connection: Connection) -> tuple[set[int], set[int]]:
    """Rows that say what came again, and those that say what came beyond missing octets."""
    told = [connection.selected(from_client) for from_client in (True, False)]
    again = {block.row for one in told for block in one.again}
    return again, {block.row for one in told for block in one.beyond}
