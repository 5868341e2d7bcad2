"""Which of the given logs are a phone's, on the clock of the captures."""

from __future__ import annotations

from collections.abc import Sequence

from capfpcap.evidence.logs import PhoneLog, Placed, place
from capfpcap.rules.model.case import Case
from capfpcap.vantage.flow import VantagePoint


def logs_of(case: Case) -> Sequence[Placed]:
    """The logs that name the phone; one that names none is the only phone's."""
    evidence = case.judgement.evidence
    if evidence is None or case.phone.is_several:
        return ()
    return [_placed(log, case) for log in evidence.logs if _is_of(log, case)]


def _is_of(log: PhoneLog, case: Case) -> bool:
    if log.phone is not None:
        return log.phone.casefold() in (
            case.phone.name.casefold(),
            *(address.casefold() for address in case.phone.addresses),
        )
    return sum(not phone.is_several for phone in case.scene.phones) == 1


def _placed(log: PhoneLog, case: Case) -> Placed:
    seen = [(item.lookup.name, item.lookup.asked) for item in case.phone.lookups]
    return place(log, seen, _taken(case.scene.points))


def _taken(points: Sequence[VantagePoint]) -> int | None:
    firsts = [point.watched_from for point in points if point.watched_from is not None]
    return min(firsts, default=None)
