"""The flows: a row for each, and all that is said of one."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from capf_tui.clock import nanoseconds
from capf_tui.engine.question import Question
from capfpcap.formats.steps import host_and_port
from capfpcap.report import Endpoint, Finding, Flow, Reach, Severity
from capfpcap.study import Study

ROWS_AT_ONCE = 2000


class FlowRow(msgspec.Struct, frozen=True, gc=False):
    """A flow in the list."""

    id: str
    service: str
    phone: str
    """Empty where it is no phone's."""
    client: str
    server: str
    began: int
    """Nanoseconds since 1970 UTC."""
    lasted: int
    """Nanoseconds."""
    packets_to_server: int
    """As the capture next to the client counts."""
    packets_to_client: int
    bytes_to_server: int
    bytes_to_client: int
    to_server: Reach
    to_client: Reach
    tls: str
    worst: Severity | None
    """Of the findings about it that nothing overcame."""


class FlowRowsAnswer(msgspec.Struct, frozen=True):
    """Some rows, in the report's order."""

    rows: list[FlowRow]


class FlowRows(Question[FlowRowsAnswer], frozen=True):
    """Asked for all flows, so many at once."""

    start: int
    replies: ClassVar[type[msgspec.Struct]] = FlowRowsAnswer

    def answer(self, study: Study) -> FlowRowsAnswer:
        """From the report."""
        flows = study.report.flows[self.start : self.start + ROWS_AT_ONCE]
        return FlowRowsAnswer([_row(study, flow) for flow in flows])


class FlowStoryAnswer(msgspec.Struct, frozen=True):
    """All that is said of one flow."""

    flow: Flow
    findings: list[Finding]


class FlowStory(Question[FlowStoryAnswer], frozen=True):
    """Asked for the flow under the cursor."""

    id: str
    replies: ClassVar[type[msgspec.Struct]] = FlowStoryAnswer

    def answer(self, study: Study) -> FlowStoryAnswer:
        """From the report."""
        flow = study.flow(self.id)
        return FlowStoryAnswer(flow, _findings(study, flow))


def _findings(study: Study, flow: Flow) -> list[Finding]:
    return [finding for finding in study.findings_of(flow.phone) if finding.flow == flow.id]


_WORST_FIRST = tuple(Severity)


def _row(study: Study, flow: Flow) -> FlowRow:
    seen = next(iter(flow.seen_at.values()))
    began, ended = nanoseconds(flow.start) or 0, nanoseconds(flow.end) or 0
    standing = [one.severity for one in _findings(study, flow) if not one.resolved]
    return FlowRow(
        id=flow.id,
        service=flow.service,
        phone=flow.phone or "",
        client=_end(flow.client),
        server=_end(flow.server),
        began=began,
        lasted=ended - began,
        packets_to_server=seen.packets_to_server,
        packets_to_client=seen.packets_to_client,
        bytes_to_server=seen.bytes_to_server,
        bytes_to_client=seen.bytes_to_client,
        to_server=flow.reachability.to_server,
        to_client=flow.reachability.to_client,
        tls=(flow.tls.version if flow.tls else None) or "",
        worst=min(standing, key=_WORST_FIRST.index, default=None),
    )


def _end(endpoint: Endpoint) -> str:
    return host_and_port(endpoint.address, endpoint.port)
