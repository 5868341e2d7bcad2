"""Rows that belong together: those of a flow, and flights in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec.structs import replace

from capfpcap.ladder.model import Group, GroupKind, Kind, Message, Row

_SAID = frozenset({Kind.HANDSHAKE, Kind.ALERT, Kind.APPLICATION_DATA})
"""What flights are made of."""
_SAME_FLIGHT = 1_000_000_000
"""Nanoseconds between two messages of a flight."""


def grouped(found: Iterable[Row], texts: Mapping[str, str]) -> tuple[list[Row], list[Group]]:
    """The rows, each message with its flight, and all groups; ``texts`` has one for each flow."""
    groups: list[Group] = []
    rows = list(found)
    numbered = list(rows)
    for first, stop in _runs(rows):
        flow = rows[first].flow or ""
        groups.append(
            Group(kind=GroupKind.FLOW, first=first, stop=stop, flow=flow, text=texts[flow])
        )
        for begin, end in _flights(rows, first, stop):
            said = [row for row in rows[begin:end] if isinstance(row, Message)]
            number = len(groups)
            for at in range(begin, end):
                row = numbered[at]
                if isinstance(row, Message):
                    numbered[at] = replace(row, flight=number)
            groups.append(_flight(begin, end, said))
    return numbered, groups


def _runs(rows: Sequence[Row]) -> list[tuple[int, int]]:
    """First and behind the last of rows of one flow that follow each other.

    A silence within a flow is none of its own, but does not interrupt it either.
    """
    runs: list[tuple[int, int]] = []
    for at, row in enumerate(rows):
        if row.flow is None:
            continue
        if runs and rows[runs[-1][0]].flow == row.flow:
            runs[-1] = runs[-1][0], at + 1
        else:
            runs.append((at, at + 1))
    return runs


def _flights(rows: Sequence[Row], first: int, stop: int) -> list[tuple[int, int]]:
    """Of one run the flights of two messages or more."""
    flights: list[tuple[int, int]] = []
    start = first
    for at in range(first + 1, stop + 1):
        if at == stop or not _go_on(rows[at - 1], rows[at]):
            if at - start > 1:
                flights.append((start, at))
            start = at
    return flights


def _go_on(before: Row, row: Row) -> bool:
    """Whether a row is of the same flight as the one before."""
    return (
        isinstance(before, Message)
        and isinstance(row, Message)
        and before.kind in _SAID
        and row.kind in _SAID
        and before.from_client == row.from_client
        and row.time - before.time <= _SAME_FLIGHT
    )


def _flight(begin: int, end: int, said: Sequence[Message]) -> Group:
    packets = len({(one.seen[0].point, one.seen[0].row) for one in said})
    frames = "1 packet" if packets == 1 else f"{packets} packets"
    text = f"{len(said)} messages in {frames}"
    return Group(kind=GroupKind.FLIGHT, first=begin, stop=end, flow=said[0].flow, text=text)
