"""Sessions opened with the keys at hand. Loaded only where there are any."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import repeat
from operator import attrgetter

from capf_dissectors.streams import Piece
from capf_dissectors.tls import (
    ContentType,
    Finished,
    Record,
    ServerHello,
    cipher_suite_name,
    version_name,
)
from capf_dissectors.tls.decryption import (
    Decryption,
    Plaintext,
    Reason,
    Revealed,
    Secrets,
    Side,
    decrypt,
)
from capf_dissectors.tls.record_header import HEADER_LENGTH

from capfpcap.flows.reassembly import STREAM_LIMIT
from capfpcap.timeline.application_data import (
    EncryptedRecord,
    Placed,
    in_order_said,
    placed_records,
)
from capfpcap.timeline.decrypted import Decrypted, PlainStream, closed
from capfpcap.timeline.session import Said, Session

_APPLICATION_DATA = int(ContentType.APPLICATION_DATA)


def decrypt_sessions(secrets: Secrets, sessions: Iterable[Session]) -> None:
    """Open sessions in the order of time: a resumed one needs the secret of an earlier one.

    A client resumes its own sessions alone, so that it is the same which are read together.
    """
    resumable: dict[int, dict[bytes, bytes]] = {}
    for session in sorted(sessions, key=attrgetter("view.first_time")):
        own = resumable.setdefault(session.view.client, {})
        result = decrypt(_side(session, True), _side(session, False), secrets, own)
        own.update(result.masters)
        session.decrypted = _described(session, result)


def unopened(secrets: Secrets, *, by_rsa: bool) -> Decrypted:
    """A session for which there is no secret; ``by_rsa`` tells how its keys were exchanged."""
    if secrets.logs or not secrets.keys:
        return _closed(Reason.NO_SECRET)
    return _closed(Reason.OTHER_KEY if by_rsa else Reason.NOT_BY_RSA)


def _closed(reason: Reason, session: Session | None = None) -> Decrypted:
    words = reason.value if session is None else _in_words(reason, session)
    return closed(words, has_secret=reason is not Reason.NO_SECRET)


def _in_words(reason: Reason, session: Session) -> str:
    """Why a session stays closed; what cannot be decrypted has its name."""
    hello = _negotiated(session)
    if hello is not None and reason is Reason.SUITE:
        return f"{cipher_suite_name(hello.cipher_suite)} cannot be decrypted"
    if hello is not None and reason is Reason.VERSION:
        return f"{version_name(hello.version)} cannot be decrypted"
    return reason.value


def _side(session: Session, from_client: bool) -> Side:
    stream = session.client_stream if from_client else session.server_stream
    return Side(session.tls(from_client), stream.pieces)


def _negotiated(session: Session) -> ServerHello | None:
    """As :attr:`Session.negotiated`, which looks at what is revealed and must not be asked yet."""
    for message in session.server_tls.messages:
        if isinstance(message, ServerHello) and not message.hello_retry_request:
            return message
    return None


def _described(session: Session, result: Decryption) -> Decrypted:
    """A session as its decryption shows it; its records become exact."""
    if not result.client and not result.server:
        return (
            _closed(result.reason, session)
            if result.reason
            else Decrypted(PlainStream(), PlainStream())
        )
    client = _Opened(session, result.client, result.revealed, from_client=True)
    server = _Opened(session, result.server, result.revealed, from_client=False)
    if client.closed or server.closed:
        return _closed(result.reason or Reason.ONE_SIDE)
    session.encrypted_records = list(in_order_said(client.placed, server.placed))
    inner = {id(kept) for kept in (*client.application, *server.application)}
    session.application_records = [
        record for record in session.encrypted_records if id(record) in inner
    ]
    numbers = {id(record): at for at, record in enumerate(session.application_records)}
    return Decrypted(
        client.stream(numbers),
        server.stream(numbers),
        None if result.reason is None else result.reason.value,
        complete=result.reason is None and client.complete and server.complete,
        readable=True,
        revealed=(*client.said(), *server.said()),
        opened=client.opened | server.opened,
    )


class _Opened:
    """One side of a session of which records were opened."""

    def __init__(
        self,
        session: Session,
        plain: Sequence[Plaintext],
        revealed: Sequence[Revealed],
        *,
        from_client: bool,
    ) -> None:
        self._from_client = from_client
        self._stream = session.client_stream if from_client else session.server_stream
        self._messages = [one.message for one in revealed if one.from_client == from_client]
        records = session.tls(from_client).records
        by_number = {one.record: one for one in plain}
        self._session = session
        self._finished = min(
            (one.end for one in self._messages if isinstance(one, Finished)), default=STREAM_LIMIT
        )
        """The stream offset behind its Finished: what follows in TLS 1.3 is application data."""
        self.opened = frozenset(
            (from_client, records[at].offset + HEADER_LENGTH) for at in by_number
        )
        """What was opened, by the side and the stream offset of the fragment."""
        encrypted = [at for at, record in enumerate(records) if record.encrypted]
        self.complete = all(at in by_number for at in encrypted)
        self.placed: list[Placed] = []
        """The records of the type application data, with sizes as exact as they are known."""
        self.application: list[EncryptedRecord] = []
        """Those of them that hold application data."""
        self._data: list[bytes | None] = []
        self._holes: list[int] = []
        """In front of each, how many bytes may be missing of which no record is known."""
        self._place(records, by_number)
        unread = bool(self._data) and all(data is None for data in self._data)
        self.closed = unread or (bool(encrypted) and not by_number)
        """Whether nothing that it says was opened: half of a dialogue misleads who reads it."""

    def _place(self, records: Sequence[Record], by_number: dict[int, Plaintext]) -> None:
        session, hello = self._session, _negotiated(self._session)
        sent = session.connection.side(self._from_client).sent
        numbers = [
            at
            for at, record in enumerate(records)
            if record.content_type == _APPLICATION_DATA and record.end <= sent
        ]
        placed = placed_records(
            session.connection,
            self._stream,
            records,
            hello,
            from_client=self._from_client,
        )
        begun = hello is None or not hello.tls13
        searched, seen = 0, 0
        for at, one in zip(numbers, placed, strict=True):
            plain = by_number.get(at)
            begun = begun or records[at].offset >= self._finished
            searched += sum(_hole_before(records, number) for number in range(seen, at + 1))
            seen = at + 1
            exact = one
            if plain is not None:
                size = len(plain.data)
                exact = one._replace(record=one.record._replace(smallest=size, largest=size))
                begun = begun or plain.content_type == _APPLICATION_DATA
            self.placed.append(exact)
            if begun and (plain is None or plain.content_type == _APPLICATION_DATA):
                self.application.append(exact.record)
                self._data.append(None if plain is None else plain.data)
                self._holes.append(searched)
                searched = 0

    def stream(self, numbers: dict[int, int]) -> PlainStream:
        """Its application data in the clear; ``numbers`` are those of its records."""
        stream = PlainStream(in_order=True)
        runs: list[tuple[int, list[bytes]]] = []
        offset, joined = 0, False
        for record, data, hole in zip(self.application, self._data, self._holes, strict=True):
            if hole:
                offset += hole
                joined = False
            if data is None:
                offset += max(1, record.largest)
                joined = False
                continue
            if not data:
                continue
            if not joined:
                runs.append((offset, []))
            joined = True
            runs[-1][1].append(data)
            stream.in_order &= not stream.rows or stream.rows[-1] <= record.row
            stream.starts.append(offset)
            offset += len(data)
            stream.ends.append(offset)
            stream.rows.append(record.row)
            stream.records.append(numbers[id(record)])
        stream.pieces = [Piece(start, b"".join(parts)) for start, parts in runs]
        return stream

    def said(self) -> Iterable[Said]:
        """Its messages that were encrypted."""
        rows = self._stream.rows_completing(self._messages)
        return map(Said, rows, repeat(self._from_client), self._messages)


def _hole_before(records: Sequence[Record], at: int) -> int:
    """How many bytes the capture lacks in front of a record that a search found."""
    if not records[at].resynchronised:
        return 0
    return max(1, records[at].offset - (records[at - 1].end if at else 0))
