"""The story of one phone: how it ended, why, what to do, and how far it came."""

from __future__ import annotations

from collections.abc import Iterator

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from capf_tui.asking.phones import PhoneStoryAnswer
from capf_tui.words import OUTCOME_TONES, STATE_MARKS, STYLES, finding_title, outcome_words
from capfpcap.formats.steps import STEP_LABELS
from capfpcap.report import Operation, Phone

_STEP_WIDTH = max(map(len, STEP_LABELS.values())) + 2


class Story(VerticalScroll, can_focus=True):
    """What the report says of one phone."""

    def compose(self) -> ComposeResult:
        """Cause and remedy, the steps, and what was seen in full."""
        yield Static("", id="cause", markup=False)
        yield Static("", id="steps", markup=False)
        yield Static("", id="seen", markup=False)

    def show(self, story: PhoneStoryAnswer | None) -> None:
        """Tell of a phone, or of none."""
        for name, tell in _PARTS.items():
            lines = [] if story is None else list(tell(story))
            part = self.query_one(f"#{name}", Static)
            part.update(Content("\n").join(lines))
            part.display = bool(lines)
        self.scroll_home(animate=False)


def _cause(story: PhoneStoryAnswer) -> Iterator[Content]:
    yield _summary(story.phone)
    if story.cause is None:
        style = STYLES[OUTCOME_TONES[story.phone.outcome]]
        yield Content.styled("No fault was found.", style)
        return
    yield finding_title(story.cause)
    yield Content.assemble(("Do this: ", "bold"), story.cause.remedy)


def _seen(story: PhoneStoryAnswer) -> Iterator[Content]:
    cause = story.cause
    if cause is not None:
        overcome = " A later attempt overcame it." if cause.resolved else ""
        yield Content.assemble(
            ("What was seen: ", "bold"), f"{cause.detail}{overcome} ", (f"[{cause.code}]", "$faint")
        )
    others = [finding for finding in story.findings if finding != cause]
    if others:
        yield Content.styled("Also found" if cause else "Found", "bold")
    yield from map(finding_title, others)


def _summary(phone: Phone) -> Content:
    words = [
        *([phone.operation.value] if phone.operation is not Operation.UNKNOWN else []),
        ", ".join(phone.addresses[:2]),
        *([f"{phone.attempts} attempts"] if phone.attempts > 1 else []),
        *([f"its screen likely says “{phone.status_message}”"] if phone.status_message else []),
    ]
    outcome = STYLES[OUTCOME_TONES[phone.outcome]]
    return Content.assemble(
        (phone.name, "bold"),
        "  ",
        (outcome_words(phone.outcome), outcome),
        " · ".join(["", *words]),
    )


def _steps(story: PhoneStoryAnswer) -> Iterator[Content]:
    for result in story.steps:
        mark, tone = STATE_MARKS[result.state]
        yield Content.assemble(
            (f"{mark} ", STYLES[tone]), f"{STEP_LABELS[result.stage]:<{_STEP_WIDTH}}", result.text
        )


_PARTS = {"cause": _cause, "steps": _steps, "seen": _seen}


def plain_story(story: PhoneStoryAnswer) -> str:
    """The story as text."""
    return "\n".join(line.plain for tell in _PARTS.values() for line in tell(story)) + "\n"
