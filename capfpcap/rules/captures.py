"""Facts about the captures themselves: what they lack limits what can be said."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from capfpcap.capture.columns import CaptureProblem, IpProtocol, ProblemKind
from capfpcap.report import Severity
from capfpcap.rules.case import Scene
from capfpcap.rules.code import Code
from capfpcap.rules.draft import MAX_EVIDENCE, Draft, Proof, proof
from capfpcap.vantage.flow import Flow, Sighting

FAMILY = "The captures themselves"

CAPTURE_EMPTY = Code(
    code="capture-empty",
    family=FAMILY,
    severity=Severity.INFO,
    meaning="The capture holds no packet.",
    told_by="A capture file without a packet.",
    not_this="A capture without packets of an enrolment: the verdict says so.",
    remedy="Check the interface and the filter of the capture.",
)
CAPTURE_CUT_SHORT = Code(
    code="capture-cut-short",
    family=FAMILY,
    severity=Severity.INFO,
    meaning="The capture file ends inside a packet, or can be read no further; what is whole is "
    "used.",
    told_by="The last record says that it is longer than what is left of the file, or than a "
    "packet can be, or what follows is no capture but empty records without an end.",
    not_this="A file that ends behind a packet.",
    remedy="Copy the file again, or stop the capture before copying it.",
)
CAPTURE_MID_SESSION = Code(
    code="capture-mid-session",
    family=FAMILY,
    severity=Severity.INFO,
    services=("capf", "tvs", "http", "sip-tls", "sccp-tls"),
    meaning="The capture began when a connection was already open; its beginning cannot be judged.",
    told_by="A TCP flow without the SYN of either side.",
    not_this="A fault.",
    remedy="Start the capture before resetting the phone.",
)
CAPTURE_SNAPPED = Code(
    code="capture-snapped",
    family=FAMILY,
    severity=Severity.INFO,
    meaning="The capture holds only the beginning of its packets; contents cannot be judged.",
    told_by="Packets of an enrolment that are longer than what the file holds of them.",
    not_this="A fault.",
    remedy="Capture with a snap length of 0 or 262144 (tcpdump -s 0).",
)
CAPTURE_MALFORMED_PACKETS = Code(
    code="capture-malformed-packets",
    family=FAMILY,
    severity=Severity.INFO,
    meaning="Some packets contradict themselves and were passed over.",
    told_by="Headers whose lengths cannot be.",
    not_this="A fault of the phone or the server.",
    remedy="Nothing, unless there are many: then look at the capturing host.",
)


CAPTURE_DUPLICATES = Code(
    code="capture-duplicates",
    family=FAMILY,
    severity=Severity.INFO,
    meaning="The capture holds packets twice, as a mirror port records them going in and out.",
    told_by="Many packets that equal one shortly before in all that routers leave alone.",
    not_this="Retransmissions by a host.",
    remedy="Nothing: duplicates are left out. Mirror one direction of the port only.",
)
CAPTURE_OFFLOAD = Code(
    code="capture-offload",
    family=FAMILY,
    severity=Severity.INFO,
    meaning="The capture shows segments larger than those on the wire: the network card splits and "
    "joins them.",
    told_by="TCP payloads longer than an Ethernet frame holds.",
    not_this="A path that carries jumbo frames.",
    remedy="Nothing; for sizes as on the wire, 'ethtool -K IFACE tso off gso off gro off'.",
)
CAPTURE_DROPS = Code(
    code="capture-drops",
    family=FAMILY,
    severity=Severity.INFO,
    meaning="The capture missed packets that did arrive; what is missing cannot be judged.",
    told_by="Data that its receiver acknowledged and that the capture lacks.",
    not_this="Packets that the network lost.",
    remedy="Capture with a larger buffer (tcpdump -B 16384) or a narrower filter.",
)
CAPTURE_ONE_SIDED = Code(
    code="capture-one-sided",
    family=FAMILY,
    severity=Severity.INFO,
    meaning="The capture recorded one direction only of traffic that went both ways.",
    told_by="All packets go one way, and their acknowledgements prove that others came back.",
    not_this="Requests that nobody answers.",
    remedy="Mirror both directions of the port.",
)

_LONGEST_FRAME_PAYLOAD = 1480
"""Octets of TCP payload in an Ethernet frame of 1500 octets, with 20 to spare."""


def _of_file(scene: Scene, code: Code, kind: ProblemKind) -> Iterator[Draft]:
    """One finding for each file that has a problem of one kind."""
    for point in scene.points:
        for file, identity in zip(point.table.capture.files, point.ids, strict=True):
            problems = [problem for problem in file.problems if problem.kind is kind]
            if problems:
                yield Draft(
                    code,
                    title=f"{identity}: {_title(problems)}",
                    detail=f"{file.path}: " + "; ".join(problem.text for problem in problems),
                    proofs=(),
                )


def _title(problems: list[CaptureProblem]) -> str:
    return problems[0].text


@CAPTURE_EMPTY.by_scene
def capture_empty(scene: Scene) -> Iterator[Draft]:
    """A file without packets."""
    for point in scene.points:
        for file, identity in zip(point.table.capture.files, point.ids, strict=True):
            if not file.packets:
                yield Draft(
                    CAPTURE_EMPTY,
                    title=f"{identity}: the capture holds no packet",
                    detail=f"{file.path} is a {file.format} file without a packet.",
                    proofs=(),
                )


@CAPTURE_CUT_SHORT.by_scene
def capture_cut_short(scene: Scene) -> Iterator[Draft]:
    """A file that ends inside a packet, or in a record that cannot be."""
    yield from _of_file(scene, CAPTURE_CUT_SHORT, ProblemKind.CUT_SHORT)
    yield from _of_file(scene, CAPTURE_CUT_SHORT, ProblemKind.CORRUPT)


@CAPTURE_SNAPPED.by_scene
def capture_snapped(scene: Scene) -> Iterator[Draft]:
    """A file whose packets are cut."""
    yield from _of_file(scene, CAPTURE_SNAPPED, ProblemKind.SNAPPED)


@CAPTURE_MALFORMED_PACKETS.by_scene
def capture_malformed(scene: Scene) -> Iterator[Draft]:
    """A file with packets that contradict themselves."""
    yield from _of_file(scene, CAPTURE_MALFORMED_PACKETS, ProblemKind.MALFORMED_PACKETS)
    yield from _of_file(scene, CAPTURE_MALFORMED_PACKETS, ProblemKind.FRAGMENTS_MISSING)


def notable_flows(scene: Scene) -> list[Flow]:
    """The flows that the rules on captures look at: all others leave them silent."""
    return [
        flow
        for flow in scene.flows
        if any(_begins_open(flow, sighting) or _missed(sighting) for sighting in flow.sightings)
    ]


def _begins_open(flow: Flow, sighting: Sighting) -> bool:
    """Whether a phone's connection was open when the capture began."""
    connection = sighting.conversation.connection
    return flow.phone is not None and connection is not None and connection.mid_session


@CAPTURE_MID_SESSION.by_scene
def capture_mid_session(scene: Scene) -> Iterator[Draft]:
    """Connections that were open before the capture began."""
    for point in scene.points:
        found = [
            (flow, sighting)
            for flow in scene.flows
            for sighting in flow.sightings
            if sighting.at is point and _begins_open(flow, sighting)
        ]
        if found:
            yield Draft(
                CAPTURE_MID_SESSION,
                title=f"{point.name}: begins in the midst of {len(found)} connections"
                if len(found) > 1
                else f"{point.name}: begins in the midst of a connection",
                detail="The SYNs are not in the capture; what was said before it began is unknown.",
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
                title=f"{point.name}: {point.table.duplicates} packets are there twice",
                detail=f"{point.table.duplicates} packets equal one shortly before; they were left "
                "out.",
                proofs=(),
            )


@CAPTURE_OFFLOAD.by_scene
def capture_offload(scene: Scene) -> Iterator[Draft]:
    """Segments larger than the wire's."""
    for point in scene.points:
        columns = point.table.columns
        large = np.flatnonzero(
            (columns.protocol == IpProtocol.TCP) & (columns.payload_length > _LONGEST_FRAME_PAYLOAD)
        )
        if len(large):
            largest = int(columns.payload_length[large].max())
            yield Draft(
                CAPTURE_OFFLOAD,
                title=f"{point.name}: segments of up to {largest} octets",
                detail=f"{len(large)} segments are longer than an Ethernet frame holds.",
                proofs=tuple(
                    Proof(point, row, f"{int(columns.payload_length[row])} octets of payload")
                    for row in large[:MAX_EVIDENCE].tolist()
                ),
            )


@CAPTURE_ONE_SIDED.by_scene
def capture_one_sided(scene: Scene) -> Iterator[Draft]:
    """One direction only."""
    for point in scene.points:
        if point.table.one_sided:
            whose = "clients" if point.table.to_server[0] else "servers"
            yield Draft(
                CAPTURE_ONE_SIDED,
                title=f"{point.name}: only packets of {whose} were recorded",
                detail=f"All {len(point.table.columns)} packets are from {whose}, and they "
                "acknowledge others that the capture lacks.",
                proofs=(),
            )


@CAPTURE_DROPS.by_scene
def capture_drops(scene: Scene) -> Iterator[Draft]:
    """Data acknowledged that the capture lacks."""
    for point in scene.points:
        if point.table.one_sided:
            continue
        missed = [
            (flow, sighting, octets)
            for flow in scene.flows
            for sighting in flow.sightings
            if sighting.at is point and (octets := _missed(sighting))
        ]
        if missed:
            total = sum(octets for _, _, octets in missed)
            yield Draft(
                CAPTURE_DROPS,
                title=f"{point.name}: {total} octets that arrived are not in the capture",
                detail=f"{len(missed)} connections acknowledge data that is not in the capture.",
                proofs=tuple(
                    proof(sighting, sighting.conversation.view.start, f"{octets} octets missed")
                    for _, sighting, octets in missed[:MAX_EVIDENCE]
                ),
                flow=missed[0][0] if len(missed) == 1 else None,
            )


def _missed(sighting: Sighting) -> int:
    """Octets of a connection that were acknowledged and of which the capture has no packet."""
    connection = sighting.conversation.connection
    return 0 if connection is None else connection.missed
