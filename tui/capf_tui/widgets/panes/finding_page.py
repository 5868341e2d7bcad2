"""A finding in full, and the page that explains its code."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from capf_tui.asking.findings import FindingPageAnswer
from capf_tui.widgets.panes.text_pane import TextPane
from capf_tui.words import MAX_SENTENCES, finding_title, shortened
from capfpcap.report import Certainty, Finding


class FindingPagePane(TextPane):
    """What was found, what to do, what it means."""

    def show(self, page: FindingPageAnswer | None) -> None:
        """Show the page on a finding, or none."""
        self.tell([] if page is None else list(page_lines(page)))


def page_lines(page: FindingPageAnswer) -> Iterator[Content]:
    """All that is said of a finding."""
    finding = page.finding
    yield finding_title(finding)
    yield Content.assemble(*_standing(finding))
    for heading, text in (
        ("Do this", finding.remedy),
        ("What was seen", finding.detail),
        ("What it means", page.meaning),
        ("How it is found", page.told_by),
        ("What it is not", page.not_this),
    ):
        if text:
            yield Content("")
            yield Content.styled(heading, "bold $key")
            yield Content(shortened(text, MAX_SENTENCES))


def _standing(finding: Finding) -> list[str | tuple[str, str]]:
    words = [finding.severity.value, finding.certainty.value, finding.code]
    if finding.certainty is not Certainty.PROVEN:
        words[1] = f"{finding.certainty.value}, not proven"
    if finding.resolved:
        words.append("overcome by a later attempt")
    if finding.caused_by:
        words.append(f"follows from {finding.caused_by}")
    return [(" · ".join(words), "$faint")]
