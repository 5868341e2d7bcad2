"""What stands above and below a drawn ladder: whom it is about, who is who, what was found."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo
from enum import Enum

from capfpcap.formats.harmless import harmless
from capfpcap.formats.layout import Style
from capfpcap.formats.page import Page, moment
from capfpcap.ladder.model import Delivery, Ladder, Lane, LaneKind, Message
from capfpcap.report import Certainty, Finding, Outcome, Severity


class Times(Enum):
    """Which time stands before an arrow; the one since the message before stands there too."""

    CLOCK = "clock"
    """The time of day."""
    RELATIVE = "relative"
    """Seconds since the first message."""


MAX_WORDS = 300
"""Characters of a finding's title in a drawing."""
MAX_FINDINGS = 12
"""Findings below a drawing; the report has them all."""

_STYLES = {
    Severity.CRITICAL: Style.BAD,
    Severity.WARNING: Style.WARN,
    Severity.INFO: Style.PLAIN,
}
_OUTCOMES = {
    Outcome.SUCCEEDED: Style.GOOD,
    Outcome.RECOVERED: Style.GOOD,
    Outcome.FAILED: Style.BAD,
    Outcome.REFUSED: Style.BAD,
}
_MARKS = {
    Delivery.LOST: "✗ lost on the way",
    Delivery.UNWATCHED: "? not seen at the next capture, which may have ended",
    Delivery.INJECTED: "! never sent by whom it seems to be from",
    Delivery.MISSED: "○ missed by that capture, not lost",
    Delivery.UNSEEN: "○ missed by that capture, not lost",
}


def headline(ladder: Ladder, page: Page) -> Iterator[tuple[str, Style]]:
    """Whom it is about and how that went; the root cause."""
    day = ""
    if ladder.begins is not None:
        day = f", {moment(ladder.begins, page.zone):%Y-%m-%d %Z}"
    phone = ladder.phone
    if phone is None:
        yield f"{harmless(ladder.title, MAX_WORDS)}{day}", Style.STRONG
        return
    outcome = phone.outcome.value.replace("-", " ")
    style = _OUTCOMES.get(phone.outcome, Style.STRONG)
    yield f"{harmless(ladder.title, MAX_WORDS)}: {outcome}{day}", style
    root = next((one for one in ladder.findings if one.code == phone.root_cause), None)
    if root is not None:
        yield finding_words(root), _STYLES[root.severity]


def time_words(time: int, ladder: Ladder, zone: tzinfo, times: Times) -> str:
    """When a message was sent."""
    if times is Times.RELATIVE:
        return _seconds(time - (ladder.begins or 0))
    return f"{moment(time, zone):%H:%M:%S.%f}"


def delta_words(message: Message) -> str:
    """How long after the message before; nothing for the first one."""
    return "" if message.delta_ns is None else _seconds(message.delta_ns)


def _seconds(nanoseconds: int) -> str:
    """Seconds with a sign, to the microsecond."""
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    return f"+{seconds}.{rest // 1000:06d}"


def finding_words(finding: Finding) -> str:
    """A finding in a sentence, with how sure it is."""
    hedge = "" if finding.certainty is Certainty.PROVEN else f"{finding.certainty.value}: "
    return f"{finding.code}: {hedge}{harmless(finding.title, MAX_WORDS)}"


def lane_words(ladder: Ladder) -> Iterator[str]:
    """Who the lanes are, by their addresses."""
    hosts: dict[str, list[str]] = {}
    for lane in ladder.lanes:
        if lane.kind is not LaneKind.POINT and lane.addresses:
            hosts.setdefault(addresses_of(lane), []).append(lane_title(ladder, lane))
    if hosts:
        yield "; ".join(f"{', '.join(names)} {address}" for address, names in hosts.items())


def lane_title(ladder: Ladder, lane: Lane) -> str:
    """What a lane is called among others; the phone's name is in the heading."""
    if lane.kind is LaneKind.POINT:
        return f"[{lane.title}]"
    return "phone" if lane.kind is LaneKind.PHONE and ladder.phone is not None else lane.title


def addresses_of(lane: Lane, most: int = 2) -> str:
    """The addresses of a lane, the first ones of many."""
    shown = ", ".join(lane.addresses[:most])
    more = len(lane.addresses) - most
    return f"{shown} and {more} more" if more > 0 else shown


def capture_words(ladder: Ladder) -> Iterator[str]:
    """Which capture is which, and how well their clocks compare."""
    several = len(ladder.points) > 1
    yield "; ".join(
        f"{f'[{one.id}]' if several else 'capture'} {harmless(one.path)}" for one in ladder.captures
    )
    if any(point.lane is not None for point in ladder.points):
        yield _clock_words(ladder)


def _clock_words(ladder: Ladder) -> str:
    """How well times of several captures compare."""
    if any(one.clock_offset_s is None for one in ladder.captures):
        return "the clocks of the captures cannot be compared"
    errors = [one.clock_error_ns for one in ladder.points]
    if None in errors:
        return (
            "packets of one direction only compare the clocks: "
            "a delay is the time beyond that of the fastest packet"
        )
    worst = max(filter(None, errors), default=0)
    return f"times of all captures by one clock, to ±{worst / 1e6:.3f} ms"


def footer(ladder: Ladder) -> Iterator[tuple[str, Style]]:
    """What the marks mean, what was found, what is left out."""
    met = {row.delivery for row in ladder.rows if isinstance(row, Message)}
    marks = dict.fromkeys(words for delivery, words in _MARKS.items() if delivery in met)
    if marks:
        yield "; ".join(marks), Style.FAINT
    for number, finding in enumerate(ladder.findings[:MAX_FINDINGS], 1):
        words = f"[{number}] {finding.severity.value} {finding_words(finding)}"
        yield words, _STYLES[finding.severity]
    if len(ladder.findings) > MAX_FINDINGS:
        yield f"and {len(ladder.findings) - MAX_FINDINGS} findings more", Style.FAINT
    yield from ((words, Style.FAINT) for words in left_out(ladder))


def left_out(ladder: Ladder) -> Iterator[str]:
    """What is not shown, where anything is not."""
    if ladder.left_out:
        yield f"{ladder.left_out:,} messages are left out"
    if ladder.flows_left_out:
        yield f"{ladder.flows_left_out:,} flows of this phone are left out"
