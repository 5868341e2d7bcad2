"""Which questions for a name were left open in the end: an earlier answer excuses nothing."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from operator import itemgetter

from capfpcap.enrolment.phone import Resolved
from capfpcap.rules.capf.attempt import is_overdue
from capfpcap.rules.model.case import Case
from capfpcap.rules.model.progress import is_complete
from capfpcap.rules.model.timeouts import NAME_ANSWER
from capfpcap.rules.questions.needed_names import Need, lookups_of


def left_open(case: Case, lookups: list[Resolved]) -> list[Resolved]:
    """Of the questions for one name those behind its last good answer; all where none was good.

    Only questions of a type that had a good answer count then, as an empty AAAA beside a good A is
    normal, and only once the phone had the time to ask again. A phone that enrolled with the good
    answer has no use for the name any more.
    """
    denied = _denials(lookups) if is_overdue(case) else {}
    good = [item for item in lookups if item.lookup.addresses and not _is_outrun(item, denied)]
    if not good:
        return lookups
    resolved = max(_answered(item) for item in good)
    types = {item.lookup.type for item in good}
    later = [item for item in lookups if item.lookup.asked > resolved and item.lookup.type in types]
    if not later or watched_after(later[0]) < NAME_ANSWER or _enrolled(case, resolved):
        return []
    return later


def good_answers(case: Case, need: Need) -> list[Resolved]:
    """The answers with an address for a name, whatever became of it later."""
    return [item for item in lookups_of(case, need.host) if item.lookup.addresses]


def watched_after(item: Resolved) -> int:
    """Nanoseconds that the capture went on after an answer, or after the question without one."""
    return item.sighting.watched_until - _answered(item)


def _answered(item: Resolved) -> int:
    return item.lookup.answered or item.lookup.asked


_Denials = dict[tuple[str, str], list[tuple[int, int]]]
"""When and by whom it was said that there is no such name, by name and type, in order of time."""


def _denials(lookups: list[Resolved]) -> _Denials:
    denied: _Denials = {}
    for item in lookups:
        lookup = item.lookup
        if lookup.rcode == "NXDOMAIN":
            denied.setdefault((lookup.name, lookup.type), []).append(
                (_answered(item), lookup.server)
            )
    for answers in denied.values():
        answers.sort()
    return denied


def _is_outrun(item: Resolved, denied: _Denials) -> bool:
    """Whether another server, asked meanwhile, had already said that there is no such name.

    A resolver that asks several servers at once goes by the first that is sure.
    """
    own = item.lookup
    answers = denied.get((own.name, own.type), [])
    first = bisect_right(answers, own.asked, key=itemgetter(0))
    last = bisect_left(answers, _answered(item), key=itemgetter(0))
    return any(server != own.server for _, server in answers[first:last])


def _enrolled(case: Case, since: int) -> bool:
    return any(
        flow.started >= since and is_complete(session) for flow, _, session in case.capf_sessions
    )
