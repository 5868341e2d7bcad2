"""Words, marks and tones for what the report says; nothing is judged here."""

from __future__ import annotations

from textual.content import Content

from capf_tui.asking.phones import Trouble
from capf_tui.widgets.tone import Span, Tone
from capfpcap.formats.harmless import ELLIPSIS
from capfpcap.formats.steps import STEP_LABELS, State
from capfpcap.report import Certainty, Finding, Outcome, Reach, Severity

MAX_LINE = 200
"""Characters of a title, a name or a note in a pane."""
MAX_SENTENCES = 800
"""Characters of a detail or a remedy in a pane."""

SEVERITY_MARKS = {
    Severity.CRITICAL: Span("✗", Tone.BAD),
    Severity.WARNING: Span("!", Tone.WARN),
    Severity.INFO: Span("i", Tone.FAINT),
}
TROUBLE_MARKS = {
    Trouble.FAILED: Span("✗", Tone.BAD),
    Trouble.WARNED: Span("!", Tone.WARN),
    Trouble.NONE: Span("✓", Tone.GOOD),
}
STATE_MARKS = {
    State.PASSED: Span("✓", Tone.GOOD),
    State.WARNED: Span("!", Tone.WARN),
    State.FAILED: Span("✗", Tone.BAD),
    State.NOT_SEEN: Span("·", Tone.FAINT),
    State.NOT_REACHED: Span("○", Tone.FAINT),
    None: Span("-", Tone.FAINT),
}
REACH_MARKS = {
    Reach.PASSES: Span("✓", Tone.GOOD),
    Reach.DROPPED: Span("✗", Tone.BAD),
    Reach.UNKNOWN: Span("·", Tone.FAINT),
}
OUTCOME_TONES = {
    Outcome.SUCCEEDED: Tone.GOOD,
    Outcome.RECOVERED: Tone.GOOD,
    Outcome.FAILED: Tone.BAD,
    Outcome.REFUSED: Tone.BAD,
    Outcome.NOT_ATTEMPTED: Tone.FAINT,
    Outcome.IN_PROGRESS: Tone.PLAIN,
    Outcome.UNKNOWN: Tone.FAINT,
}

STYLES = {
    Tone.PLAIN: "",
    Tone.STRONG: "bold",
    Tone.FAINT: "$faint",
    Tone.GOOD: "$good",
    Tone.WARN: "$warn",
    Tone.BAD: "bold $bad",
    Tone.MARK: "reverse",
    Tone.LIKELY: "italic $likely",
}
"""Of tones in running text, as the themes define them."""


SEVERITY_TONES = {
    Severity.CRITICAL: Tone.BAD,
    Severity.WARNING: Tone.WARN,
    Severity.INFO: Tone.PLAIN,
}
CERTAINTY_MARKS = {
    Certainty.PROVEN: Span(" "),
    Certainty.LIKELY: Span("≈", Tone.LIKELY),
    Certainty.POSSIBLE: Span("?", Tone.LIKELY),
}
_HEDGES = {Certainty.PROVEN: "", Certainty.LIKELY: "Likely: ", Certainty.POSSIBLE: "Possibly: "}


def finding_title(finding: Finding) -> Content:
    """The title of a finding with its mark, and how sure it is."""
    style = STYLES[SEVERITY_TONES[finding.severity]]
    mark = SEVERITY_MARKS[finding.severity].text
    title = shortened(finding.title)
    return Content.styled(f"{mark} {_HEDGES[finding.certainty]}{title}", style)


def shortened(text: str, limit: int = MAX_LINE) -> str:
    """A text that packets may have made long, cut for a pane; copies and exports have it whole."""
    return text if len(text) <= limit else text[: limit - 1] + ELLIPSIS


LEGEND = (
    (
        "Marks of phones and findings",
        (
            (SEVERITY_MARKS[Severity.CRITICAL], "failed, critical"),
            (SEVERITY_MARKS[Severity.WARNING], "warning"),
            (SEVERITY_MARKS[Severity.INFO], "a fact, no fault"),
            (Span("≈", Tone.LIKELY), "likely, not proven"),
            (Span("?", Tone.LIKELY), "possible"),
        ),
    ),
    (
        "The chain: " + ", ".join(STEP_LABELS.values()),
        (
            (STATE_MARKS[State.PASSED], "worked"),
            (STATE_MARKS[State.WARNED], "worked, with a warning"),
            (STATE_MARKS[State.FAILED], "failed"),
            (STATE_MARKS[State.NOT_REACHED], "not reached"),
            (STATE_MARKS[State.NOT_SEEN], "not seen in the captures"),
            (STATE_MARKS[None], "took no part"),
        ),
    ),
    (
        "Arrows of the ladder",
        (
            (Span("──●──▶"), "seen, at ● also by a capture on the way"),
            (Span("──✗", Tone.WARN), "lost: it left one capture and never came to the next"),
            (Span("──?", Tone.WARN), "the next capture had ended by then, or missed it"),
            (Span("◇──▶", Tone.WARN), "injected: its supposed sender never sent it"),
            (Span("↻2"), "retransmitted, for the second time"),
            (Span("╌≈╌▶", Tone.LIKELY), "encrypted: told by the sizes of records"),
        ),
    ),
)
"""What marks mean, for the help."""


def outcome_words(outcome: Outcome) -> str:
    """The outcome as a person says it."""
    return outcome.value.replace("-", " ")
