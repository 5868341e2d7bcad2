"""Facts about the capture files: what of them could not be read limits what can be said."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from capfpcap.capture.problems import CaptureProblem, ProblemKind
from capfpcap.flows.parted import Merged
from capfpcap.flows.places import Sign
from capfpcap.report import Severity, Stage
from capfpcap.rules.model.case import Scene
from capfpcap.rules.model.code import Code, Family
from capfpcap.rules.model.draft import MAX_EVIDENCE, Draft, Proof
from capfpcap.rules.model.timeouts import SECOND
from capfpcap.vantage.flow import VantagePoint

_SIGNS = {
    Sign.INTERFACE: "The interfaces that recorded each packet",
    Sign.LINK: "Link-layer addresses",
    Sign.TTL: "TTLs",
}
_UNTOLD = "Nothing tells which packet was recorded where; one of each was judged"
CAPTURE_EMPTY = Code(
    code="capture-empty",
    family=Family.CAPTURES,
    severity=Severity.INFO,
    stage=Stage.CAPTURES,
    screen=None,
    meaning="The capture holds no packet.",
    told_by="A capture file without a packet.",
    not_this="A capture without packets of an enrolment: the verdict says so.",
    remedy="Check the interface and the filter of the capture.",
)

CAPTURE_CUT_SHORT = Code(
    code="capture-cut-short",
    family=Family.CAPTURES,
    severity=Severity.INFO,
    stage=Stage.CAPTURES,
    screen=None,
    meaning="The capture file ends inside a packet, or can be read no further; what is whole is "
    "used.",
    told_by="The last record says that it is longer than what is left of the file, or than a "
    "packet can be, or what follows is no capture but empty records without an end.",
    not_this="A file that ends behind a packet.",
    remedy="Copy the file again, or stop the capture before copying it.",
)

CAPTURE_SNAPPED = Code(
    code="capture-snapped",
    family=Family.CAPTURES,
    severity=Severity.INFO,
    stage=Stage.CAPTURES,
    screen=None,
    meaning="The capture holds only the beginning of its packets; contents cannot be judged.",
    told_by="Packets of an enrolment that are longer than what the file holds of them.",
    not_this="A fault.",
    remedy="Capture with a snap length of 0 or 262144 (tcpdump -s 0).",
)

CAPTURE_MALFORMED_PACKETS = Code(
    code="capture-malformed-packets",
    family=Family.CAPTURES,
    severity=Severity.INFO,
    stage=Stage.CAPTURES,
    screen=None,
    meaning="Some packets contradict themselves, or are of a kind that is not decoded; they "
    "were skipped.",
    told_by="Headers whose lengths cannot be; a link type or encapsulation that is not decoded.",
    not_this="A fault of the phone or the server. A file of which nothing can be decoded: then the "
    "verdict is unknown.",
    remedy="Nothing, unless there are many: then look at the capturing host.",
)

RECORDS_OUT_OF_ORDER = Code(
    code="records-out-of-order",
    family=Family.CAPTURES,
    severity=Severity.INFO,
    stage=Stage.CAPTURES,
    screen=None,
    meaning="The records of the capture file are so far from the order of time that packets of "
    "TFTP transfers were skipped.",
    told_by="More TFTP packets than can be held before the request that they follow in time.",
    not_this="Neighbours in the wrong order, or a file whose later part stands first: these are "
    "read in the order of time, and nothing is said.",
    remedy="Put the file in order ('reordercap FILE ORDERED') and check it again.",
)


CAPTURES_MERGED = Code(
    code="captures-merged",
    family=Family.CAPTURES,
    severity=Severity.INFO,
    stage=Stage.CAPTURES,
    screen=None,
    meaning="One file holds what several places recorded, as mergecap puts captures together. The "
    "places are told apart and judged as captures of their own.",
    told_by="Packets that are there more than once, with the same IP identification, TCP numbers "
    "and content, at other interfaces, between other link-layer addresses or with another TTL, and "
    "with the time between them that packets take on their way or that clocks differ.",
    not_this="A mirror port that shows packets before and behind a switch or router: one moment, "
    "one clock. Retransmissions, which have another IP identification.",
    remedy="Nothing where the places were told apart. Where they were not, hand in the captures "
    "one by one: then it can be told what was lost between them.",
)


def _of_file(
    scene: Scene, code: Code, kind: ProblemKind, *, only_beside_others: bool = False
) -> Iterator[Draft]:
    """One finding for each file that has a problem of one kind, and packets that were of use."""
    for point in scene.points:
        files = zip(point.table.capture.files, point.ids, strict=True)
        for place, (file, identity) in enumerate(files):
            if only_beside_others and file.is_undecoded:
                continue
            problems = [problem for problem in file.problems if problem.kind is kind]
            if problems:
                yield Draft(
                    code,
                    title=f"{identity}: {_title(problems)}",
                    detail=f"{file.path}: " + "; ".join(problem.text for problem in problems),
                    proofs=tuple(_proofs(point, place, problems)),
                )


def _proofs(point: VantagePoint, place: int, problems: list[CaptureProblem]) -> Iterator[Proof]:
    """The first frame of each problem, where it is one of those that were kept."""
    columns = point.table.columns
    for problem in problems[:MAX_EVIDENCE]:
        if problem.frame is not None:
            rows = np.flatnonzero((columns.file == place) & (columns.frame == problem.frame))
            yield from (Proof(point, row, problem.text) for row in rows[:1].tolist())


def _title(problems: list[CaptureProblem]) -> str:
    return problems[0].text


@CAPTURES_MERGED.by_scene
def captures_merged(scene: Scene) -> Iterator[Draft]:
    """A file that holds what several places recorded."""
    merged = {id(point.table.merged): point.table.merged for point in scene.points}
    for key, found in merged.items():
        if found is None:
            continue
        points = [point for point in scene.points if id(point.table.merged) == key]
        names = " and ".join(point.name for point in points)
        sign = f"{_SIGNS[found.sign]} tell them apart" if found.sign else _UNTOLD
        yield Draft(
            CAPTURES_MERGED,
            title=f"{names} are in one file, which was merged"
            if found.sign
            else f"{names}: the file seems to be merged of several captures",
            detail=f"{points[0].table.capture.files[0].path} holds packets more than once, "
            f"{found.apart / SECOND:.6f} s apart as a rule: it was recorded at several places. "
            f"{sign}.",
            proofs=tuple(_copies(points, found)),
        )


def _copies(points: list[VantagePoint], merged: Merged) -> Iterator[Proof]:
    """One packet at each place that shows it."""
    for file, frame in merged.example:
        for point in points:
            columns = point.table.columns
            rows = np.flatnonzero((columns.file == file) & (columns.frame == frame))
            yield from (Proof(point, row, "the same packet") for row in rows[:1].tolist())


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


@RECORDS_OUT_OF_ORDER.by_scene
def records_out_of_order(scene: Scene) -> Iterator[Draft]:
    """A file whose TFTP requests stand far behind their answers."""
    yield from _of_file(scene, RECORDS_OUT_OF_ORDER, ProblemKind.OUT_OF_ORDER)


@CAPTURE_MALFORMED_PACKETS.by_scene
def capture_malformed(scene: Scene) -> Iterator[Draft]:
    """A file with packets that contradict themselves, or cannot be decoded beside others."""
    yield from _of_file(scene, CAPTURE_MALFORMED_PACKETS, ProblemKind.MALFORMED_PACKETS)
    yield from _of_file(scene, CAPTURE_MALFORMED_PACKETS, ProblemKind.FRAGMENTS_MISSING)
    for kind in (ProblemKind.UNSUPPORTED, ProblemKind.ENCRYPTED):
        yield from _of_file(scene, CAPTURE_MALFORMED_PACKETS, kind, only_beside_others=True)
