"""A TCP connection as its packets tell it: who opened, who answered, what was repeated or lost."""

from __future__ import annotations

from msgspec import Struct

from capfpcap.capture.columns import TcpFlag
from capfpcap.capture.sequence import ahead
from capfpcap.flows.covered import Covered
from capfpcap.flows.lazy import Lazy
from capfpcap.flows.selective import Selective, read_selective
from capfpcap.flows.sides import Side, Sides, read_sides
from capfpcap.flows.table import FlowView

__all__ = ["Connection", "Side", "read_connection"]

LARGEST_WINDOW = 1 << 16
"""Octets that a server sends ahead at the most; a RST further ahead is not believed."""


class Connection(Struct, eq=False, dict=True):
    """A TCP connection seen at one vantage point; its packets are read when they must be."""

    view: FlowView

    @Lazy
    def sides(self) -> Sides:
        """What each end sent, packet by packet."""
        return read_sides(self.view)

    @property
    def client(self) -> Side:
        """What the client sent."""
        return self.sides.client

    @property
    def server(self) -> Side:
        """What the server sent."""
        return self.sides.server

    @Lazy
    def established_row(self) -> int | None:
        """The first row that proves the three-way handshake whole: ACK or data after SYN-ACK."""
        return self.sides.established_row

    @Lazy
    def mid_session(self) -> bool:
        """Whether the capture began when the connection was already open."""
        return not self.client.syns and not self.server.syns

    @Lazy
    def client_start(self) -> int | None:
        """Sequence number of the client's first octet, where its SYN was captured."""
        return self.client.initial if self.client.syns else None

    @Lazy
    def server_start(self) -> int | None:
        """Sequence number of the server's first octet, where its SYN-ACK was captured."""
        return self.server.initial if self.server.syns else None

    @Lazy
    def heard(self) -> bool:
        """Whether an answer proves that the server heard the client."""
        server = self.server
        return bool(server.syns or server.segments) or self.client.acknowledged is not None

    @property
    def proves_answers(self) -> bool:
        """Whether the client acknowledges what the capture does not show of the server.

        A client whose SYN is unanswered has nothing to acknowledge, and behind a SYN-ACK it
        acknowledges more only as more comes.
        """
        server = self.server
        if server.acknowledged is None:
            return False
        return server.acknowledged > 0 or (bool(self.client.syns) and not server.syns)

    @property
    def proves_requests(self) -> bool:
        """Whether the server acknowledges octets of the client."""
        return (self.client.acknowledged or 0) > 0

    @property
    def is_half(self) -> bool:
        """Whether the capture lacks one direction, although both sides spoke."""
        if self.established_row is not None or (self.client.packets and self.server.packets):
            return False
        return self.proves_answers or self.proves_requests

    @Lazy
    def never_opened(self) -> bool:
        """Whether the server sent SYN-ACKs alone, which allow no octet of data to be sent.

        A SYN proxy answers so in a server's place until the server itself has answered.
        """
        server = self.server
        if not server.syns or server.packets != len(server.syns) or self.client.segments:
            return False
        return not any(self.view.table.columns.window[server.syns].tolist())

    @Lazy
    def repeats(self) -> bool:
        """Whether either side sent payload again."""
        return bool(self.client.repeated or self.server.repeated)

    @Lazy
    def missed(self) -> int:
        """Octets that were acknowledged and of which the capture has no packet."""
        if self.mid_session:
            return 0
        selected = self._selected_unseen(True) + self._selected_unseen(False)
        return self.client.unseen + self.server.unseen + selected

    def _selected_unseen(self, from_client: bool) -> int:
        """Octets of one side of which only a selective acknowledgement tells that they arrived."""
        selected, side = self.selected(from_client), self.side(from_client)
        if not selected.beyond:
            return 0
        seen = Covered((one.offset, one.offset + one.length, one.row) for one in side.segments)
        through = side.acknowledged or 0
        spans = [(max(start, through), end) for start, end in selected.covered if end > through]
        return sum(end - start - seen.covered(start, end) for start, end in spans)

    def selected(self, from_client: bool) -> Selective:
        """What selective acknowledgements say of the client's octets, or of the server's."""
        return self._selective[not from_client]

    @Lazy
    def _selective(self) -> tuple[Selective, Selective]:
        return (
            read_selective(self.view, self.client, from_client=True),
            read_selective(self.view, self.server, from_client=False),
        )

    @property
    def skipped_by_reset(self) -> int:
        """Octets that the server sent before its RST, by the RST's own number, and are not here."""
        server = self.server
        if not server.reset_rows or server.initial is None:
            return 0
        number = int(self.view.table.columns.sequence[server.reset_rows[0]])
        skipped = ahead(number, server.initial + server.sent)
        return skipped if skipped <= LARGEST_WINDOW else 0

    @property
    def answered(self) -> bool:
        """Whether any packet came from the server."""
        return self.server.packets > 0

    @property
    def refused(self) -> bool:
        """Whether the server's first packet to a SYN was a reset.

        One that acknowledges more than the SYN (RFC 9293, section 3.10.7.1) answers something else.
        """
        client, server = self.client, self.server
        return (
            bool(client.syns)
            and not server.syns
            and bool(server.reset_rows)
            and server.first_row == server.reset_rows[0]
            and not server.segments
            and not self._confirms_data(server.reset_rows[0])
        )

    def _confirms_data(self, row: int) -> bool:
        """Whether a packet of the server acknowledges octets that the client sent."""
        columns, initial = self.view.table.columns, self.client.initial
        if initial is None or not columns.flags[row] & TcpFlag.ACK:
            return False
        confirmed = ahead(int(columns.acknowledgement[row]), initial)
        return 0 < confirmed <= max(self.client.sent, self.client.passed_over)

    @Lazy
    def closing_row(self) -> int | None:
        """The first row with FIN or RST from either side."""
        row = min(_first_close(self.client), _first_close(self.server))
        return None if row == _NEVER else row

    @Lazy
    def closed_first_by_server(self) -> bool:
        """Whether the server's FIN or RST came before the client's."""
        return _first_close(self.server) < _first_close(self.client)

    @property
    def open_at_end(self) -> bool:
        """Whether neither side had closed when the capture ended."""
        return self.closing_row is None

    def start(self, from_client: bool) -> int | None:
        """Sequence number of a side's first octet, where its SYN was captured."""
        return self.client_start if from_client else self.server_start

    def side(self, from_client: bool) -> Side:
        """The client's side or the server's."""
        return self.client if from_client else self.server


_NEVER = 1 << 62


def _first_close(side: Side) -> int:
    """The row of a side's first FIN or RST, or one behind all rows."""
    fin = _NEVER if side.fin_row is None else side.fin_row
    return min(fin, side.reset_rows[0]) if side.reset_rows else fin


def read_connection(view: FlowView) -> Connection:
    """A connection whose packets are read at once, while they are at hand."""
    connection = Connection(view)
    connection.sides = read_sides(view)
    return connection
