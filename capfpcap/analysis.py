"""The whole way from captures to a report, on one page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct, field

from capfpcap.batches import Heard, Work, batches_of, must_be_whole, notable_scene, run, run_joined
from capfpcap.capture.reading import Progress
from capfpcap.compose import (
    Part,
    about_shown,
    build_report,
    describe_captures,
    join_parts,
    remarks_on_scene,
    timelines,
)
from capfpcap.compose.kept_flows import KeptFlows
from capfpcap.compose.timelines import FlowTimeline, PhoneTimeline, TimelineEvent
from capfpcap.enrolment.choice import not_shown
from capfpcap.enrolment.period import Span
from capfpcap.flows.icmp import read_icmp_errors
from capfpcap.inputs import CaptureInput
from capfpcap.options import Options
from capfpcap.report import Report
from capfpcap.rules.engine import Judged, judge, judge_captures
from capfpcap.rules.model.case import Scene
from capfpcap.rules.model.cluster_facts import Around, joined
from capfpcap.rules.model.draft import Draft
from capfpcap.scenes import learning_ports, scene_of, without_garbage_collection
from capfpcap.vantage.flow import VantagePoint

if TYPE_CHECKING:
    from capfpcap.evidence import Evidence

__all__ = [
    "Analysis",
    "CaptureInput",
    "FlowTimeline",
    "Options",
    "PhoneTimeline",
    "Span",
    "TimelineEvent",
    "analyze",
    "check",
]


class Analysis(Struct, eq=False, dict=True):
    """Captures, analysed."""

    scene: Scene
    judged: Judged
    notes: list[str] = field(default_factory=list)
    composed: Report | None = None
    """The report, where it was composed before: of a part of what was judged as a whole."""
    remarks: list[str] = field(default_factory=list)

    @cached_property
    def report(self) -> Report:
        """Everything there is to say."""
        if self.composed is not None:
            return self.composed
        return build_report(self.scene, self.judged, self.notes, self.remarks)

    def timeline(self, flow: str | None = None) -> Iterator[FlowTimeline]:
        """The events of the flows that are shown, or of one, in order of their first packets.

        Raises:
            NotShownError: there is no flow of that id.
        """
        return timelines.by_flow(self.scene, self.report, flow)

    def timeline_by_phone(self, flow: str | None = None) -> Iterator[PhoneTimeline]:
        """What each phone did, in order of their first packets, then flows that are no phone's.

        Raises:
            NotShownError: there is no flow of that id.
        """
        return timelines.by_phone(self.scene, self.report, flow)


def analyze(
    inputs: Sequence[CaptureInput],
    options: Options | None = None,
    *,
    progress: Progress | None = None,
) -> Analysis:
    """Read captures and judge what they show.

    A configuration may name another CAPF port than 3804: it is learned from the first reading, and
    the captures are read again with it.

    Raises:
        CaptureError: none of the captures can be read.
        NotShownError: the captures show none of the phones that were asked for.
    """
    with without_garbage_collection():
        if not inputs and options and options.evidence and options.evidence.logs:
            return _of_logs(options, options.evidence)
        return _analyze(inputs, options or Options(), progress)


def _of_logs(options: Options, evidence: Evidence) -> Analysis:
    """What phones' logs alone show."""
    from capfpcap.rules.names.logged_phones import scene_of_logs  # noqa: PLC0415 - only with logs

    scene = scene_of_logs(evidence, options.judgement([]))
    return Analysis(scene, judge(scene, options.ignore))


def _analyze(
    inputs: Sequence[CaptureInput], options: Options, progress: Progress | None
) -> Analysis:
    def look(points: list[VantagePoint]) -> tuple[Scene, frozenset[int]]:
        scene = scene_of(points, options)
        return scene, scene.configured_ports

    scene, _, notes = learning_ports(inputs, options, progress, look)
    notes += not_shown(scene.judgement.choice, scene.chosen.texts, scene.identified)
    judged = judge(scene, options.ignore)
    notes += judged.errors
    remarks = remarks_on_scene(scene, is_empty=not scene.phones)
    remarks += _remarks_on_logs(options, scene.identified)
    return Analysis(scene, judged, notes, remarks=remarks)


def _remarks_on_logs(options: Options, names: Sequence[str]) -> list[str]:
    if options.evidence is None or not options.evidence.logs:
        return []
    from capfpcap.rules.names.logged_phones import remarks_on_logs  # noqa: PLC0415 - only with logs

    return list(remarks_on_logs(options.evidence, set(names)))


class Checked(Struct, frozen=True):
    """A report, and what it was made of."""

    report: Report
    points: list[VantagePoint]
    scene: Scene | None
    """All flows and phones; None where the phones were judged in batches."""
    around: Around
    """What all phones show of the servers."""
    drafts: list[Draft]
    """What the rules find of the captures themselves."""


def check(
    inputs: Sequence[CaptureInput],
    options: Options | None = None,
    *,
    progress: Progress | None = None,
    kept_as: type[KeptFlows] | None = None,
) -> Report:
    """Read captures and report what they show, keeping no more of them than the report needs.

    The report is that of :func:`analyze`; the phones of one large capture are judged in batches,
    and the report holds their flows as ``kept_as`` does.

    Raises:
        CaptureError: none of the captures can be read.
        NotShownError: the captures show none of the phones that were asked for.
    """
    return checked(inputs, options, progress=progress, kept_as=kept_as, keep=False).report


def checked(
    inputs: Sequence[CaptureInput],
    options: Options | None = None,
    *,
    progress: Progress | None = None,
    kept_as: type[KeptFlows] | None = None,
    heard: Heard | None = None,
    keep: bool,
) -> Checked:
    """As :func:`check`; with ``keep`` the packets stay at hand.

    ``heard`` is told of phones as they are judged, where they are judged in batches.
    """
    wanted = options or Options()

    def look(points: list[VantagePoint]) -> tuple[list[Part] | Scene, frozenset[int]]:
        parts = _parts(points, wanted, kept_as, heard)
        if parts is not None:
            return parts, frozenset(port for part in parts for port in part.ports)
        scene = scene_of(points, wanted)
        return scene, scene.configured_ports

    if not inputs and wanted.evidence is not None and wanted.evidence.logs:
        alone = _of_logs(wanted, wanted.evidence)
        return Checked(alone.report, [], alone.scene, alone.scene.around, [])
    with without_garbage_collection():
        seen, points, notes = learning_ports(inputs, wanted, progress, look)
        whole = seen if isinstance(seen, Scene) else None
        if isinstance(seen, Scene):
            scene, parts = seen, run_joined(seen, wanted.ignore, wanted.workers, kept_as)
        else:
            scene, parts = notable_scene(_work(points[0], wanted), seen), seen
        found = {text for part in parts for text in part.asked}
        names = [name for part in parts for name in part.names]
        notes += not_shown(scene.judgement.choice, found, names)
        notes += dict.fromkeys(error for part in parts for error in part.errors)
        shown = {phone.name for part in parts for _, phone, _ in part.phones}
        drafts = about_shown(judge_captures(scene, wanted.ignore, notes), scene, shown)
        about = describe_captures(points, drafts, wanted.evidence)
        remarks = remarks_on_scene(scene, is_empty=not names)
        remarks += _remarks_on_logs(wanted, names)
        for point in [] if keep else points:
            point.table.let_go()
        report = join_parts(about, parts, notes, remarks, kept_as)
        around = joined(part.around for part in parts)
        return Checked(report, points, whole, around, drafts)


def _parts(
    points: list[VantagePoint],
    options: Options,
    kept_as: type[KeptFlows] | None,
    heard: Heard | None,
) -> list[Part] | None:
    """The report on one capture's phones, in parts; None where they cannot be judged apart."""
    left_out: list[str] = []
    if options.evidence is not None and any(log.phone is None for log in options.evidence.logs):
        return None
    if len(points) != 1 or not (batches := batches_of(points[0].table, left_out)):
        return None
    work = msgspec.structs.replace(_work(points[0], options, kept_as), heard=heard)
    parts = run(work, batches, options.workers)
    parts[0] = msgspec.structs.replace(parts[0], errors=parts[0].errors + left_out)
    return None if must_be_whole(parts) else parts


def _work(point: VantagePoint, options: Options, kept_as: type[KeptFlows] | None = None) -> Work:
    errors = read_icmp_errors(point.table)
    judgement = options.judgement([point])
    point.until = judgement.period.end
    return Work(point, judgement, options.ignore, errors, kept_as)
