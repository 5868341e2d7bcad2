"""Facts about the captures themselves: what they lack limits what can be said."""

from __future__ import annotations

from collections.abc import Iterator

from capfpcap.capture.columns import CaptureProblem, ProblemKind
from capfpcap.report import Severity
from capfpcap.rules.case import Scene
from capfpcap.rules.code import Code
from capfpcap.rules.draft import MAX_EVIDENCE, Draft, proof

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
    meaning="The capture file ends inside a packet; what is whole is used.",
    told_by="The last record says that it is longer than what is left of the file.",
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


@CAPTURE_SNAPPED.by_scene
def capture_snapped(scene: Scene) -> Iterator[Draft]:
    """A file whose packets are cut."""
    yield from _of_file(scene, CAPTURE_SNAPPED, ProblemKind.SNAPPED)


@CAPTURE_MALFORMED_PACKETS.by_scene
def capture_malformed(scene: Scene) -> Iterator[Draft]:
    """A file with packets that contradict themselves."""
    yield from _of_file(scene, CAPTURE_MALFORMED_PACKETS, ProblemKind.MALFORMED_PACKETS)


@CAPTURE_MID_SESSION.by_scene
def capture_mid_session(scene: Scene) -> Iterator[Draft]:
    """Connections that were open before the capture began."""
    for point in scene.points:
        found = [
            (flow, sighting)
            for flow in scene.flows
            if flow.phone is not None
            for sighting in flow.sightings
            if sighting.at is point
            and sighting.conversation.connection is not None
            and sighting.conversation.connection.mid_session
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
