"""ICMP errors about a flow as lines of its timeline, each once however many captures hold it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from capfpcap.flows.icmp import IcmpError
from capfpcap.vantage.flow import Flow, VantagePoint
from capfpcap.vantage.timeline_event import Arrival, TimelineEvent

KIND = "icmp"

SAME_ERROR_WITHIN = 500_000_000
"""Nanoseconds within which one error comes from one capture to the next; a host that retries, and
is answered by another error, waits a second."""


class SeenError(Protocol):
    """An ICMP error as one vantage point recorded it."""

    @property
    def at(self) -> VantagePoint:
        """Where it was recorded."""
        ...

    @property
    def error(self) -> IcmpError:
        """What it says."""
        ...


_Seen = TypeVar("_Seen", bound=SeenError)


def icmp_events(flow: Flow, errors: Iterable[SeenError]) -> list[TimelineEvent]:
    """A line for each error that quotes a packet of ``flow``, in order of time."""
    return [_event(flow, copies) for copies in each_once(errors)]


def each_once(errors: Iterable[_Seen]) -> list[list[_Seen]]:
    """The errors in order of time, those together that several captures recorded of one.

    The work is linear in their number.
    """
    found: list[list[_Seen]] = []
    alike: defaultdict[tuple[int, ...], list[list[_Seen]]] = defaultdict(list)
    following: defaultdict[tuple[str, tuple[int, ...]], int] = defaultdict(int)
    for seen in sorted(errors, key=lambda seen: seen.error.time):
        what = _what(seen.error)
        known, place = alike[what], (seen.at.name, what)
        since = seen.error.time - SAME_ERROR_WITHIN
        while following[place] < len(known) and known[following[place]][0].error.time < since:
            following[place] += 1
        if following[place] == len(known):
            known.append([])
            found.append(known[-1])
        known[following[place]].append(seen)
        following[place] += 1
    return found


def _what(error: IcmpError) -> tuple[int, ...]:
    return error.router, error.type, error.code, error.source, error.source_port


def _event(flow: Flow, copies: Sequence[SeenError]) -> TimelineEvent:
    at, error = copies[0].at, copies[0].error
    views = [sighting.conversation.view for sighting in flow.sightings]
    clients = {view.client for view in views}
    ends = {
        **{view.server or view.asked: "server" for view in views},
        **dict.fromkeys(clients, "client"),
    }
    about = "" if error.source in clients else ", about a packet of the server"
    mtu = f", next MTU {error.next_mtu}" if error.next_mtu else ""
    address = at.table.capture.addresses.text(error.router)
    capture, frame = _frame(at, error)
    return TimelineEvent(
        time=error.time,
        capture=capture,
        frame=frame,
        sender=ends.get(error.router, "network"),
        text=f"ICMP {error.reason}{mtu}, from {address}{about}",
        kind=KIND,
        arrivals=tuple(
            Arrival(*_frame(seen.at, seen.error), seen.error.time - error.time)
            for seen in copies[1:]
        ),
    )


def _frame(at: VantagePoint, error: IcmpError) -> tuple[str, int]:
    columns = at.table.others
    return at.ids[int(columns.file[error.row])], int(columns.frame[error.row])
