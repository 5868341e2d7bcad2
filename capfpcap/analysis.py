"""The whole way from captures to a report, on one page."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec import Struct, field

from capfpcap.batches import Heard, Work, batches_of, must_be_whole, notable_scene, run, run_joined
from capfpcap.capture.columns import AddressTable
from capfpcap.capture.ports import PortSelection
from capfpcap.capture.reader import can_be_read_again
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
from capfpcap.enrolment.choice import PhoneChoice, not_shown
from capfpcap.enrolment.identify import identify_phones
from capfpcap.enrolment.period import Span
from capfpcap.flows.icmp import read_icmp_errors
from capfpcap.inputs import CaptureInput, grouped, take_keys, vantage_points
from capfpcap.report import Report
from capfpcap.rules.around import Around, joined
from capfpcap.rules.case import Judgement, Scene, unreachable_in
from capfpcap.rules.draft import Draft
from capfpcap.rules.engine import Judged, judge, judge_captures
from capfpcap.vantage.flow import VantagePoint
from capfpcap.vantage.match import match_flows

if TYPE_CHECKING:
    from capfpcap.evidence import Evidence
    from capfpcap.flows.keys import Keys

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

_Seen = TypeVar("_Seen")


class Options(Struct, frozen=True):
    """What the user asked for."""

    expiry_days: int = 30
    capf_ports: frozenset[int] = frozenset()
    """Read besides 3804 and those that configurations name."""
    ignore: frozenset[str] = frozenset()
    """Codes that are not reported."""
    other_ports: frozenset[int] = frozenset()
    """TCP ports of further protocols, which dissectors of other distributions read."""
    workers: int = 1
    """Processes that judge the phones of one large capture, this one included."""
    only: tuple[str, ...] = ()
    """Phones to judge, by name, MAC address or address; none: all."""
    span: Span = Span()
    """The time that counts: what phones did before and behind it is not judged."""
    secrets: Keys | None = None
    """What decrypts TLS sessions, besides the secrets that captures hold."""
    show_secrets: bool = False
    """Whether passwords in decrypted messages are shown."""
    evidence: Evidence | None = None
    """What is known from elsewhere than the captures: trust lists at hand, logs of phones."""

    def judgement(self, points: Sequence[VantagePoint]) -> Judgement:
        """What the rules are to consider in these captures."""
        firsts = [point.watched_from for point in points if point.watched_from is not None]
        lasts = [point.watched_until for point in points if point.watched_until is not None]
        period = self.span.of(min(firsts, default=0), max(lasts, default=0))
        return Judgement(self.expiry_days, PhoneChoice(self.only), period, self.evidence)


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
    with _without_garbage_collection():
        if not inputs and options and options.evidence and options.evidence.logs:
            return _of_logs(options, options.evidence)
        return _analyze(inputs, options or Options(), progress)


def _of_logs(options: Options, evidence: Evidence) -> Analysis:
    """What phones' logs alone show."""
    from capfpcap.rules.logged_phones import scene_of_logs  # noqa: PLC0415 - only with logs

    scene = scene_of_logs(evidence, options.judgement([]))
    return Analysis(scene, judge(scene, options.ignore))


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Nothing made on the way is garbage; looking for some again and again costs a third."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _analyze(
    inputs: Sequence[CaptureInput], options: Options, progress: Progress | None
) -> Analysis:
    def look(points: list[VantagePoint]) -> tuple[Scene, frozenset[int]]:
        scene = _scene(points, options)
        return scene, scene.configured_ports

    scene, _, notes = _learning_ports(inputs, options, progress, look)
    notes += not_shown(scene.judgement.choice, scene.chosen.texts, scene.identified)
    judged = judge(scene, options.ignore)
    notes += judged.errors
    remarks = remarks_on_scene(scene, is_empty=not scene.phones)
    remarks += _remarks_on_logs(options, scene.identified)
    return Analysis(scene, judged, notes, remarks=remarks)


def _remarks_on_logs(options: Options, names: Sequence[str]) -> list[str]:
    if options.evidence is None or not options.evidence.logs:
        return []
    from capfpcap.rules.logged_phones import remarks_on_logs  # noqa: PLC0415 - only with logs

    return list(remarks_on_logs(options.evidence, set(names)))


def read_only(inputs: Sequence[CaptureInput], options: Options) -> list[VantagePoint]:
    """The captures as :func:`analyze` reads them, of which nothing is judged.

    Raises:
        CaptureError: none of the captures can be read.
    """

    def look(points: list[VantagePoint]) -> tuple[None, frozenset[int]]:
        return None, _scene(points, options).configured_ports

    with _without_garbage_collection():
        return _learning_ports(inputs, options, None, look)[1]


def _learning_ports(
    inputs: Sequence[CaptureInput],
    options: Options,
    progress: Progress | None,
    look: Callable[[list[VantagePoint]], tuple[_Seen, frozenset[int]]],
) -> tuple[_Seen, list[VantagePoint], list[str]]:
    """Read, look, and read again if what was seen names CAPF ports that were not read.

    Returns what ``look`` saw, the captures, and the remarks on reading them.
    """
    groups = grouped(inputs)
    ports = PortSelection(other=options.other_ports).with_capf(options.capf_ports)
    points, notes = vantage_points(groups, ports, progress, options.workers)
    take_keys(points, options.secrets, show_secrets=options.show_secrets)
    seen, configured = look(points)
    learned = ports.with_capf(configured)
    if learned == ports:
        return seen, points, notes
    if not all(can_be_read_again(group.paths) for group in groups):
        missed = ", ".join(str(port) for port in sorted(learned.capf - ports.capf))
        remark = f"a configuration names CAPF port {missed}, and a pipe cannot be read again: "
        return seen, points, [*notes, f"{remark}give --capf-port {missed}"]
    points, notes = vantage_points(groups, learned, progress, options.workers)
    take_keys(points, options.secrets, show_secrets=options.show_secrets)
    return look(points)[0], points, notes


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
        scene = _scene(points, wanted)
        return scene, scene.configured_ports

    if not inputs and wanted.evidence is not None and wanted.evidence.logs:
        alone = _of_logs(wanted, wanted.evidence)
        return Checked(alone.report, [], alone.scene, alone.scene.around, [])
    with _without_garbage_collection():
        seen, points, notes = _learning_ports(inputs, wanted, progress, look)
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


def _scene(points: list[VantagePoint], options: Options) -> Scene:
    """Put the flows and phones of all captures together."""
    addresses = points[0].table.capture.addresses if points else AddressTable()
    flows = match_flows(points)
    judgement = options.judgement(points)
    unreachable = unreachable_in(flows, [(at, read_icmp_errors(at.table)) for at in points])
    left_out: list[str] = []
    phones, period = identify_phones(flows, addresses, unreachable, left_out), judgement.period
    scene = Scene(
        points,
        period.flows(flows),
        period.phones(phones),
        addresses,
        judgement,
        unreachable,
        identified=[phone.name for phone in phones if not phone.is_several],
        left_out=left_out,
    )
    for point in points:
        point.until = period.end
    return scene
