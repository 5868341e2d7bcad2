"""The flows of a report: a line for each flow and capture, or JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import msgspec

from capfpcap.formats.harmless_report import harmless_json
from capfpcap.formats.layout import Style, Writer, cells, clip, plain_ascii
from capfpcap.formats.page import Page
from capfpcap.formats.path_segments import Changed, change_at
from capfpcap.formats.steps import host_and_port
from capfpcap.report import Endpoint, Flow, Report, SeenAt

COLUMNS = (
    "id",
    "service",
    "client",
    "server",
    "start",
    "duration",
    "TLS",
    "reaches server/client",
    "seen at",
    "packets →/←",
    "bytes →/←",
    "history",
)
COLUMNS_OF_SEVERAL = (*COLUMNS[:-1], "TTL →/←", "MSS →/←", COLUMNS[-1])
"""With what packets may not keep on the way from one capture to the next."""
_OF_FLOW = 8
"""How many of the columns speak of the flow; the others, of what one capture shows of it."""

_INDENT = "  "
GAP = "  "
"""Between two columns."""

_NONE = "-"
"""In a cell of which there is nothing to say."""

MAX_CELL = 47
"""Characters of a cell: an IPv6 address in brackets with its port."""


def render_json(report: Report) -> bytes:
    """The flows and the captures that show them, as the report has them."""
    return harmless_json(report, _encode) + b"\n"


def _encode(report: Report) -> bytes:
    return msgspec.json.encode(
        {
            "schema_version": report.schema_version,
            "captures": report.captures,
            "flows": report.flows,
        }
    )


def render_table(report: Report, page: Page) -> bytes:
    """One line for each flow and capture, as wide as its widest cells need.

    A client or server that has another address or port at a capture stands there once more. On a
    terminal too narrow for that, each flow takes several lines.
    """
    several = any(flow.path_segments for flow in report.flows)
    rows = [tuple(_cell(text, page) for text in row) for row in _rows(report.flows, page, several)]
    header = tuple(_cell(text, page) for text in (COLUMNS_OF_SEVERAL if several else COLUMNS))
    widths = [max(map(cells, column)) for column in zip(header, *rows, strict=True)]
    if page.terminal is not None and sum(widths) + len(GAP) * len(widths) > page.terminal:
        return _stacked(header, rows, page)
    lines = (_line(row, widths) for row in (header, *rows))
    encoding = "utf-8" if page.unicode else "ascii"
    return "".join(lines).encode(encoding, "backslashreplace")


def _stacked(header: Sequence[str], rows: Iterable[Sequence[str]], page: Page) -> bytes:
    """Of each flow a line of its ends and one of its times, then one for each capture."""
    writer = Writer(page)
    for row in rows:
        identity, service, client, server, start, duration, tls, reaches = row[:_OF_FLOW]
        capture, *seen = row[_OF_FLOW:]
        if identity:
            writer.gap()
            ends = f"{client} → {server}"
            writer.marked(identity, Style.STRONG, ends, label=f" {service} ")
            secured = "" if tls == _NONE else f", {tls}"
            facts = f"{start}, {duration}{secured}, {header[_OF_FLOW - 1]} {reaches}"
            writer.paragraph(facts, indent=_INDENT)
        elif client or server:
            translated = " → ".join(filter(None, (client, server)))
            writer.paragraph(f"translated: {translated}", indent=_INDENT)
        named = zip(header[_OF_FLOW + 1 :], seen, strict=True)
        told = ", ".join(f"{name} {value}" for name, value in named)
        writer.marked(capture, Style.PLAIN, told, indent=_INDENT, label=": ")
    return writer.encoded()


def _cell(text: str, page: Page) -> str:
    shown = clip(text, MAX_CELL)
    return shown if page.unicode else plain_ascii(shown)


def _line(row: Sequence[str], widths: Iterable[int]) -> str:
    padded = (text + " " * (width - cells(text)) for text, width in zip(row, widths, strict=True))
    return GAP.join(padded).rstrip() + "\n"


def _rows(flows: Iterable[Flow], page: Page, several: bool) -> Iterator[tuple[str, ...]]:
    for flow in flows:
        first = about = _about(flow, page)
        for capture, seen in flow.seen_at.items():
            change = change_at(flow, capture) if several else None
            if change is not None and about != first:
                ends = (_translated(change.client), _translated(change.server))
                about = ("", "", *ends, *about[4:])
            yield about + _as_seen(capture, seen, change)
            about = ("",) * _OF_FLOW


def _about(flow: Flow, page: Page) -> tuple[str, ...]:
    reach = flow.reachability
    return (
        flow.id,
        flow.service,
        _endpoint(flow.client),
        _endpoint(flow.server),
        f"{page.date(flow.start)} {page.clock(flow.start)}",
        _duration(flow.start, flow.end),
        (flow.tls.version if flow.tls else None) or _NONE,
        f"{reach.to_server.value}/{reach.to_client.value}",
    )


def _as_seen(capture: str, seen: SeenAt, change: Changed | None) -> tuple[str, ...]:
    return (
        capture,
        f"{seen.packets_to_server}/{seen.packets_to_client}",
        f"{seen.bytes_to_server}/{seen.bytes_to_client}",
        *(() if change is None else (_each_way(change.ttl), _each_way(change.mss))),
        seen.history,
    )


def _each_way(numbers: tuple[int | None, int | None]) -> str:
    return "/".join(_NONE if number is None else str(number) for number in numbers)


def _translated(endpoint: Endpoint | None) -> str:
    return "" if endpoint is None else _endpoint(endpoint)


def _endpoint(endpoint: Endpoint) -> str:
    return host_and_port(endpoint.address, endpoint.port)


def _duration(start: str, end: str) -> str:
    """Seconds between two times of a report, to the millisecond."""
    passed = datetime.fromisoformat(end) - datetime.fromisoformat(start)
    return f"{passed.total_seconds():.3f} s"
