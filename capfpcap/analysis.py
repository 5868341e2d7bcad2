"""The whole way from captures to a report, on one page."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property

from capfpcap.capture.columns import AddressTable, Capture, CaptureError, ProblemKind
from capfpcap.capture.names import group_ring_files
from capfpcap.capture.ports import PortSelection
from capfpcap.capture.reader import read_capture
from capfpcap.compose import build_report
from capfpcap.enrolment.identify import identify_phones
from capfpcap.flows.icmp import read_icmp_errors
from capfpcap.flows.table import build_flows
from capfpcap.report import Flow, Report
from capfpcap.rules.case import Judgement, Scene, Unreachable
from capfpcap.rules.engine import Judged, judge
from capfpcap.vantage.events import TimelineEvent, flow_events
from capfpcap.vantage.flow import VantagePoint
from capfpcap.vantage.infer import infer_role
from capfpcap.vantage.match import match_flows, tie_errors
from capfpcap.vantage.role import Role

Progress = Callable[[int, int | None], None]
"""Told how many octets were read, and how many there are where that is known."""


@dataclass(frozen=True, slots=True)
class CaptureInput:
    """What one vantage point recorded: a file, or the files of one ring buffer."""

    paths: tuple[str, ...]
    role: Role | None = None
    """None: to be told from the packets."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked for."""

    expiry_days: int = 30
    capf_ports: frozenset[int] = frozenset()
    """Read besides 3804 and those that configurations name."""
    ignore: frozenset[str] = frozenset()
    """Codes that are not reported."""


@dataclass(frozen=True, slots=True)
class FlowTimeline:
    """A flow and its events in order of time."""

    flow: Flow
    events: tuple[TimelineEvent, ...]


@dataclass(eq=False)
class Analysis:
    """Captures, analysed."""

    scene: Scene
    judged: Judged
    notes: list[str] = field(default_factory=list)

    @cached_property
    def report(self) -> Report:
        """Everything there is to say."""
        return build_report(self.scene, self.judged, self.notes)

    def timeline(
        self, *, phone: str | None = None, flow: str | None = None
    ) -> Iterator[FlowTimeline]:
        """The events of flows, in order of their first packets.

        Raises:
            LookupError: no such phone or flow; the message is one sentence.
        """
        chosen = [
            (described, found)
            for described, found in zip(self.report.flows, self.scene.flows, strict=True)
            if phone in (None, described.phone) and flow in (None, described.id)
        ]
        if not chosen and (phone or flow):
            wanted = " ".join(filter(None, (phone and f"phone {phone}", flow and f"flow {flow}")))
            raise LookupError(f"the captures show no {wanted}")
        for described, found in chosen:
            yield FlowTimeline(described, tuple(flow_events(found)))


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
    """
    with _without_garbage_collection():
        return _analyze(inputs, options or Options(), progress)


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
    ports = PortSelection().with_capf(options.capf_ports)
    notes: list[str] = []
    groups = _grouped(inputs)
    scene = _scene(groups, ports, options, progress, notes)
    learned = ports.with_capf(_configured_ports(scene))
    if learned != ports:
        notes.clear()
        scene = _scene(groups, learned, options, progress, notes)
    judged = judge(scene, options.ignore)
    return Analysis(scene, judged, notes + judged.errors)


def _grouped(inputs: Sequence[CaptureInput]) -> list[CaptureInput]:
    """The inputs, with ring buffer files that were named one by one put together."""
    single = [item.paths[0] for item in inputs if item.role is None and len(item.paths) == 1]
    groups = [CaptureInput(group) for group in group_ring_files(single)]
    return [item for item in inputs if item.role is not None or len(item.paths) > 1] + groups


def _scene(
    groups: Sequence[CaptureInput],
    ports: PortSelection,
    options: Options,
    progress: Progress | None,
    notes: list[str],
) -> Scene:
    """Read all captures and put their flows and phones together."""
    addresses = AddressTable()
    points = _vantage_points(groups, ports, addresses, progress, notes)
    flows = match_flows(points)
    scene = Scene(
        points, flows, identify_phones(flows, addresses), addresses, Judgement(options.expiry_days)
    )
    for point in points:
        for flow, error in tie_errors(flows, point, read_icmp_errors(point.table)):
            scene.unreachable.setdefault(flow.id, []).append(Unreachable(point, error))
    return scene


def _vantage_points(
    groups: Sequence[CaptureInput],
    ports: PortSelection,
    addresses: AddressTable,
    progress: Progress | None,
    notes: list[str],
) -> list[VantagePoint]:
    """The captures that can be read, each with its role and the names of its files.

    Raises:
        CaptureError: there is none.
    """
    points: list[VantagePoint] = []
    failures: list[CaptureError] = []
    taken: set[str] = set()
    for group in groups:
        try:
            capture = read_capture(group.paths, ports, addresses, progress=progress)
        except CaptureError as error:
            failures.append(error)
            notes.append(str(error))
            continue
        notes.extend(_unread(capture))
        table = build_flows(capture, ports)
        role = group.role or infer_role(table)
        points.append(
            VantagePoint(_names(capture, role, taken), table, role, group.role is not None)
        )
    if failures and not points:
        raise failures[0]
    return points


def _unread(capture: Capture) -> Iterator[str]:
    """Why files of which nothing could be used could not be read."""
    for file in capture.files:
        for problem in file.problems:
            if problem.kind is ProblemKind.UNSUPPORTED and not file.relevant_packets:
                named = problem.text.startswith(file.path)
                yield problem.text if named else f"{file.path}: {problem.text}"


def _names(capture: Capture, role: Role, taken: set[str]) -> tuple[str, ...]:
    """A name for each file of a capture: its role, numbered where that is taken."""
    names = []
    for _ in capture.files:
        stem = role.value if role is not Role.OTHER else "capture"
        name, number = stem, 1
        while name in taken:
            number += 1
            name = f"{stem}-{number}"
        taken.add(name)
        names.append(name)
    return tuple(names)


def _configured_ports(scene: Scene) -> frozenset[int]:
    """The CAPF ports that the phones' configurations name."""
    return frozenset(
        server.port
        for phone in scene.phones
        for loaded in phone.configurations
        if loaded.configuration is not None
        for server in loaded.configuration.capf_servers
        if server.port
    )
