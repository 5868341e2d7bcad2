"""The commonest TLS sessions, read without walking their packets.

Nearly every session up to TLS 1.2 is a handshake in the clear and records in their order, in a
connection in which nothing else happened. These are told from all others by a look at all rows at
once; what the healthy path asks of them is known beforehand, and what else is asked is read from
the packets as of any session. Both ways of reading give the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import repeat
from typing import NamedTuple

import numpy as np
from capf_dissectors.capf_shape import classify
from capf_dissectors.tls import (
    Certificate,
    ContentType,
    HandshakeType,
    ServerHello,
    plaintext_bounds,
)
from capf_dissectors.tls.bodies import RANDOM_LENGTH, handshake_message
from capf_dissectors.tls.messages import HELLO_RETRY_REQUEST_RANDOM

from capfpcap.flows.connection import Connection
from capfpcap.flows.plain import PlainConnections, plain_connections
from capfpcap.flows.stream_line import Numbers
from capfpcap.flows.table import FlowTable, FlowView
from capfpcap.services import Reader, Service, read_as
from capfpcap.timeline.application_data import EncryptedRecord
from capfpcap.timeline.plain_records import Walk, walk_streams
from capfpcap.timeline.session import Said, Session
from capfpcap.timeline.session_end import ended_after

_SERVICES = frozenset(read_as(Reader.TLS))
_HEADER = 4
"""Octets of a handshake message's type and length."""
_RANDOM_AT = 2
_SESSION_ID_AT = _RANDOM_AT + RANDOM_LENGTH
_REMEMBERED = 256
"""Messages, each of a record at the most, that are remembered: in a storm nearly all are alike."""
_new = tuple.__new__
"""Makes a named tuple in half the time of its constructor, which is written in Python."""


def plain_sessions(table: FlowTable, views: Sequence[FlowView]) -> dict[int, Session]:
    """The plain sessions among some flows of a table, by the row at which each begins."""
    candidates = [view for view in views if view.service in _SERVICES]
    return {
        session.view.start: session
        for connections in plain_connections(table, candidates)
        for session in _sessions(connections, table)
    }


class _Found(NamedTuple):
    """What the columns say of a session."""

    number: int
    hello: bytes
    """The ServerHello's body."""
    certificate: bytes
    """The body of the server's Certificate."""
    certificate_row: int
    certificate_start: int
    """Stream offset of the message's header."""
    certificate_end: int
    record_rows: list[int]
    record_sizes: bytes
    """Of each record of application data the length, doubled, and 1 more if the client's."""
    first_alert: tuple[int, bool] | None
    """The row of the first encrypted alert, and whether it is the client's."""


def _sessions(connections: PlainConnections, table: FlowTable) -> Iterator[Session]:
    """The plain sessions in plain connections, but for those that secrets may open."""
    walk = walk_streams(connections.line)
    lock = None
    if table.keys is not None:
        from capfpcap.timeline.plain_locks import PlainLocks  # noqa: PLC0415 - rarely needed

        lock = PlainLocks(table.keys.secrets, connections.line, walk)
    for found in _found(connections, walk):
        session = _session(connections, found)
        if session is None or (
            lock is not None and lock.may_open(found.number, found.hello, session)
        ):
            continue
        yield session


def _found(connections: PlainConnections, walk: Walk) -> Iterator[_Found]:
    """What is to be known of each session whose streams both fit."""
    line = connections.line
    numbers = np.flatnonzero(walk.both_fit)
    hello_start, hello_end = _of_kind(walk, HandshakeType.SERVER_HELLO)
    start, end = _of_kind(walk, HandshakeType.CERTIFICATE)
    begins = line.begins[2 * numbers + 1]
    rows, sizes, bounds = _application_data(connections, walk, numbers)
    alerts = _first_alerts(connections, walk)
    for begin, stop, *columns in zip(
        bounds[:-1],
        bounds[1:],
        numbers.tolist(),
        line.read(hello_start + _HEADER, hello_end),
        line.read(start + _HEADER, end),
        line.rows(end - 1).tolist(),
        (start - begins).tolist(),
        (end - begins).tolist(),
        strict=True,
    ):
        record_sizes = sizes[begin:stop].tobytes()
        yield _new(_Found, (*columns, rows[begin:stop], record_sizes, alerts.get(columns[0])))


def _of_kind(walk: Walk, kind: HandshakeType) -> tuple[Numbers, Numbers]:
    """Start and end of the message of a kind that each server whose connection fits sent once."""
    stream, kinds, start, end = walk.messages
    at = np.flatnonzero((kinds == kind) & walk.both_fit[stream >> 1])
    order = at[np.argsort(stream[at])]
    return start[order], end[order]


def _application_data(
    connections: PlainConnections, walk: Walk, numbers: Numbers
) -> tuple[list[int], Numbers, list[int]]:
    """Rows and sizes of the application data of connections, one after the other in time order.

    Third, where the records of each of them begin, and behind those where the last ones end.
    """
    stream, kind, start, end, _ = walk.records
    data = np.flatnonzero((kind == ContentType.APPLICATION_DATA) & walk.both_fit[stream >> 1])
    rows, number = connections.line.rows(end[data] - 1), stream[data] >> 1
    order = np.lexsort((rows, number))
    sizes = 2 * (end - start) + (stream % 2 == 0)
    bounds = np.searchsorted(number[order], np.append(numbers, len(walk.both_fit)))
    return rows[order].tolist(), sizes[data[order]], bounds.tolist()


def _first_alerts(connections: PlainConnections, walk: Walk) -> dict[int, tuple[int, bool]]:
    """The first alert of each connection that has one: its row, and whether the client sent it."""
    stream, kind, _, end, _ = walk.records
    alerts = np.flatnonzero((kind == ContentType.ALERT) & walk.both_fit[stream >> 1])
    rows = connections.line.rows(end[alerts] - 1)
    first: dict[int, tuple[int, bool]] = {}
    for at in np.lexsort((stream[alerts] % 2 == 0, rows)).tolist():
        of_stream = int(stream[alerts[at]])
        first.setdefault(of_stream >> 1, (int(rows[at]), of_stream % 2 == 0))
    return first


def _session(connections: PlainConnections, found: _Found) -> Session | None:
    """The session with all that is known of it; None where its messages say too little."""
    hello, certificate = _negotiated(found.hello), _certificate(found.certificate)
    if hello is None or certificate is None or _asks_again(found.hello):
        return None
    session = Session(connections.connection(found.number))
    if _goes_on_behind_the_end(session.connection, found.record_rows):
        return None
    session.version, session.cipher_suite = hello.version, hello.cipher_suite
    session.tls13 = False
    session.handshake_complete = True
    session.readable_alerts = []
    session.fatal_alert = None
    session.whole = True
    session.missing = 0
    session.client_leaf = None
    leaf, left_out = certificate.certificates, certificate.left_out
    presented = Certificate(found.certificate_start, found.certificate_end, leaf, left_out)
    session.server_certificate = Said(found.certificate_row, False, presented)
    session.server_leaf = leaf[0] if leaf else None
    sizes = _sizes(*hello, found.record_sizes)
    columns = zip(found.record_rows, *sizes.columns, strict=True)
    session.application_records = list(map(_new, repeat(EncryptedRecord), columns))
    if session.view.service is Service.CAPF:
        last_row = found.record_rows[-1] if found.record_rows else None
        session.ended = ended_after(session.connection, found.first_alert, last_row)
        session.shape = classify(sizes.records, version=hello.version, ended=session.ended)
    return session


def _goes_on_behind_the_end(connection: Connection, record_rows: list[int]) -> bool:
    """Whether application data follows when the server has closed."""
    closing = connection.closing_row
    if closing is None or not connection.closed_first_by_server:
        return False
    return bool(record_rows) and record_rows[-1] > closing


class _Negotiated(NamedTuple):
    """What a ServerHello says of how records are encrypted."""

    version: int
    cipher_suite: int
    encrypt_then_mac: bool


def _asks_again(hello: bytes) -> bool:
    """Whether a ServerHello is a HelloRetryRequest."""
    return hello[_RANDOM_AT:_SESSION_ID_AT] == HELLO_RETRY_REQUEST_RANDOM


def _negotiated(hello: bytes) -> _Negotiated | None:
    """What a ServerHello agrees on; None where it cannot be read, or agrees on TLS 1.3."""
    if len(hello) <= _SESSION_ID_AT:
        return None
    behind_session_id = _SESSION_ID_AT + 1 + hello[_SESSION_ID_AT]
    return _remembered_hello(hello[:_RANDOM_AT], hello[behind_session_id:])


@lru_cache(_REMEMBERED)
def _remembered_hello(version: bytes, behind_session_id: bytes) -> _Negotiated | None:
    """What a ServerHello agrees on, by what is not another number in each of them."""
    no_session_id = bytes(1)
    body = version + bytes(RANDOM_LENGTH) + no_session_id + behind_session_id
    message = handshake_message(HandshakeType.SERVER_HELLO, body, 0, len(body), 0)
    if not isinstance(message, ServerHello) or message.tls13:
        return None
    return _Negotiated(message.version, message.cipher_suite, message.encrypt_then_mac)


@lru_cache(_REMEMBERED)
def _certificate(body: bytes) -> Certificate | None:
    """A Certificate message; None where it cannot be read."""
    message = handshake_message(HandshakeType.CERTIFICATE, body, 0, len(body), 0)
    return message if isinstance(message, Certificate) else None


class _Sizes(NamedTuple):
    """Who sent each record, and how much plaintext it holds at the least and at the most."""

    records: tuple[tuple[bool, int, int], ...]
    columns: tuple[tuple[bool | int, ...], ...]
    """The same, turned."""


@lru_cache(_REMEMBERED)
def _sizes(version: int, cipher_suite: int, encrypt_then_mac: bool, records: bytes) -> _Sizes:
    """The records of :attr:`_Found.record_sizes` with the bounds of their plaintexts."""
    sizes = [
        (
            number % 2 == 1,
            *plaintext_bounds(version, cipher_suite, number >> 1, encrypt_then_mac),
        )
        for number in np.frombuffer(records, np.int64).tolist()
    ]
    return _Sizes(tuple(sizes), tuple(zip(*sizes, strict=True)) or ((), (), ()))
