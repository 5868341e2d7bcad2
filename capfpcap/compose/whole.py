"""The whole report, composed of its parts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING

import msgspec

from capfpcap import __version__, report
from capfpcap.compose.basics import timestamp
from capfpcap.compose.decryption import (
    DecryptionTally,
    decryption_of,
    has_keys,
    remarks_on_decryption,
)
from capfpcap.compose.findings import describe_finding
from capfpcap.compose.flows import describe_flows
from capfpcap.compose.kept_flows import KeptFlows
from capfpcap.compose.phones import describe_phone
from capfpcap.compose.remarks import remark_on_address, remarks_on, remarks_on_roles
from capfpcap.compose.verdict import verdict_on
from capfpcap.report import Outcome, Severity
from capfpcap.rules.engine import Account, Judged
from capfpcap.rules.model.case import Scene
from capfpcap.rules.model.cluster_facts import Around
from capfpcap.rules.model.draft import Draft
from capfpcap.rules.trust.lists_differ import lists_served
from capfpcap.trust.certificate import NANOSECONDS
from capfpcap.vantage.flow import Flow, VantagePoint

if TYPE_CHECKING:
    from capfpcap.evidence import Evidence

_FIRST = itemgetter(0)
"""The number by which parts of a report are put in order."""


class Shared(msgspec.Struct, frozen=True):
    """Connections of one address of which nobody knows which phone made each."""

    address: str
    phones: tuple[str, ...]
    """Names of the phones behind it."""
    findings: list[report.Finding]


class Part(msgspec.Struct, frozen=True):
    """What there is to say of some of the phones."""

    phones: list[tuple[int, report.Phone, list[report.Finding]]]
    """Each phone with the number of its first flow and with its findings."""
    shared: list[tuple[int, Shared]]
    """Addresses that several phones share, each with the number of the first flow."""
    flows: list[tuple[int, report.Flow | bytes]]
    """Each flow with its number; bytes are one that :class:`KeptFlows` reads."""
    notable: list[tuple[int, str | None]]
    """The numbers of flows that the rules on captures look at, each with its phone's name."""
    errors: list[str]
    ports: list[int]
    """The CAPF ports that the phones' configurations name."""
    lists: list[tuple[str, int, int]]
    """Of each trust list served: file name, server's address code, a hash of its CAPF keys."""
    blind: bool
    """Whether nothing of any of these phones can be judged."""
    names: list[str]
    """Of all phones, those too that were not asked for."""
    asked: list[str]
    """What was asked for and names one of them."""
    around: Around = Around()
    """What these phones show of the servers, where they are not all."""
    looked_around: bool = False
    """Whether that mattered to any of them."""
    decryption: DecryptionTally = DecryptionTally()


class AboutCaptures(msgspec.Struct, frozen=True):
    """What there is to say of the captures themselves, and of what was given beside them."""

    captures: tuple[report.Capture, ...]
    findings: list[report.Finding]
    remarks: tuple[str, ...] = ()
    evidence_files: tuple[report.EvidenceFile, ...] = ()


FLOWS_AT_ONCE = 1000
"""Flows that are described before they are written, which takes half of the memory."""


def describe_part(
    scene: Scene,
    judged: Judged,
    flows: Sequence[Flow] | None = None,
    kept_as: type[KeptFlows] | None = None,
) -> Part:
    """Describe the phones that were judged, and all flows to be shown or some.

    ``kept_as`` says how flows are kept where there are many; without it they stay as they are.
    """
    shown = scene.shown_flows if flows is None else flows
    return Part(
        phones=[
            (
                _number_of(account),
                describe_phone(account),
                [describe_finding(draft) for draft in account.drafts],
            )
            for account in judged.accounts
            if not account.case.phone.is_several
        ],
        shared=[
            (_number_of(account), _describe_shared(account))
            for account in judged.accounts
            if account.case.phone.is_several
        ],
        flows=list(zip(map(_number, shown), _described(scene, shown, kept_as), strict=True)),
        notable=[],
        errors=judged.errors,
        ports=sorted(scene.configured_ports),
        lists=lists_served(scene),
        blind=all(account.case.blind for account in judged.accounts),
        names=scene.identified,
        asked=sorted(scene.chosen.texts),
        decryption=decryption_of(shown) if has_keys(scene.points) else DecryptionTally(),
    )


def _number_of(account: Account) -> int:
    """The number of the phone's first flow; one of which there is a log alone has none."""
    flows = account.case.phone.flows
    return _number(flows[0]) if flows else 0


def _describe_shared(account: Account) -> Shared:
    phone = account.case.phone
    findings = [describe_finding(draft) for draft in account.drafts]
    return Shared(phone.addresses[0], phone.stands_for, findings)


def _described(
    scene: Scene, flows: Sequence[Flow], kept_as: type[KeptFlows] | None
) -> Sequence[report.Flow | bytes]:
    if kept_as is None:
        return describe_flows(scene, flows)
    portions = range(0, len(flows), FLOWS_AT_ONCE)
    return [
        kept
        for at in portions
        for kept in kept_as.keep(describe_flows(scene, flows[at : at + FLOWS_AT_ONCE]))
    ]


def _number(flow: Flow) -> int:
    return int(flow.id[1:])


def build_report(
    scene: Scene, judged: Judged, notes: list[str], remarks: Sequence[str] = ()
) -> report.Report:
    """Compose the report of one analysis."""
    shown = {account.case.phone.name for account in judged.accounts}
    drafts = about_shown(judged.scene_drafts, scene, shown)
    about = describe_captures(scene.points, drafts, scene.judgement.evidence)
    return join_parts(about, [describe_part(scene, judged)], notes, remarks)


def about_shown(drafts: Iterable[Draft], scene: Scene, phones: Collection[str]) -> list[Draft]:
    """What was found of the captures, but for what is about flows that are not shown."""
    chosen = bool(scene.judgement.choice)
    return [
        draft
        for draft in drafts
        if not (chosen and draft.flow is not None and draft.flow.phone not in phones)
    ]


def join_parts(
    about: AboutCaptures,
    parts: list[Part],
    notes: list[str],
    remarks: Sequence[str] = (),
    kept_as: type[KeptFlows] | None = None,
) -> report.Report:
    """One report of what was said of some phones each; no capture is asked any more.

    ``notes`` say why part of the captures could not be judged; ``remarks`` change no verdict.
    ``kept_as`` is how the flows of ``parts`` are kept.
    """
    phones = sorted((item for part in parts for item in part.phones), key=_FIRST)
    shared = [
        one for _, one in sorted((item for part in parts for item in part.shared), key=_FIRST)
    ]
    findings = [finding for _, _, of_phone in phones for finding in of_phone]
    findings += [finding for one in shared for finding in one.findings]
    findings += _not_told_yet(about.findings, findings)
    described = tuple(phone for _, phone, _ in phones)
    blind = all(part.blind for part in parts)
    packets = sum({capture.path: capture.packets for capture in about.captures}.values())
    return report.Report(
        schema_version=report.SCHEMA_VERSION,
        tool=report.Tool(name="capfpcap", version=__version__),
        verdict=verdict_on(
            described,
            findings,
            packets=packets,
            undecided=bool(notes) or blind,
            is_shared=bool(shared),
            files=None if about.captures else len(about.evidence_files),
        ),
        captures=about.captures,
        evidence_files=about.evidence_files,
        phones=described,
        flows=_joined_flows(parts, kept_as),
        findings=tuple(findings),
        notes=(
            *notes,
            *remarks,
            *about.remarks,
            *remarks_on_decryption(part.decryption for part in parts),
            *remarks_on(described),
            *_remarks_on_shared(shared, described),
        ),
    )


def _not_told_yet(
    findings: Iterable[report.Finding], told: Sequence[report.Finding]
) -> Iterator[report.Finding]:
    """What files alone say, unless a phone was found to suffer from it; the rest as it is."""
    codes = {finding.code for finding in told}
    for finding in findings:
        from_files = bool(finding.evidence) and all(each.file for each in finding.evidence)
        if not (from_files and finding.code in codes):
            yield finding


def _remarks_on_shared(shared: Iterable[Shared], phones: Iterable[report.Phone]) -> Iterator[str]:
    """What is left open by connections of nobody knows whom, where no finding says it."""
    left_open = {phone.name for phone in phones if phone.outcome is Outcome.UNKNOWN}
    for one in shared:
        faults = [each for each in one.findings if each.severity is not Severity.INFO]
        if not faults and left_open.intersection(one.phones):
            yield remark_on_address(one.address, one.phones)


def _joined_flows(parts: list[Part], kept_as: type[KeptFlows] | None) -> Sequence[report.Flow]:
    """The flows of all parts in the order of their numbers."""
    numbered = sorted((item for part in parts for item in part.flows), key=_FIRST)
    if kept_as is not None:
        return kept_as([flow for _, flow in numbered])
    return tuple(flow for _, flow in numbered if isinstance(flow, report.Flow))


def _seconds(nanoseconds: int | None) -> float | None:
    return None if nanoseconds is None else nanoseconds / NANOSECONDS


def describe_captures(
    points: list[VantagePoint], drafts: Sequence[Draft] = (), evidence: Evidence | None = None
) -> AboutCaptures:
    """Describe the files of all vantage points, what was found of them, and what was beside."""
    first = min(points, key=lambda point: point.number, default=None)
    captures = tuple(
        capture
        for point in points
        for capture in _captures(point, None if first is None else first.group)
    )
    findings = [describe_finding(draft) for draft in drafts]
    remarks = list(remarks_on_roles(points))
    if evidence is None:
        return AboutCaptures(captures, findings, tuple(remarks))
    return AboutCaptures(captures, findings, (*remarks, *evidence.remarks), evidence.files)


def _captures(point: VantagePoint, group: int | None) -> list[report.Capture]:
    """The files of one vantage point; ``group`` is that in which clocks are the first one's."""
    clock = point.clock if point.group == group else None
    return [
        report.Capture(
            id=identity,
            path=file.path,
            role=point.role,
            role_given=point.role_given,
            format=file.format,
            link_types=file.link_types,
            packets=file.packets,
            relevant_packets=file.relevant_packets,
            first=None if file.first is None else timestamp(file.first),
            last=None if file.last is None else timestamp(file.last),
            clock_offset_s=_seconds(clock.ahead if clock else None),
            clock_offset_error_s=_seconds(clock.error if clock else None),
        )
        for identity, file in zip(point.ids, point.table.capture.files, strict=True)
    ]
