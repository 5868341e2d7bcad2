"""What a person reads of a TLS session: a line for each message, encrypted ones by their size."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter

from capf_dissectors import tls
from capf_dissectors.capf_shape import (
    Certainty,
    Command,
    ShapedMessage,
    key_told,
    split_records_tls13,
)

from capfpcap.services import Service
from capfpcap.timeline.application_data import EncryptedRecord
from capfpcap.timeline.event import Event, EventKind, What
from capfpcap.timeline.session import Said, Session

_APPLICATION_DATA = int(tls.ContentType.APPLICATION_DATA)


def session_events(session: Session) -> Iterator[Event]:
    """Everything that was said in a session, not in order."""
    yield from map(_of_message, session.said)
    yield from _of_encrypted_records(session)
    yield from _of_faults(session)
    problem = session.problem
    if problem is not None:
        from_client, malformed = problem
        stream = session.client_stream if from_client else session.server_stream
        row = stream.row_beginning(malformed.offset)
        text = f"not TLS from byte {malformed.offset}: {malformed.reason}"
        yield Event(row, from_client, EventKind.TLS, What.REMARK, "not TLS", text)


def _of_faults(session: Session) -> Iterator[Event]:
    """Where what was decrypted is not the protocol."""
    if session.messages is not None:
        from capfpcap.timeline.plaintext.events import fault_events  # noqa: PLC0415 - keys only

        yield from fault_events(session, session.messages)


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


def _of_encrypted_records(session: Session) -> Iterator[Event]:
    """Application data, and what TLS 1.3 hides beside it, in the order in which it was said."""
    events = list(_of_application_data(session))
    if session.tls13 and not session.readable:
        events += _hidden(session)
    if session.tls13:
        places = {id(record): at for at, record in enumerate(session.encrypted_records)}
        events.sort(key=lambda said: places[id(said[0])])
    yield from (event for _, event in events)


def _of_application_data(session: Session) -> Iterator[tuple[EncryptedRecord, Event]]:
    records, spans = session.application_records, _spans(session)
    read: set[int] = set()

    def placed(first: int, last: int, event: Event) -> tuple[EncryptedRecord, Event]:
        span = _joined(spans.get(id(records[first])), spans.get(id(records[last])))
        return records[last], event._replace(span=span)

    for first, last, event in _of_messages(session):
        read.update(range(first, last + 1))
        yield placed(first, last, event)
    for said in _messages(session):
        if not read.issuperset(range(said.first, said.last + 1)):
            yield placed(said.first, said.last, _by_size(session, said))


def _of_messages(session: Session) -> Iterator[tuple[int, int, Event]]:
    """What was decrypted: the first and the last record of each message, and its event."""
    if session.messages is None:
        return
    from capfpcap.timeline.plaintext.events import message_events  # noqa: PLC0415 - keys only

    for one, event in message_events(session, session.messages):
        yield one.first, one.record, event


def _by_size(session: Session, said: ShapedMessage) -> Event:
    """A message that is encrypted, as its size tells."""
    last = session.application_records[said.last]
    size = last._replace(smallest=said.smallest, largest=said.largest).size
    text = f"application data, {size} bytes"
    name = None if said.command is None else said.command.name
    if name is not None:
        text += f", {said.certainty.value} {name}{_key_in(session, said)}"
    return Event(
        last.row,
        last.from_client,
        EventKind.DATA,
        What.APPLICATION_DATA,
        name or "application data",
        text,
        certainty=None if name is None else said.certainty,
    )


def _joined(first: tuple[int, int] | None, last: tuple[int, int] | None) -> tuple[int, int] | None:
    return None if first is None or last is None else (first[0], last[1])


def _messages(session: Session) -> Iterable[ShapedMessage]:
    """The CAPF messages of a session; where there are none, each record by itself."""
    if session.view.service is Service.CAPF and session.shape.said:
        return session.shape.said
    return [
        ShapedMessage(
            record.from_client, None, at, at, record.smallest, record.largest, Certainty.POSSIBLE
        )
        for at, record in enumerate(session.application_records)
    ]


def _key_in(session: Session, said: ShapedMessage) -> str:
    key = key_told(session.shape) if said.command is Command.KEYGEN_RESPONSE else None
    return f", {key} key" if key else ""


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
            text = "alert (encrypted), by its size"
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


def _handshake_name(number: int) -> str:
    """``EncryptedExtensions`` for 8."""
    try:
        kind = tls.HandshakeType(number)
    except ValueError:
        return f"handshake message of type {number}"
    return "".join(word.capitalize() for word in kind.name.split("_"))


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
        return _handshake_name(message.type), ""
    return type(message).__name__, ""
