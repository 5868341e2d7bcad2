"""The report as JSON Lines: one object a line, each with its ``type``.

The verdict comes first, for a reader who wants only that; the last line says how many came before
it, for one who must know that nothing is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

import msgspec

from capfpcap.formats.harmless_report import harmless_json
from capfpcap.formats.json_flows import JsonFlows
from capfpcap.formats.page import Page
from capfpcap.report import Report

_FLOWS_AT_ONCE = 4096

FLOWS = JsonFlows
"""How this format wants flows kept where there are many."""


def render(report: Report, page: Page) -> Iterator[bytes]:  # noqa: ARG001 - as all formats
    """``report`` as lines of JSON in UTF-8; ``page`` changes nothing."""
    rest = msgspec.structs.replace(report, flows=())
    yield harmless_json(rest, _before_flows)
    if isinstance(report.flows, JsonFlows):
        written = report.flows.objects
        for start in range(0, len(written), _FLOWS_AT_ONCE):
            yield _joined(_written("flow", written[start : start + _FLOWS_AT_ONCE]))
    else:
        yield harmless_json(report, _flows)
    yield harmless_json(rest, partial(_behind_flows, len(report.flows)))


def _before_flows(report: Report) -> bytes:
    verdict = report.verdict
    said = {
        "schema_version": report.schema_version,
        "tool": report.tool,
        "severity": verdict.severity,
        "summary": verdict.summary,
        "unjudged": verdict.unjudged,
    }
    return _joined(
        [
            _object("verdict", said),
            *_objects("capture", report.captures),
            *_objects("evidence_file", report.evidence_files),
            *_objects("phone", report.phones),
            *_objects("finding", report.findings),
        ]
    )


def _flows(report: Report) -> bytes:
    return _joined(_objects("flow", report.flows))


def _behind_flows(flows: int, report: Report) -> bytes:
    """The last lines, where so many flows stand before them."""
    others = (report.captures, report.evidence_files, report.phones, report.findings, report.notes)
    lines = 1 + flows + sum(map(len, others))
    notes = [_object("note", {"text": note}) for note in report.notes]
    return _joined([*notes, _object("end", {"lines": lines})])


def _joined(lines: Iterable[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)


def _objects(type_name: str, entries: Iterable[msgspec.Struct]) -> Iterator[bytes]:
    return _written(type_name, map(msgspec.json.Encoder().encode, entries))


def _written(type_name: str, entries: Iterable[bytes]) -> Iterator[bytes]:
    """JSON objects with their type put before their first key."""
    head = f'{{"type":"{type_name}",'.encode()
    return (head + entry[1:] for entry in entries)


def _object(type_name: str, fields: dict[str, object]) -> bytes:
    return msgspec.json.encode({"type": type_name, **fields})
