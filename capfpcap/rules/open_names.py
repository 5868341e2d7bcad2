"""Which questions for a name were left open in the end: an earlier answer excuses nothing."""

from __future__ import annotations

from capfpcap.enrolment.phone import Resolved
from capfpcap.rules.attempt import is_overdue
from capfpcap.rules.case import Case
from capfpcap.rules.needed_names import Need, lookups_of
from capfpcap.rules.patience import NAME_ANSWER
from capfpcap.rules.progress import is_complete


def left_open(case: Case, lookups: list[Resolved]) -> list[Resolved]:
    """Of the questions for one name those behind its last good answer; all where none was good.

    Only questions of a type that had a good answer count then, as an empty AAAA beside a good A is
    normal, and only once the phone had the time to ask again. A phone that enrolled with the good
    answer has no use for the name any more.
    """
    overdue = is_overdue(case)
    good = [
        item
        for item in lookups
        if item.lookup.addresses and not (overdue and _is_outrun(item, lookups))
    ]
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


def _is_outrun(item: Resolved, lookups: list[Resolved]) -> bool:
    """Whether another server, asked meanwhile, had already said that there is no such name.

    A resolver that asks several servers at once goes by the first that is sure.
    """
    own = item.lookup
    return any(
        other.lookup.rcode == "NXDOMAIN"
        and (other.lookup.name, other.lookup.type) == (own.name, own.type)
        and other.lookup.server != own.server
        and own.asked < _answered(other) < _answered(item)
        for other in lookups
    )


def _enrolled(case: Case, since: int) -> bool:
    return any(
        flow.started >= since and is_complete(session) for flow, _, session in case.capf_sessions
    )
