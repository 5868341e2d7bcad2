"""The matrix of ``capfpcap reach`` as text or JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from capfpcap.formats.harmless import harmless
from capfpcap.formats.harmless_report import cleaned
from capfpcap.formats.layout import Style, Writer, cells, clip
from capfpcap.formats.page import Page
from capfpcap.formats.path_segments import path_segment_words
from capfpcap.formats.steps import host_and_port
from capfpcap.report import Reach, VerdictSeverity
from capfpcap.report.reach import PhoneReach, ReachReport, ServiceReach, Way

MAX_PHONES = 40
"""Phones that are shown; of more, those to which all passes are only counted."""

_NAME_WIDTH = 32
_SERVER_WIDTH = 47
_LINE = 200

_STYLES = {Reach.PASSES: Style.GOOD, Reach.DROPPED: Style.BAD, Reach.UNKNOWN: Style.WARN}
_MARKS = {Reach.PASSES: "✓ ", Reach.DROPPED: "✗ ", Reach.UNKNOWN: "· "}
_VERDICTS = {
    VerdictSeverity.OK: Style.GOOD,
    VerdictSeverity.WARNING: Style.WARN,
    VerdictSeverity.CRITICAL: Style.BAD,
    VerdictSeverity.UNKNOWN: Style.WARN,
}


def render_json(report: ReachReport) -> bytes:
    """One document; keys are always present."""
    return msgspec.json.format(msgspec.json.encode(cleaned(report)), indent=2) + b"\n"


def render_text(report: ReachReport, page: Page) -> bytes:
    """The verdict, then each phone with a few lines for each service."""
    writer = Writer(page)
    verdict = report.verdict
    writer.marked(
        f"{verdict.severity.value.upper()}  ",
        _VERDICTS[verdict.severity],
        harmless(verdict.summary),
    )
    shown = _shown(report.phones)
    for phone in shown:
        _write_phone(writer, phone)
    hidden = len(report.phones) - len(shown)
    if hidden:
        writer.gap()
        writer.line(f"and {hidden:,} more phones")
    for note in report.notes:
        writer.gap()
        writer.marked("• ", Style.PLAIN, harmless(note, _LINE))
    return writer.encoded()


def _shown(phones: Sequence[PhoneReach]) -> Sequence[PhoneReach]:
    if len(phones) <= MAX_PHONES:
        return phones
    return [phone for phone in phones if phone.state is not Reach.PASSES][:MAX_PHONES]


def _write_phone(writer: Writer, phone: PhoneReach) -> None:
    writer.gap()
    addresses = ", ".join(address for address in phone.addresses[:2] if address != phone.name)
    words = f"{addresses}: {phone.state.value}" if addresses else phone.state.value
    writer.marked(f"{clip(phone.name, _NAME_WIDTH)}  ", Style.STRONG, words)
    width = max((cells(_label(row)) for row in phone.services), default=0) + 2
    for row in phone.services:
        label = _label(row)
        margin = " " * (width - cells(label))
        if row.server is None:
            words = row.to_server.hint or row.to_server.state.value
            writer.marked("· ", Style.FAINT, words, indent="  ", label=label + margin)
            continue
        _write_way(writer, row, row.to_server, f"{label}{margin}→ ")
        _write_way(writer, row, row.to_client, f"{' ' * width}← ")


def _write_way(writer: Writer, row: ServiceReach, way: Way, label: str) -> None:
    words = "; ".join(way_words(row, way))
    writer.marked(_MARKS[way.state], _STYLES[way.state], words, indent="  ", label=label)


def _label(row: ServiceReach) -> str:
    if row.server is None:
        return row.service
    return (
        f"{row.service} {clip(host_and_port(row.server.address, row.server.port), _SERVER_WIDTH)}"
    )


def way_words(row: ServiceReach, way: Way) -> Iterator[str]:
    """What there is to say of one direction."""
    state = way.state.value
    if way.dropped_between is not None:
        between = way.dropped_between
        state += f" between {harmless(between.origin)} and {harmless(between.goal)}"
    yield state
    if way.sent:
        lost = way.lost or 0
        yield f"{lost} of {way.sent} lost" if lost else f"{way.sent} packets, none lost"
    if way.largest_payload:
        yield f"largest payload {way.largest_payload}"
    if way is row.to_server and row.round_trip_s is not None:
        yield f"round trip {row.round_trip_s * 1000:.1f} ms"
    yield from path_segment_words(row.path_segments, to_server=way is row.to_server)
    if way.hint:
        yield way.hint
