"""What single starts of a phone show, where other starts of the same phone hide it.

A name that resolves at last is no name that does not exist; but if it did not exist when the phone
started before, that is why it did not enrol then. And a phone that enrolled may start again and
find no server. So a phone that is seen to start more than once is judged start by start too.
"""

from __future__ import annotations

from collections.abc import Callable

from capfpcap.enrolment.starts import Start, starts_of
from capfpcap.report import Certainty, Severity
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.draft import Draft

Judge = Callable[[Case], list[Draft]]
"""Everything that the rules find in a case."""


def with_starts(case: Case, drafts: list[Draft], judge: Judge) -> list[Draft]:
    """``drafts``, which are on the phone as a whole, and what single starts show besides.

    What an earlier start shows and the whole does not was overcome.
    """
    starts = starts_of(case.phone)
    for start in reversed(starts):
        last = start is starts[-1]
        for draft in judge(Case(start.phone, case.scene)):
            if draft.code.by_start and _counts(draft, overcome=not last):
                drafts = _added(drafts, draft, start, overcome=not last)
    return drafts


def _counts(draft: Draft, *, overcome: bool) -> bool:
    """Whether a finding is worth a word: of what is over, only what surely was a failure."""
    if not overcome:
        return draft.weight is not Severity.INFO
    return draft.weight is Severity.CRITICAL and draft.certainty is Certainty.PROVEN


def _added(drafts: list[Draft], draft: Draft, start: Start, *, overcome: bool) -> list[Draft]:
    """``drafts`` and another one, unless they say the same as gravely, or of a later start."""
    alike = [other for other in drafts if other.code is draft.code]
    if any(other.start is not None or other.weight is draft.weight for other in alike):
        return drafts
    draft.start, draft.resolved = start, overcome
    return [other for other in drafts if other not in alike] + [draft]
