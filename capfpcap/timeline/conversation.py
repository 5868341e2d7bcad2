"""All that was said in one flow at one vantage point."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct, field

from capfpcap.capture.columns import IpProtocol
from capfpcap.flows.connection import Connection, read_connection
from capfpcap.flows.table import FlowTable, FlowView
from capfpcap.services import Reader
from capfpcap.timeline.files import FileTransfer
from capfpcap.timeline.lookup import Lookup, read_lookups, read_stream_lookups
from capfpcap.timeline.plain_sessions import plain_sessions
from capfpcap.timeline.session import Session
from capfpcap.timeline.tftp import read_transfers
from capfpcap.timeline.tftp_plain import plain_downloads
from capfpcap.timeline.web import read_downloads


class Conversation(Struct, eq=False):
    """One flow, dissected."""

    view: FlowView
    connection: Connection | None = None
    """For TCP."""
    session: Session | None = None
    """For services that speak TLS."""
    transfers: list[FileTransfer] = field(default_factory=list)
    lookups: list[Lookup] = field(default_factory=list)

    @property
    def exchanges(self) -> int:
        """How many questions and transfers this capture shows of the flow."""
        return len(self.lookups) + len(self.transfers)

    @property
    def missing(self) -> int:
        """How much of the flow this capture lacks, for comparing vantage points.

        Octets of TCP payload, or of other exchanges those without an end or with holes.
        """
        if self.session is not None:
            return self.session.missing
        unanswered = sum(lookup.answer_row is None for lookup in self.lookups)
        return unanswered + sum(
            transfer.end_row is None or transfer.incomplete_reason is not None
            for transfer in self.transfers
        )


def read_conversations(table: FlowTable, views: Sequence[FlowView]) -> list[Conversation]:
    """Dissect flows of one table; cheaper than one by one where they are many."""
    plain = {
        start: Conversation(session.view, session.connection, session)
        for start, session in plain_sessions(table, views).items()
    }
    others = [view for view in views if view.start not in plain]
    files = plain_downloads(table, others)
    read = plain | {
        view.start: read_conversation(view, one_file=view.start in files)
        for view in table.walk(others)
    }
    if table.keys is not None:
        from capfpcap.timeline.decrypting import decrypt_sessions  # noqa: PLC0415 - rarely needed

        unread = [read[view.start].session for view in others]
        decrypt_sessions(table.keys.secrets, [session for session in unread if session is not None])
    return [read[view.start] for view in views]


def read_conversation(view: FlowView, *, one_file: bool = False) -> Conversation:
    """Dissect one flow; ``one_file`` tells that it is one of :func:`plain_downloads`."""
    reader = view.service.facts.reader
    if reader is Reader.TFTP:
        return Conversation(view, transfers=read_transfers(view, one_file=one_file))
    return _READERS[reader](view)


def _names(view: FlowView) -> Conversation:
    if int(view.table.columns.protocol[view.start]) == IpProtocol.UDP:
        return Conversation(view, lookups=read_lookups(view))
    connection = read_connection(view)
    return Conversation(view, connection, lookups=read_stream_lookups(view, connection))


def _web(view: FlowView) -> Conversation:
    connection = read_connection(view)
    return Conversation(view, connection, transfers=read_downloads(view, connection))


def _tls(view: FlowView) -> Conversation:
    connection = read_connection(view)
    return Conversation(view, connection, session=Session(connection))


def _stream(view: FlowView) -> Conversation:
    return Conversation(view, read_connection(view))


_READERS: dict[Reader, Callable[[FlowView], Conversation]] = {
    Reader.DNS: _names,
    Reader.TFTP: read_conversation,
    Reader.HTTP: _web,
    Reader.TLS: _tls,
    Reader.STREAM: _stream,
}
