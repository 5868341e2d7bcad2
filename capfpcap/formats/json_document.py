"""The report as one JSON document: the contract that other programs rely on."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from capfpcap.formats.harmless_report import harmless_json
from capfpcap.formats.json_flows import JsonFlows
from capfpcap.formats.page import Page
from capfpcap.report import Report

_NO_FLOWS = b'"flows":[]'
"""Stands in a document where the flows belong, and in no string: there quotes are escaped."""
_FLOWS_AT_ONCE = 4096

FLOWS = JsonFlows
"""How this format wants flows kept where there are many."""


def render(report: Report, page: Page) -> Iterator[bytes]:  # noqa: ARG001 - as all formats
    """``report`` as compact JSON in UTF-8 and a newline; ``page`` changes nothing."""
    if not isinstance(report.flows, JsonFlows):
        all_read = msgspec.structs.replace(report, flows=tuple(report.flows))
        yield harmless_json(all_read, msgspec.json.encode) + b"\n"
        return
    flows = report.flows.objects
    document = harmless_json(msgspec.structs.replace(report, flows=()), msgspec.json.encode)
    before, _, behind = document.partition(_NO_FLOWS)
    yield before + _NO_FLOWS[:-1]
    for start in range(0, len(flows), _FLOWS_AT_ONCE):
        yield b"," * (start > 0) + b",".join(flows[start : start + _FLOWS_AT_ONCE])
    yield b"]" + behind + b"\n"
