"""The report as JSON Lines: one object a line, each with its ``type``.

The verdict comes first, for a reader who wants only that; the last line says how many came before
it, for one who must know that nothing is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from capfpcap.formats.harmless_report import harmless_json
from capfpcap.formats.page import Page
from capfpcap.report import EncodedFlows, Report


def render(report: Report, page: Page) -> Iterator[bytes]:  # noqa: ARG001 - as all formats
    """``report`` as lines of JSON in UTF-8; ``page`` changes nothing."""
    yield harmless_json(report, _encode)


def _encode(report: Report) -> bytes:
    lines = list(_lines(report))
    lines.append(_object("end", {"lines": len(lines)}))
    return b"\n".join(lines) + b"\n"


def _lines(report: Report) -> Iterator[bytes]:
    verdict = report.verdict
    yield _object(
        "verdict",
        {
            "schema_version": report.schema_version,
            "tool": report.tool,
            "severity": verdict.severity,
            "summary": verdict.summary,
        },
    )
    yield from _objects("capture", report.captures)
    yield from _objects("phone", report.phones)
    yield from _objects("finding", report.findings)
    if isinstance(report.flows, EncodedFlows):
        yield from _written("flow", report.flows.encoded)
    else:
        yield from _objects("flow", report.flows)
    for note in report.notes:
        yield _object("note", {"text": note})


def _objects(type_name: str, entries: Iterable[msgspec.Struct]) -> Iterator[bytes]:
    return _written(type_name, map(msgspec.json.Encoder().encode, entries))


def _written(type_name: str, entries: Iterable[bytes]) -> Iterator[bytes]:
    """JSON objects with their type put before their first key."""
    head = f'{{"type":"{type_name}",'.encode()
    return (head + entry[1:] for entry in entries)


def _object(type_name: str, fields: dict[str, object]) -> bytes:
    return msgspec.json.encode({"type": type_name, **fields})
