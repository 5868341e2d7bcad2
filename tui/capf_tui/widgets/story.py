"""The story of one phone: how it ended, why, what to do, and how far it came."""

from __future__ import annotations

from collections.abc import Iterator

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from capf_tui.asking.phones import PhoneStoryAnswer
from capf_tui.words import OUTCOME_TONES, SEVERITY_MARKS, STATE_MARKS, STYLES, outcome_words
from capfpcap.formats.steps import STEP_LABELS
from capfpcap.report import Certainty, Finding, Operation, Phone

_HEDGES = {Certainty.PROVEN: "", Certainty.LIKELY: "Likely: ", Certainty.POSSIBLE: "Possibly: "}
_STEP_WIDTH = max(map(len, STEP_LABELS.values())) + 2


class Story(VerticalScroll, can_focus=True):
    """What the report says of one phone."""

    def compose(self) -> ComposeResult:
        """Cause and remedy; beside or below them the steps."""
        yield Static("", id="cause", markup=False)
        yield Static("", id="steps", markup=False)

    def show(self, story: PhoneStoryAnswer | None) -> None:
        """Tell of a phone, or of none."""
        cause, steps = ([], []) if story is None else (_cause(story), _steps(story))
        self.query_one("#cause", Static).update(Content("\n").join(cause))
        self.query_one("#steps", Static).update(Content("\n").join(steps))
        self.scroll_home(animate=False)


def _cause(story: PhoneStoryAnswer) -> Iterator[Content]:
    yield _summary(story.phone)
    if story.cause is None:
        yield Content.styled("No fault was found.", STYLES[OUTCOME_TONES[story.phone.outcome]])
        return
    yield from finding_lines(story.cause)
    others = [finding for finding in story.findings if finding != story.cause]
    if others:
        yield Content("")
        yield Content.styled("Also found", "bold")
    for finding in others:
        mark, tone = SEVERITY_MARKS[finding.severity]
        yield Content.assemble((f"{mark} ", STYLES[tone]), finding.title)


def _summary(phone: Phone) -> Content:
    words = [
        *([phone.operation.value] if phone.operation is not Operation.UNKNOWN else []),
        ", ".join(phone.addresses[:2]),
        *([f"{phone.attempts} attempts"] if phone.attempts > 1 else []),
        *([f"screen likely: “{phone.status_message}”"] if phone.status_message else []),
    ]
    outcome = STYLES[OUTCOME_TONES[phone.outcome]]
    return Content.assemble(
        (phone.name, "bold"),
        "  ",
        (outcome_words(phone.outcome), outcome),
        " · ".join(["", *words]),
    )


def finding_lines(finding: Finding) -> Iterator[Content]:
    """What happened, by what code it goes, and what to do."""
    mark, tone = SEVERITY_MARKS[finding.severity]
    yield Content.assemble((f"{mark} {_HEDGES[finding.certainty]}{finding.title}", STYLES[tone]))
    overcome = " A later attempt overcame it." if finding.resolved else ""
    yield Content.assemble(f"{finding.detail}{overcome} ", (f"[{finding.code}]", "$faint"))
    yield Content.assemble(("Do this: ", "bold"), finding.remedy)


def _steps(story: PhoneStoryAnswer) -> Iterator[Content]:
    for result in story.steps:
        mark, tone = STATE_MARKS[result.state]
        yield Content.assemble(
            (f"{mark} ", STYLES[tone]), f"{STEP_LABELS[result.stage]:<{_STEP_WIDTH}}", result.text
        )
