"""DNS questions with their answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from capf_dissectors import dns
from capf_dissectors.dns import DnsMessage
from msgspec import Struct

from capfpcap.flows.connection import Connection
from capfpcap.flows.reassembly import Stream, assemble
from capfpcap.flows.table import FlowView

ADDRESS_TYPES = frozenset({"A", "AAAA"})
MAX_LOOKUPS = 4096
"""Questions of one flow that are followed; more than that is no phone."""
MAX_MESSAGES = 4 * MAX_LOOKUPS
"""Datagrams of one flow that are read: each question, its answer, and both once again."""
_ID = 2
"""Octets of a message's id, its first field."""
_REMEMBERED_EXCHANGES = 2048
_REMEMBERED_LENGTH = 1024
"""Octets of query and answer together, so that what is remembered is bounded."""
_Addresses = tuple[str, ...]


class Lookup(Struct, eq=False):
    """One question to one server, its repetitions included, and the first answer."""

    view: FlowView
    name: str
    """Lower case, without the final dot."""
    type: str
    server: int
    """Address code."""
    query_rows: list[int]
    answer_row: int | None = None
    rcode: str | None = None
    """``NOERROR``, ``NXDOMAIN``… (IANA DNS RCODEs); None without an answer."""
    addresses: tuple[str, ...] = ()
    """The addresses in the answer, aliases followed."""
    truncated: bool = False
    """The answer says that it continues over TCP."""

    @property
    def asked(self) -> int:
        """Time of the first query, nanoseconds since 1970 UTC."""
        return int(self.view.table.columns.time[self.query_rows[0]])

    @property
    def answered(self) -> int | None:
        """Time of the answer."""
        if self.answer_row is None:
            return None
        return int(self.view.table.columns.time[self.answer_row])


def read_lookups(view: FlowView) -> list[Lookup]:
    """The questions and answers of a UDP flow."""
    directions, payloads = view.directions(), view.payloads()
    if directions == [True, False] and payloads[0][:_ID] == payloads[1][:_ID]:
        plain = _plain(view, *payloads)
        if plain is not None:
            return [plain]
    messages = map(dns.dissect, payloads[:MAX_MESSAGES])
    return paired(view, zip(range(view.start, view.stop), directions, messages, strict=False))


def _plain(view: FlowView, query: bytes, answer: bytes) -> Lookup | None:
    """The lookup that is one query and its answer; None where they are anything else."""
    if len(query) + len(answer) > _REMEMBERED_LENGTH:
        return None
    exchange = _exchange(query[_ID:], answer[_ID:])
    if exchange is None:
        return None
    asked, answered, addresses = exchange
    name, kind = asked.questions[0]
    return Lookup(
        view,
        name,
        kind,
        view.server,
        [view.start],
        view.start + 1,
        answered.rcode,
        addresses,
        answered.truncated,
    )


@lru_cache(_REMEMBERED_EXCHANGES)
def _exchange(query: bytes, answer: bytes) -> tuple[DnsMessage, DnsMessage, _Addresses] | None:
    """A query and its answer, without their ids; most phones ask the same and are told the same."""
    asked, answered = dns.dissect(b"\0\0" + query), dns.dissect(b"\0\0" + answer)
    if not isinstance(asked, DnsMessage) or not isinstance(answered, DnsMessage):
        return None
    if asked.is_response or not answered.is_response or not asked.questions:
        return None
    if asked.questions[:1] != answered.questions[:1]:
        return None
    return asked, answered, _addresses(answered)


def read_stream_lookups(view: FlowView, connection: Connection) -> list[Lookup]:
    """The questions and answers of a TCP flow."""
    messages = []
    for from_client in (True, False):
        stream = assemble(connection.side(from_client).segments)
        messages += [(row, from_client, message) for row, message in _in_stream(stream)]
    messages.sort(key=lambda item: item[0])
    return paired(view, messages)


def _in_stream(stream: Stream) -> Iterator[tuple[int, object]]:
    for offset, end, message in dns.dissect_stream(stream.pieces):
        if isinstance(message, DnsMessage):
            yield stream.row_completing(offset, end), message


def paired(view: FlowView, messages: Iterable[tuple[int, bool, object]]) -> list[Lookup]:
    """Answers tied to questions by id and question (RFC 5452, section 3)."""
    lookups: list[Lookup] = []
    latest: dict[tuple[int, str, str], Lookup] = {}
    for row, from_client, message in messages:
        if not isinstance(message, DnsMessage) or not message.questions:
            continue
        name, kind = message.questions[0]
        key = (message.id, name, kind)
        known = latest.get(key)
        if message.is_response:
            if known is not None and not from_client and known.answer_row is None:
                _take_answer(known, row, message)
        elif from_client:
            if known is not None and known.answer_row is None:
                known.query_rows.append(row)
            elif len(lookups) < MAX_LOOKUPS:
                latest[key] = Lookup(view, name, kind, view.server, [row])
                lookups.append(latest[key])
    return lookups


def _take_answer(lookup: Lookup, row: int, message: DnsMessage) -> None:
    lookup.answer_row = row
    lookup.rcode = message.rcode
    lookup.truncated = message.truncated
    lookup.addresses = _addresses(message)


def _addresses(message: DnsMessage) -> _Addresses:
    return tuple([answer.value for answer in message.answers if answer.type in ADDRESS_TYPES])
