"""The message under the cursor of a ladder: its ends, its frames, what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.content import Content

from capf_tui.clock import Clock, short_duration
from capf_tui.widgets.panes.text_pane import TextPane
from capf_tui.widgets.tone import Tone
from capf_tui.words import SEVERITY_MARKS, STYLES, shortened
from capfpcap.formats.steps import host_and_port
from capfpcap.ladder.model import Delivery, Gap, Message
from capfpcap.report import Certainty, Finding

_PLAIN = frozenset({Delivery.SEEN, Delivery.ARRIVED})


class MessagePane(TextPane):
    """All that the ladder holds on one line of it."""

    @property
    def least_height(self) -> int:
        """One: the pane is as high as its text."""
        return 1


def message_lines(
    message: Message, chosen: int, findings: Sequence[Finding], clock: Clock
) -> Iterator[Content]:
    """Of a message; ``chosen`` is the vantage point whose packet is looked at."""
    source = host_and_port(message.source.address, message.source.port)
    target = host_and_port(message.destination.address, message.destination.port)
    size = f", {message.size:,} bytes" if message.size is not None else ""
    yield Content.assemble((shortened(message.text), "bold"))
    yield Content.assemble((f"{message.flow} ", "$faint"), f"{source} → {target}{size}")
    for number, seen in enumerate(message.seen):
        mark = "▸ " if number == chosen and len(message.seen) > 1 else "  "
        delay = f"  {short_duration(seen.delay_ns)} later" if number else ""
        yield Content.assemble(
            (mark, "$key"),
            (f"{seen.capture}:{seen.frame}", "bold"),
            f"  {clock.full(seen.time)}{delay}",
        )
    if message.certainty not in {None, Certainty.PROVEN}:
        said = "Encrypted: told by the sizes and directions of records alone"
        yield Content.styled(said, STYLES[Tone.LIKELY])
    if message.delivery not in _PLAIN or message.repetition:
        again = f"retransmission {message.repetition}" if message.repetition else ""
        words = "; ".join(filter(None, (again, message.delivery_text)))
        yield Content.styled(words, STYLES[Tone.WARN])
    for finding in findings:
        mark, tone = SEVERITY_MARKS[finding.severity]
        yield Content.assemble(
            (f"{mark} {shortened(finding.title)}", STYLES[tone]), (f" [{finding.code}]", "$faint")
        )


def gap_lines(gap: Gap, clock: Clock) -> Iterator[Content]:
    """Of a time in which nothing happens."""
    yield Content.assemble((gap.text, "bold"))
    yield Content(f"  {clock.full(gap.begins)}")
    yield Content(f"  {clock.full(gap.ends)}")
