"""Facts about the captures themselves: what they lack limits what can be said."""

from __future__ import annotations

from collections.abc import Iterator

from capfpcap.flows.lone_syns import LeftOut
from capfpcap.flows.tcp.rows import acknowledging_rows, rows_longer_than
from capfpcap.report import Severity, Stage
from capfpcap.rules.model.case import Scene
from capfpcap.rules.model.code import Code, Family
from capfpcap.rules.model.draft import MAX_EVIDENCE, Draft, Proof, proof
from capfpcap.rules.questions.tcp import TCP_SERVICES
from capfpcap.vantage.flow import Flow, Sighting, VantagePoint

CAPTURE_MID_SESSION = Code(
    code="capture-mid-session",
    family=Family.CAPTURES,
    severity=Severity.INFO,
    stage=Stage.CAPTURES,
    screen=None,
    services=TCP_SERVICES,
    meaning="The capture began when a connection was already open; its beginning cannot be judged.",
    told_by="A TCP flow without the SYN of either side.",
    not_this="A fault.",
    remedy="Start the capture before resetting the phone.",
)


CAPTURE_DUPLICATES = Code(
    code="capture-duplicates",
    family=Family.CAPTURES,
    severity=Severity.INFO,
    stage=Stage.CAPTURES,
    screen=None,
    meaning="The capture holds packets twice, as a mirror port records them going in and out.",
    told_by="Many packets that equal another in every field that routers do not change: IP "
    "identification, TCP's numbers, flags and window, or a datagram's content.",
    not_this="Retransmissions by a host, which have another IP identification. A file that was "
    "merged of captures of several places (captures-merged).",
    remedy="Nothing: duplicates are left out. Mirror one direction of the port only.",
)
CAPTURE_OFFLOAD = Code(
    code="capture-offload",
    family=Family.CAPTURES,
    severity=Severity.INFO,
    stage=Stage.CAPTURES,
    screen=None,
    meaning="The capture shows segments larger than those on the wire: the network card splits and "
    "joins them.",
    told_by="TCP payloads longer than an Ethernet frame holds.",
    not_this="A path that carries jumbo frames.",
    remedy="Nothing; for sizes as on the wire, 'ethtool -K IFACE tso off gso off gro off'.",
)
CAPTURE_DROPS = Code(
    code="capture-drops",
    family=Family.CAPTURES,
    severity=Severity.INFO,
    stage=Stage.CAPTURES,
    screen=None,
    meaning="The capture missed packets that did arrive; what is missing cannot be judged.",
    told_by="Data that its receiver acknowledged and that the capture lacks; blocks of a file that "
    "arrived whole.",
    not_this="Packets that the network lost.",
    remedy="Capture with a larger buffer (tcpdump -B 16384) or a narrower filter.",
)
CAPTURE_ONE_SIDED = Code(
    code="capture-one-sided",
    family=Family.CAPTURES,
    severity=Severity.INFO,
    stage=Stage.CAPTURES,
    screen=None,
    meaning="The capture recorded one direction only of traffic that went both ways.",
    told_by="All packets, or all of some connections, go one way, and their acknowledgements prove "
    "that others came back.",
    not_this="Requests that nobody answers.",
    remedy="Mirror both directions of the port.",
)

CAPTURE_PORT_SCAN = Code(
    code="capture-port-scan",
    family=Family.CAPTURES,
    severity=Severity.INFO,
    stage=Stage.CAPTURES,
    screen=None,
    meaning="The capture holds very many single SYNs, as a port scan or a SYN flood sends them; "
    "they are neither judged nor shown.",
    told_by="More than a thousand addresses that send one SYN and nothing else, or an address that "
    "sends more than a thousand; or more than 65,536 addresses that no server ever answers.",
    not_this="Phones that get no answer: they send their SYN again, and connect again.",
    remedy="Nothing for the enrolment; find out who scans the network, and why it may.",
)


def scan_of(left_out: LeftOut) -> str:
    """What was left out as a scan or a flood, without a full stop."""
    count, addresses = left_out.connections, left_out.addresses
    who = "1 address" if addresses == 1 else f"{addresses:,} addresses"
    sent, what = (
        ("sent", "single SYNs") if left_out.single else ("began", "connections without an answer")
    )
    return f"{who} {sent} {count:,} {what}, as a port scan or a flood does"


_LONGEST_FRAME_PAYLOAD = 1480
"""Octets of TCP payload in an Ethernet frame of 1500 octets, with 20 to spare."""


def notable_flows(scene: Scene) -> list[Flow]:
    """The flows that the rules on captures look at: all others leave them silent."""
    return [
        flow
        for flow in scene.flows
        if any(
            _begins_open(flow, sighting) or _missed(sighting) or _is_half(sighting)
            for sighting in flow.sightings
        )
    ]


def _begins_open(flow: Flow, sighting: Sighting) -> bool:
    """Whether a phone's connection was open when the capture began."""
    connection = sighting.conversation.connection
    return flow.phone is not None and connection is not None and connection.mid_session


def _is_half(sighting: Sighting) -> bool:
    """Whether the capture lacks one direction of a connection in which both sides spoke."""
    connection = sighting.conversation.connection
    return connection is not None and connection.is_half


@CAPTURE_MID_SESSION.by_scene
def capture_mid_session(scene: Scene) -> Iterator[Draft]:
    """Connections that were open before the capture began."""
    for point in scene.points:
        found = [
            (flow, sighting)
            for flow, sighting in _sightings(scene, point)
            if _begins_open(flow, sighting)
        ]
        if found:
            yield Draft(
                CAPTURE_MID_SESSION,
                title=f"{point.name}: begins in the middle of {len(found)} connections"
                if len(found) > 1
                else f"{point.name}: begins in the middle of a connection",
                detail="The SYNs are not in the capture; what was sent before is unknown.",
                proofs=tuple(
                    proof(
                        sighting,
                        sighting.conversation.view.start,
                        "first packet of an open connection",
                    )
                    for _, sighting in found[:MAX_EVIDENCE]
                ),
                service=found[0][0].service,
                flow=found[0][0] if len(found) == 1 else None,
            )


@CAPTURE_DUPLICATES.by_scene
def capture_duplicates(scene: Scene) -> Iterator[Draft]:
    """A mirror of both directions."""
    for point in scene.points:
        if point.table.duplicates:
            yield Draft(
                CAPTURE_DUPLICATES,
                title=f"{point.name}: {point.table.duplicates} packets appear twice",
                detail=f"{point.table.duplicates} packets equal one shortly before; they were left "
                "out.",
                proofs=(),
            )


@CAPTURE_PORT_SCAN.by_scene
def capture_port_scan(scene: Scene) -> Iterator[Draft]:
    """Single SYNs by the thousand."""
    for point in scene.points:
        left_out = point.table.left_out
        if left_out is not None:
            yield Draft(
                CAPTURE_PORT_SCAN,
                title=f"{point.name}: {scan_of(left_out)}",
                detail=f"{left_out.connections:,} connections were left out: they are neither "
                "judged nor shown.",
                proofs=(),
            )


@CAPTURE_OFFLOAD.by_scene
def capture_offload(scene: Scene) -> Iterator[Draft]:
    """Segments larger than the wire's."""
    for point in scene.points:
        columns = point.table.columns
        large = rows_longer_than(point.table, _LONGEST_FRAME_PAYLOAD)
        if len(large):
            largest = int(columns.payload_length[large].max())
            yield Draft(
                CAPTURE_OFFLOAD,
                title=f"{point.name}: segments of up to {largest} bytes",
                detail=f"{len(large)} segments are longer than an Ethernet frame holds.",
                proofs=tuple(
                    Proof(point, row, f"{int(columns.payload_length[row])} bytes of payload")
                    for row in large[:MAX_EVIDENCE].tolist()
                ),
            )


@CAPTURE_ONE_SIDED.by_scene
def capture_one_sided(scene: Scene) -> Iterator[Draft]:
    """One direction only, of everything or of some connections."""
    for point in scene.points:
        if point.table.one_sided:
            whose = "clients" if point.table.to_server[0] else "servers"
            yield Draft(
                CAPTURE_ONE_SIDED,
                title=f"{point.name}: only packets of {whose} were recorded",
                detail=f"All {len(point.table.columns)} packets are from {whose}, and they "
                "acknowledge others that the capture lacks.",
                proofs=tuple(_acknowledging(point)),
            )
            continue
        half = [sighting for _, sighting in _sightings(scene, point) if _is_half(sighting)]
        if half:
            yield Draft(
                CAPTURE_ONE_SIDED,
                title=f"{point.name}: of {_connections(len(half))} one direction was recorded only",
                detail="Their packets acknowledge others that the capture lacks: requests and "
                "answers take different ways, or the capture misses one of them.",
                proofs=tuple(
                    proof(sighting, sighting.conversation.view.start, "one direction only")
                    for sighting in half[:MAX_EVIDENCE]
                ),
            )


def _acknowledging(point: VantagePoint) -> Iterator[Proof]:
    """The first packets that acknowledge octets which the capture lacks."""
    columns = point.table.columns
    for row in acknowledging_rows(point.table)[:MAX_EVIDENCE].tolist():
        yield Proof(point, row, f"acknowledges up to {int(columns.acknowledgement[row])}")


def _connections(count: int) -> str:
    return "1 connection" if count == 1 else f"{count} connections"


def _sightings(scene: Scene, point: VantagePoint) -> Iterator[tuple[Flow, Sighting]]:
    """What one vantage point saw of each flow."""
    for flow in scene.flows:
        for sighting in flow.sightings:
            if sighting.at is point:
                yield flow, sighting


@CAPTURE_DROPS.by_scene
def capture_drops(scene: Scene) -> Iterator[Draft]:
    """Data acknowledged that the capture lacks."""
    for point in scene.points:
        if point.table.one_sided:
            continue
        missed = [
            (flow, sighting, lack)
            for flow, sighting in _sightings(scene, point)
            if (lack := _missed(sighting)) and not _is_half(sighting)
        ]
        if missed:
            yield Draft(
                CAPTURE_DROPS,
                title=f"{point.name}: packets that arrived are not in the capture",
                detail=f"Of {len(missed)} flows their receivers had data that is not in the "
                "capture.",
                proofs=tuple(
                    proof(sighting, sighting.conversation.view.start, lack)
                    for _, sighting, lack in missed[:MAX_EVIDENCE]
                ),
                flow=missed[0][0] if len(missed) == 1 else None,
            )


def _missed(sighting: Sighting) -> str | None:
    """What of a flow arrived and is not in the capture, in words."""
    conversation = sighting.conversation
    if conversation.connection is not None and conversation.connection.missed:
        return f"{conversation.connection.missed} bytes missed"
    for transfer in conversation.transfers:
        if transfer.lacks_packets:
            return f"{transfer.name}: {transfer.incomplete_reason}"
    return None
