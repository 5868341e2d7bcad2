"""Captures that were judged, with the way back to the packets of any one phone or flow.

A report of very many phones holds no packets, and their scene would be large. A study keeps the
report and the tables; what is asked of one phone is read again for that one, within milliseconds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache

import msgspec

from capfpcap.analysis import Analysis, CaptureInput, Checked, Options, checked
from capfpcap.batches import Heard, Work, scene_of
from capfpcap.capture.reading import Progress
from capfpcap.compose.kept_flows import KeptFlows
from capfpcap.flows.icmp import read_icmp_errors
from capfpcap.report import Finding, Flow, Phone, Report
from capfpcap.rules.engine import judge_phones
from capfpcap.rules.model.case import Scene
from capfpcap.vantage.flow import VantagePoint

_REMEMBERED = 64
"""Phones and flows whose packets were read last and stay at hand."""


class Study:
    """One report, and analyses of its parts."""

    def __init__(self, made: Checked, options: Options) -> None:
        self.report: Report = made.report
        self._made = made
        self._options = options
        self._remembered = lru_cache(_REMEMBERED)(self._analysis)

    @property
    def points(self) -> Sequence[VantagePoint]:
        """Where the captures were taken, with all that they hold."""
        return self._made.points

    def phone(self, name: str) -> Phone:
        """The phone of that name.

        Raises:
            LookupError: there is none; the message is one sentence.
        """
        if name not in self._phones:
            raise LookupError(f"the captures show no phone {name}")
        return self._phones[name]

    def flow(self, identity: str) -> Flow:
        """The flow of that id.

        Raises:
            LookupError: there is none; the message is one sentence.
        """
        if identity not in self._places:
            raise LookupError(f"the captures show no flow {identity}")
        return self.report.flows[self._places[identity]]

    def flows_of(self, phone: str) -> list[Flow]:
        """The flows of a phone in order."""
        return [self.report.flows[place] for place in self._places_of.get(phone, ())]

    def began(self, phone: str) -> str:
        """The time of a phone's first packet, as the report has it; empty where it has none."""
        places = self._places_of.get(phone, ())
        return min((self._owners[place].start for place in places), default="")

    def findings_of(self, phone: str | None) -> Sequence[Finding]:
        """The findings of a phone, or those of none."""
        return self._findings.get(phone, ())

    def where_is(self, capture: str, frame: int) -> Flow:
        """The flow that a frame is part of.

        Raises:
            LookupError: it is part of none; the message is one sentence.
        """
        number, row, among_others = self.spot(capture, frame)
        if among_others:
            raise LookupError(f"frame {frame} of {capture} is part of no flow")
        return self._at(self._made.points[number], row)

    def spot(self, capture: str, frame: int) -> tuple[int, int, bool]:
        """Which vantage point and which of its rows a frame is, and whether it is of no flow.

        Raises:
            LookupError: it is not kept; the message is one sentence.
        """
        for number, point in enumerate(self._made.points):
            found = point.spot(capture, frame)
            if found is not None:
                return number, *found
            if capture in point.ids:
                raise LookupError(f"frame {frame} of {capture} is part of no flow")
        raise LookupError(f"there is no capture {capture}")

    def _at(self, point: VantagePoint, row: int) -> Flow:
        """The flow that a row of a capture's table is part of."""
        views = point.table.views
        if self._made.scene is None:
            number = next(n for n, view in enumerate(views, 1) if view.start <= row < view.stop)
            return self.report.flows[number - 1]
        for flow in self._made.scene.flows:
            seen = flow.seen_at(point)
            view = seen.conversation.view if seen else None
            if view is not None and view.start <= row < view.stop:
                return self.flow(flow.id)
        raise LookupError("the frame is part of no flow")

    def analysis_of(self, *, phone: str | None = None, flow: str | None = None) -> Analysis:
        """The analysis of a phone, or of one flow, alone: its scene holds no other flows.

        Its report says of them what the report on everything says.

        Raises:
            LookupError: there is no such phone or flow; the message is one sentence.
        """
        return self._remembered(phone, flow)

    def _analysis(self, phone: str | None, flow: str | None) -> Analysis:
        if flow is not None:
            described = self.flow(flow)
            wanted = {int(described.id[1:])}
            phone = described.phone
        elif phone is not None:
            self.phone(phone)
            places = self._places_of.get(phone, ())
            wanted = {int(self._owners[place].id[1:]) for place in places}
        else:
            raise LookupError("neither a phone nor a flow is named")
        whole = self._made.scene or self._scene_of_clients(wanted)
        scene = _part(whole, wanted, phone)
        report = msgspec.structs.replace(
            self.report,
            phones=(self._phones[phone],) if phone in self._phones else (),
            flows=tuple(self.flow(found.id) for found in scene.flows),
            findings=tuple(
                finding
                for finding in self.findings_of(phone)
                if flow is None or finding.flow in (None, flow)
            ),
        )
        judged = judge_phones(whole, self._options.ignore, scene.phones)
        judged.scene_drafts = self._made.drafts
        return Analysis(scene, judged, list(report.notes), report)

    def _scene_of_clients(self, wanted: Iterable[int]) -> Scene:
        """The scene of all flows of the hosts whose flows these are.

        Several phones may share an address: which flow is whose shows in all of them together.
        """
        views = self._made.points[0].table.views
        clients = {views[number - 1].client for number in wanted}
        numbers = sorted(number for client in clients for number in self._by_client[client])
        return scene_of(self._work, [(number, views[number - 1]) for number in numbers])

    @cached_property
    def _work(self) -> Work:
        point = self._made.points[0]
        return Work(
            point,
            self._options.judgement([point]),
            self._options.ignore,
            read_icmp_errors(point.table),
            around=self._made.around,
        )

    @cached_property
    def _by_client(self) -> dict[int, list[int]]:
        numbers: dict[int, list[int]] = defaultdict(list)
        for number, view in enumerate(self._made.points[0].table.views, 1):
            numbers[view.client].append(number)
        return numbers

    @cached_property
    def _phones(self) -> dict[str | None, Phone]:
        return {phone.name: phone for phone in self.report.phones}

    @cached_property
    def _places_of(self) -> dict[str | None, list[int]]:
        """The places of each phone's flows among those of the report."""
        places: dict[str | None, list[int]] = defaultdict(list)
        for place, owner in enumerate(self._owners):
            places[owner.phone].append(place)
        return places

    @cached_property
    def _places(self) -> dict[str, int]:
        """The place of each flow by its id."""
        return {owner.id: place for place, owner in enumerate(self._owners)}

    @cached_property
    def _owners(self) -> Sequence[_Owner | Flow]:
        """Of each flow at least whose it is."""
        flows = self.report.flows
        return list(flows.each(_Owner)) if isinstance(flows, KeptFlows) else flows

    @cached_property
    def _findings(self) -> dict[str | None, list[Finding]]:
        findings: dict[str | None, list[Finding]] = defaultdict(list)
        for finding in self.report.findings:
            findings[finding.phone].append(finding)
        return findings


def _part(whole: Scene, wanted: set[int], phone: str | None) -> Scene:
    """The scene of some flows, all of one phone or client, in the order of their numbers."""
    numbered = ((int(flow.id[1:]), flow) for flow in whole.flows)
    flows = [flow for number, flow in sorted(numbered) if number in wanted]
    return Scene(
        points=whole.points,
        flows=flows,
        phones=[known for known in whole.phones if known.name == phone],
        addresses=whole.addresses,
        judgement=whole.judgement,
        unreachable={flow.id: whole.unreachable.get(flow.id, []) for flow in flows},
        known_around=whole.around,
    )


class _Owner(msgspec.Struct, frozen=True, gc=False):
    """What is read of a kept flow to tell whose it is, and since when there is one."""

    id: str
    phone: str | None
    start: str


def study(
    inputs: Sequence[CaptureInput],
    options: Options | None = None,
    *,
    progress: Progress | None = None,
    kept_as: type[KeptFlows] | None = None,
    heard: Heard | None = None,
) -> Study:
    """Judge captures as :func:`capfpcap.analysis.check` does, and keep what they hold.

    ``heard`` is told of phones as they are judged, where they are judged in batches.

    Raises:
        CaptureError: none of the captures can be read.
    """
    wanted = options or Options()
    made = checked(inputs, wanted, progress=progress, kept_as=kept_as, heard=heard, keep=True)
    return Study(made, wanted)
