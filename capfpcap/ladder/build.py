"""The ladder of a phone or a flow, made of an analysis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import merge
from typing import TYPE_CHECKING

from msgspec.structs import replace

from capfpcap.compose.findings import describe_finding
from capfpcap.compose.flows import describe_flows
from capfpcap.compose.phones import describe_phone
from capfpcap.compose.whole import describe_captures
from capfpcap.ladder.arrows import Setting, arrows_of, evidence_of
from capfpcap.ladder.errors import errors_of
from capfpcap.ladder.gaps import gaps_of
from capfpcap.ladder.groups import grouped
from capfpcap.ladder.lanes import lay_out
from capfpcap.ladder.model import SCHEMA_VERSION, Gap, Ladder, Message, Row
from capfpcap.ladder.subject import Subject, subject_of
from capfpcap.report import Endpoint
from capfpcap.report import Flow as ReportFlow
from capfpcap.services import Service
from capfpcap.vantage.flow import Flow

if TYPE_CHECKING:
    from capfpcap.analysis import Analysis

MAX_MESSAGES = 20_000
"""Messages of one ladder: more than anybody scrolls through, in about 30 MB."""


def ladder_of(analysis: Analysis, *, phone: str | None = None, flow: str | None = None) -> Ladder:
    """What happened between a phone and its servers, or in one flow.

    Without either it is the phone that fared worst, the first of several.

    Raises:
        LookupError: no such phone or flow, or no phone at all; the message is one sentence.
    """
    subject, scene = subject_of(analysis, phone, flow), analysis.scene
    account, flows = subject.account, subject.flows
    errors = [item for one in flows for item in scene.unreachable.get(one.id, ())]
    name = account.case.phone.name if account is not None else None
    client = _clients(analysis, subject)
    lanes = lay_out(name, client, scene.points, flows, errors, scene.addresses)
    evidence = evidence_of(subject.drafts, scene.points)
    setting = Setting(scene.points, lanes, scene.addresses, evidence)
    messages, left_out = _messages(analysis, flows, setting)
    described = describe_flows(scene, flows)
    found = _with_deltas(_rows(messages, gaps_of(messages, flows)))
    rows, groups = grouped(found, _flow_texts(subject, described))
    return Ladder(
        schema_version=SCHEMA_VERSION,
        title=subject.title,
        begins=messages[0].time if messages else None,
        ends=messages[-1].time if messages else None,
        phone=None if account is None or account.case.phone.is_several else describe_phone(account),
        points=lanes.points,
        captures=describe_captures(scene.points).captures,
        lanes=lanes.lanes,
        flows=described,
        rows=tuple(rows),
        groups=tuple(groups),
        findings=tuple(map(describe_finding, subject.drafts)),
        left_out=left_out,
        flows_left_out=subject.left_out,
    )


def _clients(analysis: Analysis, subject: Subject) -> tuple[str, ...]:
    if subject.account is not None:
        return subject.account.case.phone.addresses
    codes = dict.fromkeys(
        sighting.conversation.view.client for flow in subject.flows for sighting in flow.sightings
    )
    return tuple(map(analysis.scene.addresses.text, codes))


def _messages(
    analysis: Analysis, flows: Sequence[Flow], setting: Setting
) -> tuple[list[Message], int]:
    """The messages of all flows in order of time, and how many more there are."""
    found: list[Message] = []
    left_out = 0
    for flow in flows:
        of_flow, more = arrows_of(flow, setting)
        found += of_flow
        found += errors_of(flow, analysis.scene.unreachable.get(flow.id, ()), setting)
        left_out += more
    found.sort(key=lambda message: message.time)
    left_out += max(0, len(found) - MAX_MESSAGES)
    return found[:MAX_MESSAGES], left_out


def _rows(messages: Sequence[Message], gaps: Sequence[Gap]) -> Iterator[Row]:
    """Messages and gaps in order of time; a gap stands before the message that ends it."""
    return merge(gaps, messages, key=_until)


def _until(row: Row) -> tuple[int, bool]:
    return (row.ends, False) if isinstance(row, Gap) else (row.time, True)


def _with_deltas(rows: Iterator[Row]) -> Iterator[Row]:
    before: int | None = None
    for row in rows:
        if isinstance(row, Gap):
            yield row
            continue
        yield row if before is None else replace(row, delta_ns=row.time - before)
        before = row.time


def _flow_texts(subject: Subject, described: Sequence[ReportFlow]) -> dict[str, str]:
    """What each flow is called: id, service, both ends; of CAPF which attempt it is."""
    attempts = subject.account.case.phone.attempts if subject.account is not None else []
    numbers = {flow.id: number for number, flow in enumerate(attempts, 1)}
    texts = {}
    for flow in described:
        ends = f"{_end(flow.client)} → {_end(flow.server)}"
        texts[flow.id] = f"{flow.id} {flow.service} {ends}"
        if flow.id in numbers and flow.service == Service.CAPF.value:
            texts[flow.id] += f", attempt {numbers[flow.id]} of {len(attempts)}"
    return texts


def _end(end: Endpoint) -> str:
    return f"[{end.address}]:{end.port}" if ":" in end.address else f"{end.address}:{end.port}"
