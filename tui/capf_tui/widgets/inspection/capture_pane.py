"""A capture in full, or what one phone reaches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.content import Content

from capf_tui.clock import Clock, nanoseconds
from capf_tui.widgets.inspection.wrapping import wrapped
from capf_tui.widgets.panes.text_pane import TextPane
from capf_tui.words import REACH_MARKS, STYLES, finding_title
from capfpcap.formats.reach import way_words
from capfpcap.formats.steps import host_and_port
from capfpcap.inspection.captures import CaptureDetails
from capfpcap.report import Finding, Reach, Role
from capfpcap.report.reach import PhoneReach, ServiceReach, Way

MAX_FLAWS = 40
"""Flaws of one capture that are told one by one."""
_USUAL_WIDTH = 80
_HEADING = "bold $key"


class CapturePane(TextPane):
    """All that is said of what is under the cursor."""

    @property
    def cells(self) -> int:
        """Cells of a line."""
        return self.scrollable_content_region.width - 1 or _USUAL_WIDTH


def capture_lines(
    details: CaptureDetails, findings: Sequence[Finding], notes: Sequence[str], clock: Clock
) -> Iterator[Content]:
    """All that is said of a capture, then of all captures together."""
    capture = details.capture
    taken = f"taken at {capture.role.value}" + (
        "" if capture.role_given else ", as its packets tell"
    )
    if capture.role is Role.OTHER and not capture.role_given:
        taken = "where it was taken is not known"
    yield Content.assemble((capture.id, "bold"), (f"  {capture.path}", "$faint"))
    links = ", ".join(capture.link_types)
    yield Content(f"{taken}; {capture.format}, {links}".rstrip(", "))
    yield from _quality(details)
    if capture.first and capture.last:
        first, last = nanoseconds(capture.first), nanoseconds(capture.last)
        yield Content(f"from {clock.full(first)}")
        yield Content(f"to   {clock.full(last)}")
    yield Content(f"clock: {details.clock}")
    if findings or notes:
        yield Content("")
        yield Content.styled("All captures together", _HEADING)
    for finding in findings:
        yield finding_title(finding)
    for note in notes:
        yield Content.styled(f"! {note}", "$warn")


def _quality(details: CaptureDetails) -> Iterator[Content]:
    """How much of a capture was of use, and what is wrong with it."""
    yield Content(f"{details.capture.packets:,} packets, {details.kept:,} of them analysed")
    if not details.flaws:
        yield Content.styled("✓ nothing is wrong with the file", "$good")
    for flaw in details.flaws[:MAX_FLAWS]:
        count = f"{flaw.count:,} " if flaw.count > 1 else ""
        frame = f", the first is frame {flaw.frame}" if flaw.frame and flaw.count > 1 else ""
        yield Content.styled(f"! {count}{flaw.text}{frame}", "$warn")


_STATES = {
    Reach.PASSES: "all that it needs passes both ways",
    Reach.DROPPED: "a service that it needs is dropped",
    Reach.UNKNOWN: "the captures cannot tell all",
}
_WAY_INDENT = 4


def reach_lines(phone: PhoneReach, width: int) -> Iterator[Content]:
    """What a phone reaches, each way, on lines of so many cells."""
    addresses = ", ".join(one for one in phone.addresses if one != phone.name)
    mark, tone = REACH_MARKS[phone.state]
    yield Content.assemble((phone.name, "bold"), (f"  {addresses}", "$faint"))
    yield Content.styled(f"{mark} {_STATES[phone.state]}", STYLES[tone])
    for row in phone.services:
        if row.server is None:
            hint = row.to_server.hint or row.to_server.state.value
            yield Content.assemble((f"{row.service.upper():<5}", "bold"), (f"· {hint}", "$faint"))
            continue
        server = host_and_port(row.server.address, row.server.port)
        yield Content.assemble((f"{row.service.upper():<5}", "bold"), server)
        yield from _way("→", row, row.to_server, width)
        yield from _way("←", row, row.to_client, width)


def _way(arrow: str, row: ServiceReach, way: Way, width: int) -> Iterator[Content]:
    mark, tone = REACH_MARKS[way.state]
    first, *others = wrapped("; ".join(way_words(row, way)), max(width - _WAY_INDENT - 2, 1))
    yield Content.assemble(f"{arrow:>{_WAY_INDENT - 2}} ", (mark, STYLES[tone]), f" {first}")
    for line in others:
        yield Content(" " * (_WAY_INDENT + 1) + line)
