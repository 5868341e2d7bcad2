"""The starts of a phone: what it did from one loading of its files to the next.

A phone that does not get on starts again, by itself or by somebody's hand, and one that enrolled
may be started again and fail. What one start shows is no answer to what another one failed at.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, pairwise
from typing import NamedTuple

from capfpcap.enrolment.phone import Phone
from capfpcap.services import Service

PAUSE = 20_000_000_000
"""Nanoseconds after which a phone that asks one server for the same file once more starts again;
until then it repeats itself, as when a request was lost."""
BEFORE_FILES = 10_000_000_000
"""Nanoseconds before its files in which a phone that starts resolves the name of their server."""
MOST = 64
"""Starts of one phone that are told apart; all behind them are one with the last."""

_FAR = 1 << 63


class Start(NamedTuple):
    """A stretch of time and the phone as it was in it."""

    begins: int
    """Nanoseconds since 1970 UTC."""
    ends: int
    """When the next one begins."""
    phone: Phone
    """What it did in that time, and the lists and configurations that it knew by its end."""

    def holds(self, moment: int) -> bool:
        """Whether a moment lies in that time."""
        return self.begins <= moment < self.ends


def starts_of(phone: Phone) -> list[Start]:
    """The starts of a phone in their order; none where it is seen to start once at the most."""
    if len({item.transfer.name for item in phone.files}) == len(phone.files):
        return []
    beginnings = [_with_lookups(phone, first) for first in islice(_beginnings(phone), MOST - 1)]
    if not beginnings:
        return []
    return [
        Start(begins, ends, _between(phone, begins, ends))
        for begins, ends in pairwise([-_FAR, *beginnings, _FAR])
    ]


def _beginnings(phone: Phone) -> Iterator[int]:
    """When the phone began anew to ask for its files."""
    asked: dict[tuple[str, int, Service], int] = {}
    for item in phone.files:
        transfer = item.transfer
        request = transfer.name, transfer.server, transfer.via
        before = asked.get(request)
        if before is not None and transfer.started - before >= PAUSE:
            asked.clear()
            yield item.flow.started if item.flow.started > before else transfer.started
        asked[request] = transfer.ended


def _with_lookups(phone: Phone, first: int) -> int:
    """When a start began of which the ``first`` file is known: names are resolved before it."""
    for item in reversed(phone.lookups):
        asked = item.lookup.asked
        if asked < first and (not item.lookup.addresses or first - asked > BEFORE_FILES):
            break
        first = min(first, asked)
    return first


def _between(phone: Phone, begins: int, ends: int) -> Phone:
    return Phone(
        phone.name,
        phone.mac,
        phone.addresses,
        flows=[flow for flow in phone.flows if begins <= flow.started < ends],
        files=[item for item in phone.files if begins <= item.transfer.started < ends],
        lookups=[item for item in phone.lookups if begins <= item.lookup.asked < ends],
        attempts=[flow for flow in phone.attempts if begins <= flow.started < ends],
        trust_lists=[item for item in phone.trust_lists if item.time < ends],
        unread=[item for item in phone.unread if item.transfer.ended < ends],
        configurations=[item for item in phone.configurations if item.time < ends],
    )
