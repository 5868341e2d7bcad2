"""TLS 1.3 hides which records are handshake: they are told apart by order and size.

The server's flight comes before anything of the client. The client's first records are its flight,
for in CAPF it has nothing to say before the server. What the server then sends before the client
speaks again are NewSessionTickets, all longer than any AUTH_REQUEST, and that AUTH_REQUEST. Sizes
are of RFC 8446, sections 4.4.4, 4.6 and 6; those of tickets were measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from itertools import takewhile
from math import gcd
from typing import NamedTuple, Protocol, TypeVar

_FINISHED = (36, 52)
"""A handshake header and a hash of SHA-256 or SHA-384 (RFC 8446, section 4.4.4)."""
_MESSAGE_HEADER = 4
_PADDING = 16
"""Bytes of zero that Java adds to every record."""
_ALERT = 2
_PADDED_ALERT = _ALERT + _PADDING
_CAPF_HEADER = 8
_SHORTEST_PADDED = _CAPF_HEADER + _PADDING
"""A CAPF header and that padding."""
_CONTENT_TYPE = 1
"""Bytes that every record has behind its plaintext (RFC 8446, section 5.2)."""
_SMALLEST_BLOCK = 8
"""Bytes from which on a common factor of lengths is no coincidence."""
_KEY_UPDATE = 5
"""A handshake header and one byte (RFC 8446, section 4.6.3)."""
_SHORTEST_TICKET = 50
"""Tickets of servers that keep sessions have some 57 bytes, encrypted ones from 200."""


class BoundedRecord(Protocol):
    """An encrypted record and the bounds of its plaintext."""

    @property
    def from_client(self) -> bool:
        """Whether the client sent it."""
        ...

    @property
    def smallest(self) -> int:
        """Bytes of plaintext at the least."""
        ...

    @property
    def largest(self) -> int:
        """Bytes of plaintext at the most."""
        ...


_Record = TypeVar("_Record", bound=BoundedRecord)


class Padding(NamedTuple):
    """Bytes of padding in each record of a side."""

    least: int
    most: int


class _Kind(Enum):
    HANDSHAKE = 1
    ALERT = 2
    APPLICATION = 3


class Tls13Records(NamedTuple):
    """The encrypted records of a TLS 1.3 connection by what they likely carry."""

    handshake: tuple[BoundedRecord, ...]
    alerts: tuple[BoundedRecord, ...]
    application: tuple[BoundedRecord, ...]


def application_records_tls13(records: Sequence[_Record]) -> list[_Record]:
    """The records of application data among all encrypted ones, in order of time.

    The records returned are those given, not copies.
    """
    kinds = _kinds(records)
    return [
        record for record, kind in zip(records, kinds, strict=True) if kind is _Kind.APPLICATION
    ]


def split_records_tls13(records: Sequence[BoundedRecord]) -> Tls13Records:
    """All encrypted records of both sides, in order of time, by what they likely carry."""
    kinds = _kinds(records)
    handshake, alerts, application = (
        tuple(record for record, kind in zip(records, kinds, strict=True) if kind is wanted)
        for wanted in _Kind
    )
    return Tls13Records(handshake, alerts, application)


def padding_tls13(records: Sequence[BoundedRecord], hash_length: int) -> tuple[Padding, Padding]:
    """How much padding every record of the server has, and every one of the client.

    A Finished tells, for its length is known: a header and a hash of ``hash_length`` bytes. It is
    the last record of the server's flight, and one of those of the client's. Who pads to blocks has
    none of that length, and all its records have lengths with one common factor.
    """
    finished = _MESSAGE_HEADER + hash_length
    client_flight = _turn_end(records, 0, from_client=False)
    after_handshake = _turn_end(records, client_flight, from_client=True)
    server = records[max(0, client_flight - 1) : client_flight]
    client = records[client_flight:after_handshake]
    return (
        _padding_of(server, finished, _block_of(records, from_client=False)),
        _padding_of(client, finished, _block_of(records, from_client=True)),
    )


def _padding_of(flight: Sequence[BoundedRecord], finished: int, block: int) -> Padding:
    if any(_is(record, finished) for record in flight):
        return Padding(0, 0)
    if any(_is(record, finished + _PADDING) for record in flight):
        return Padding(_PADDING, _PADDING)
    return Padding(0, block - 1)


def _block_of(records: Sequence[BoundedRecord], *, from_client: bool) -> int:
    """The size of the blocks that a side fills in each record with padding; 1 for none."""
    inner = [
        record.largest + _CONTENT_TYPE for record in records if record.from_client == from_client
    ]
    common = gcd(*inner) if len(inner) > 1 else 1
    return common if common >= _SMALLEST_BLOCK else 1


def _kinds(records: Sequence[BoundedRecord]) -> list[_Kind]:
    kinds = [_Kind.ALERT if _is(record, _ALERT) else _Kind.APPLICATION for record in records]
    client_flight = _turn_end(records, 0, from_client=False)
    after_handshake = _turn_end(records, client_flight, from_client=True)
    first_request = _turn_end(records, after_handshake, from_client=False)
    finished = _last_finished(records, client_flight)
    _mark(kinds, 0, finished)
    _mark_tickets(records, kinds, finished, client_flight)
    _mark(kinds, client_flight, _first_finished(records, client_flight, after_handshake))
    _mark_tickets(records, kinds, after_handshake, first_request)
    for at, record in enumerate(records):
        if _is(record, _KEY_UPDATE) and not _follows_header(records, at):
            _mark(kinds, at, at + 1)
    for from_client in (False, True):
        _mark_padded_alerts(records, kinds, from_client=from_client)
        _mark_alert_in_block(records, kinds, from_client=from_client)
    return kinds


def _mark_padded_alerts(
    records: Sequence[BoundedRecord], kinds: list[_Kind], *, from_client: bool
) -> None:
    """The last records of a side that pads every record are alerts if they are as short as one.

    Java ends with two: user_canceled and close_notify.
    """
    own = [at for at, record in enumerate(records) if record.from_client == from_client]
    ends = list(takewhile(lambda at: _is(records[at], _PADDED_ALERT), reversed(own)))
    if all(records[at].smallest >= _SHORTEST_PADDED for at in own[: len(own) - len(ends)]):
        for at in ends:
            kinds[at] = _Kind.ALERT


def _mark_alert_in_block(
    records: Sequence[BoundedRecord], kinds: list[_Kind], *, from_client: bool
) -> None:
    """The last record of a side that pads to blocks is an alert, where it can hardly be more.

    It is as short as one, and stands behind another record of that side or behind an alert.
    """
    own = [at for at, record in enumerate(records) if record.from_client == from_client]
    block = _block_of(records, from_client=from_client)
    if block == 1 or not _is(records[own[-1]], block - _CONTENT_TYPE):
        return
    before = own[-1] - 1
    if before in own or kinds[before] is _Kind.ALERT:
        kinds[own[-1]] = _Kind.ALERT


def _follows_header(records: Sequence[BoundedRecord], at: int) -> bool:
    """Whether a record may be the rest of a message whose header stands in the record before."""
    before = records[at - 1] if at else None
    return (
        before is not None
        and before.from_client == records[at].from_client
        and _is(before, _CAPF_HEADER)
    )


def _turn_end(records: Sequence[BoundedRecord], start: int, *, from_client: bool) -> int:
    """The index behind the last of the records of one side that follow each other."""
    end = start
    while end < len(records) and records[end].from_client == from_client:
        end += 1
    return end


def _last_finished(records: Sequence[BoundedRecord], end: int) -> int:
    """The index behind the server's Finished; ``end`` where it shares a record with others."""
    for at in range(end, 0, -1):
        if _is(records[at - 1], *_FINISHED):
            return at
    return end


def _first_finished(records: Sequence[BoundedRecord], start: int, end: int) -> int:
    """The index behind the client's Finished; ``end`` where it shares a record with others."""
    for at in range(start, end):
        if _is(records[at], *_FINISHED):
            return at + 1
    return end


def _mark(kinds: list[_Kind], start: int, end: int) -> None:
    """Take what is no alert for handshake."""
    for at in range(start, end):
        if kinds[at] is not _Kind.ALERT:
            kinds[at] = _Kind.HANDSHAKE


def _mark_tickets(
    records: Sequence[BoundedRecord], kinds: list[_Kind], start: int, end: int
) -> None:
    for at in range(start, end):
        if records[at].smallest >= _SHORTEST_TICKET:
            _mark(kinds, at, at + 1)


def _is(record: BoundedRecord, *sizes: int) -> bool:
    """Whether a record has one of these sizes; an alert in an unknown suite stays unknown."""
    return record.largest == record.smallest and record.largest in sizes
