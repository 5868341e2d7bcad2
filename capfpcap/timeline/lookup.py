"""DNS questions with their answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from capf_dissectors import dns
from capf_dissectors.dns import DnsMessage

from capfpcap.flows.connection import Connection
from capfpcap.flows.reassembly import Stream, assemble
from capfpcap.flows.table import FlowView

ADDRESS_TYPES = frozenset({"A", "AAAA"})
MAX_LOOKUPS = 4096
"""Questions of one flow that are followed; more than that is no phone."""


@dataclass(slots=True, eq=False)
class Lookup:
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
    messages = (
        (row, from_client, dns.dissect(payload))
        for row, from_client, payload in zip(
            range(view.start, view.stop), view.directions(), view.payloads(), strict=True
        )
    )
    return _paired(view, messages)


def read_stream_lookups(view: FlowView, connection: Connection) -> list[Lookup]:
    """The questions and answers of a TCP flow."""
    messages = []
    for from_client in (True, False):
        stream = assemble(connection.side(from_client).segments)
        messages += [(row, from_client, message) for row, message in _in_stream(stream)]
    messages.sort(key=lambda item: item[0])
    return _paired(view, iter(messages))


def _in_stream(stream: Stream) -> Iterator[tuple[int, object]]:
    for offset, end, message in dns.dissect_stream(stream.pieces):
        if isinstance(message, DnsMessage):
            yield stream.row_completing(offset, end), message


def _paired(view: FlowView, messages: Iterator[tuple[int, bool, object]]) -> list[Lookup]:
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
    lookup.addresses = tuple(
        answer.value for answer in message.answers if answer.type in ADDRESS_TYPES
    )
