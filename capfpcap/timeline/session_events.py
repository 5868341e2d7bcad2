"""What a person reads of a TLS session: a line for each message, encrypted ones by their size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from capf_dissectors import tls
from capf_dissectors.capf_shape import CapfMessage, Certainty, split_records_tls13

from capfpcap.timeline.application_data import EncryptedRecord
from capfpcap.timeline.event import Event, EventKind, What
from capfpcap.timeline.session import Said, Session

_APPLICATION_DATA = int(tls.ContentType.APPLICATION_DATA)


def session_events(session: Session) -> Iterator[Event]:
    """Everything that was said in a session, not in order."""
    yield from map(_of_message, session.said)
    yield from _of_encrypted_records(session)
    problem = session.problem
    if problem is not None:
        from_client, malformed = problem
        stream = session.client_stream if from_client else session.server_stream
        row = stream.row_beginning(malformed.offset)
        text = f"not TLS from byte {malformed.offset}: {malformed.reason}"
        yield Event(row, from_client, EventKind.TLS, What.REMARK, "not TLS", text)


def _of_message(said: Said) -> Event:
    label, more = _described(said.message)
    what = What.ALERT if isinstance(said.message, tls.Alert) else What.HANDSHAKE
    row, from_client, message = said
    span = message.offset, message.end
    return Event(row, from_client, EventKind.TLS, what, label, label + more, span=span)


def _spans(session: Session) -> dict[int, tuple[int, int]]:
    """Stream offsets of the records of application data, by the identity of each."""
    placed = session.encrypted_records if session.tls13 else session.application_records
    spans: dict[int, tuple[int, int]] = {}
    for from_client in (True, False):
        own = (record for record in placed if record.from_client == from_client)
        records = session.tls(from_client).records
        said = (record for record in records if record.content_type == _APPLICATION_DATA)
        spans |= {
            id(one): (record.offset, record.end) for one, record in zip(own, said, strict=False)
        }
    return spans


class _Part(NamedTuple):
    """A record of application data and the CAPF message that it likely carries."""

    record: EncryptedRecord
    name: CapfMessage | None


def _of_encrypted_records(session: Session) -> Iterator[Event]:
    """Application data, and what TLS 1.3 hides beside it, in the order in which it was said."""
    events = list(_of_application_data(session))
    if session.tls13:
        events += _hidden(session)
        places = {id(record): at for at, record in enumerate(session.encrypted_records)}
        events.sort(key=lambda said: places[id(said[0])])
    yield from (event for _, event in events)


def _of_application_data(session: Session) -> Iterator[tuple[EncryptedRecord, Event]]:
    shape, spans = session.shape, _spans(session)
    parts = list(map(_Part, session.application_records, shape.messages))
    for together in _messages(parts):
        record, name = together[-1]
        smallest = sum(part.record.smallest for part in together)
        largest = sum(part.record.largest for part in together)
        whole = record._replace(smallest=smallest, largest=largest)
        text = f"application data, {whole.size} bytes"
        if name is not None:
            text += f", {shape.certainty.value} {name.value}"
        label = "application data" if name is None else name.value
        yield (
            record,
            Event(
                record.row,
                record.from_client,
                EventKind.DATA,
                What.APPLICATION_DATA,
                label,
                text,
                certainty=None if name is None else shape.certainty,
                span=(spans[id(together[0].record)][0], spans[id(record)][1]),
            ),
        )


def _messages(parts: Sequence[_Part]) -> Iterator[list[_Part]]:
    """Records that are one message: an empty one that CBC of TLS 1.0 puts before each is none."""
    together: list[_Part] = []
    for part in parts:
        if together and not _continues(together[-1], part):
            yield together
            together = []
        together.append(part)
    if together:
        yield together


def _continues(before: _Part, part: _Part) -> bool:
    return (
        before.record.smallest == 0
        and _BY_PACKET(before.record) == _BY_PACKET(part.record)
        and before.name is part.name
    )


def _hidden(session: Session) -> Iterator[tuple[EncryptedRecord, Event]]:
    """Handshake messages and alerts that TLS 1.3 hides, told by order and size."""
    records = session.encrypted_records
    split = split_records_tls13(records)
    handshake, alerts = set(map(id, split.handshake)), set(map(id, split.alerts))
    refusal = session.refusal_row
    hidden = [record for record in records if id(record) in handshake and record.row != refusal]
    for _, some in groupby(hidden, _BY_PACKET):
        group = list(some)
        text = f"encrypted handshake, {sum(record.largest for record in group)} bytes"
        yield group[0], _told_by_size(group[0], What.HANDSHAKE, "encrypted handshake", text)
    for record in records:
        if id(record) in alerts or record.row == refusal:
            text = "alert (encrypted), told by its size"
            yield record, _told_by_size(record, What.ALERT, "alert (encrypted)", text)


_BY_PACKET = itemgetter(0, 1)
"""The row and the sender of a record."""


def _told_by_size(record: EncryptedRecord, what: What, label: str, text: str) -> Event:
    row, from_client, *_ = record
    return Event(row, from_client, EventKind.TLS, what, label, text, certainty=Certainty.LIKELY)


def _owner(message: tls.Certificate) -> str:
    """Whose certificate stands first in a chain, as far as it can be read."""
    if not message.certificates:
        return ""
    from capf_dissectors.certificates import read_identity  # noqa: PLC0415 - slow to load

    identity = read_identity(message.certificates[0])
    return f" of {identity.common_name}" if identity and identity.common_name else ""


def _described(message: tls.Message) -> tuple[str, str]:
    """A TLS message by its name, and what follows that in a line."""
    if isinstance(message, tls.ClientHello):
        name = f", name {message.server_name}" if message.server_name else ""
        offered = tls.version_name(message.highest_version)
        suites = len(message.cipher_suites)
        return "ClientHello", f", up to {offered}, {suites} cipher suites{name}"
    if isinstance(message, tls.ServerHello):
        if message.hello_retry_request:
            return "HelloRetryRequest", ""
        suite = tls.cipher_suite_name(message.cipher_suite)
        return f"ServerHello, {tls.version_name(message.version)}", f", {suite}"
    if isinstance(message, tls.Certificate):
        more = " and more that are not read" if message.left_out else ""
        chain = f"{len(message.certificates)} in the chain{more}"
        return f"Certificate{_owner(message)}", f", {chain}"
    if isinstance(message, tls.Alert):
        if message.description is None or message.level is None:
            return "alert (encrypted)", ""
        level = "fatal" if message.fatal else "warning"
        return f"alert, {level} {tls.alert_name(message.description)}", ""
    if isinstance(message, tls.EncryptedHandshake):
        return "Finished", " (encrypted handshake)"
    if isinstance(message, tls.Handshake):
        return f"handshake message of type {message.type}", ""
    return type(message).__name__, ""
