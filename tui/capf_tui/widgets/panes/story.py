"""The story of one phone: how it ended, why, what to do, and how far it came."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from capf_tui.asking.phones import PhoneStoryAnswer
from capf_tui.widgets.panes.text_pane import TextPane
from capf_tui.words import (
    MAX_SENTENCES,
    OUTCOME_TONES,
    STATE_MARKS,
    STYLES,
    finding_title,
    outcome_words,
    shortened,
)
from capfpcap.formats.steps import STEP_LABELS
from capfpcap.report import Operation, Phone

_STEP_WIDTH = max(map(len, STEP_LABELS.values())) + 2


class Story(TextPane):
    """What the report says of one phone."""

    def show(self, story: PhoneStoryAnswer | None) -> None:
        """Tell of a phone, or of none."""
        self.tell([] if story is None else [Content("\n\n").join(_parts(story))])


def _parts(story: PhoneStoryAnswer) -> list[Content]:
    """Cause and remedy, the steps, and what was seen in full."""
    parts = [list(tell(story)) for tell in (_cause, _steps, _seen)]
    return [Content("\n").join(lines) for lines in parts if lines]


def _cause(story: PhoneStoryAnswer) -> Iterator[Content]:
    yield _summary(story.phone)
    if story.cause is None:
        style = STYLES[OUTCOME_TONES[story.phone.outcome]]
        yield Content.styled("No fault was found.", style)
        return
    yield finding_title(story.cause)
    yield Content.assemble(("Do this: ", "bold"), shortened(story.cause.remedy, MAX_SENTENCES))


def _seen(story: PhoneStoryAnswer) -> Iterator[Content]:
    cause = story.cause
    if cause is not None:
        overcome = " A later attempt overcame it." if cause.resolved else ""
        yield Content.assemble(
            ("What was seen: ", "bold"),
            f"{shortened(cause.detail, MAX_SENTENCES)}{overcome} ",
            (f"[{cause.code}]", "$faint"),
        )
    others = [finding for finding in story.findings if finding != cause]
    if others:
        yield Content.styled("Also found" if cause else "Found", "bold")
    yield from map(finding_title, others)


def _summary(phone: Phone) -> Content:
    words = [
        *([phone.operation_words] if phone.operation is not Operation.UNKNOWN else []),
        ", ".join(phone.addresses[:2]),
        *([f"{phone.attempts} attempts"] if phone.attempts > 1 else []),
        *([f"its screen likely says “{phone.status_message}”"] if phone.status_message else []),
    ]
    outcome = STYLES[OUTCOME_TONES[phone.outcome]]
    return Content.assemble(
        (shortened(phone.name), "bold"),
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


def plain_story(story: PhoneStoryAnswer) -> str:
    """The story as text."""
    return "\n\n".join(part.plain for part in _parts(story)) + "\n"
