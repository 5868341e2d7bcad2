"""What each side of a TCP connection sent, as its packets tell it."""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from typing import NamedTuple, TypeAlias

from msgspec import Struct, field

from capfpcap.capture.columns import TcpFlag
from capfpcap.capture.sequence import HALF, MASK, ahead, distance, wrapped
from capfpcap.flows.reassembly import Segment
from capfpcap.flows.table import FlowView

_SYN = int(TcpFlag.SYN)
_ACK = int(TcpFlag.ACK)
_FIN = int(TcpFlag.FIN)
_RST = int(TcpFlag.RST)
_ACK_RST = _ACK | _RST
_CONTROL = _SYN | _FIN | _RST

WINDOW = 1 << 16
"""Octets that may have been on their way unseen, behind the last that was captured; an
acknowledgement further ahead is not believed."""

_new = tuple.__new__
"""Makes a named tuple in half the time of its constructor, which is written in Python."""

_Packet: TypeAlias = tuple[int, int, int, int, int, bytes]
"""Row, flags, sequence number, acknowledgement number, payload on the wire, payload captured."""
_Numbers: TypeAlias = list[tuple[int, int]]
"""Rows, and what each of them says of a side: a sequence number of it, or its acknowledgement."""


class Side(Struct):
    """What one end of a connection sent. Rows are those of the flow table, in file order."""

    initial: int | None = None
    """Sequence number of the first octet of the stream (initial sequence number + 1)."""
    syns: list[int] = field(default_factory=list)
    """Rows with SYN: the client's SYN, the server's SYN-ACK."""
    packets: int = 0
    first_row: int | None = None
    last_row: int | None = None
    segments: list[Segment] = field(default_factory=list)
    """Payload in order of arrival, repetitions included, keep-alive probes not."""
    repeated: list[int] = field(default_factory=list)
    """Rows whose payload had been seen before, whole or in part."""
    fin_row: int | None = None
    reset_rows: list[int] = field(default_factory=list)
    sent: int = 0
    """Stream offset behind the highest octet that was sent."""
    acknowledged: int | None = None
    """Highest stream offset of this side's octets that the other side acknowledged."""
    acknowledged_row: int | None = None
    """The other side's row that first acknowledged that far."""

    passed_over: int = 0
    """Octets behind the last segment that packets without payload and resets count as sent: the
    capture, or the way to it, lost them."""

    @property
    def unseen(self) -> int:
        """Acknowledged octets that no packet of the capture carried, cut or whole."""
        acknowledged = min(self.acknowledged or 0, self.sent + WINDOW)
        seen = sum(segment.length for segment in self.segments)
        if seen >= acknowledged - 1 and not self.repeated:
            return 0
        covered, end = 0, 0
        for segment in sorted(self.segments):
            start = max(segment.offset, end)
            end = max(end, segment.offset + segment.length)
            covered += max(end - start, 0)
        return max(acknowledged - 1 - covered, 0)

    @property
    def unacknowledged(self) -> int:
        """Octets that were sent and, as far as the capture shows, never acknowledged."""
        return max(self.sent - (self.acknowledged or 0), 0)


class Sides(NamedTuple):
    """Both sides of a connection."""

    client: Side
    server: Side
    established_row: int | None
    """The first row that proves the three-way handshake whole: an ACK or data after the SYN-ACK."""


def read_sides(view: FlowView) -> Sides:
    """Sort the packets of a flow by who sent them, then read each side."""
    columns, rows = view.table.columns, view.rows
    packets = zip(
        range(view.start, view.stop),
        columns.flags[rows].tolist(),
        columns.sequence[rows].tolist(),
        columns.acknowledgement[rows].tolist(),
        columns.payload_length[rows].tolist(),
        view.payloads(),
        strict=True,
    )
    from_client: list[_Packet] = []
    from_server: list[_Packet] = []
    for packet, to_server in zip(packets, view.directions(), strict=True):
        (from_client if to_server else from_server).append(packet)
    client = _read_side(from_client, from_server, _SYN)
    server = _read_side(from_server, from_client, _SYN | _ACK)
    return Sides(client, server, _established_row(from_client, server))


def _established_row(from_client: list[_Packet], server: Side) -> int | None:
    if not server.syns:
        return None
    answer = server.syns[0]
    for packet in from_client:
        if packet[0] > answer and not packet[1] & (_SYN | _RST):
            return packet[0]
    return None


def _read_side(sent: list[_Packet], received: list[_Packet], opening: int) -> Side:
    """One side from the packets each way.

    ``opening`` is which of SYN and ACK opens its stream. The acknowledgement number of a reset
    means nothing.
    """
    side = Side(packets=len(sent))
    if sent:
        side.first_row, side.last_row = sent[0][0], sent[-1][0]
    _take_control(side, [packet for packet in sent if packet[1] & _CONTROL], opening)
    confirmed = [(packet[0], packet[3]) for packet in received if packet[1] & _ACK_RST == _ACK]
    if side.initial is None:
        side.initial = _first_number(sent, confirmed)
    if side.initial is None:
        return side
    if opening == _SYN and len(side.syns) > 1:
        confirmed = _without_former(side, side.initial, sent, confirmed)
    if not _take_in_order(side, side.initial, sent, confirmed):
        _take_disordered(side, side.initial, sent, confirmed)
    side.passed_over = _passed_over(side.initial + side.sent, sent, received)
    _shift_to_zero(side)
    return side


def _passed_over(following: int, sent: list[_Packet], received: list[_Packet]) -> int:
    """How far the side's bare packets, or resets of the other side, are ahead of its last segment.

    ``following`` is the number that follows that segment. A FIN takes a number of its own, and so
    being ahead by one means nothing. What somebody forged may say any number: one out of the window
    is not believed.
    """
    numbers = [packet[2] for packet in sent if not packet[4]]
    numbers += [packet[3] for packet in received if packet[1] & _ACK_RST == _ACK_RST]
    further = [ahead(number, following) for number in numbers]
    return max((beyond for beyond in further if 1 < beyond <= WINDOW), default=0)


def _take_in_order(side: Side, initial: int, sent: list[_Packet], confirmed: _Numbers) -> bool:
    """The common case; False, and nothing taken, where octets are lost, repeated or out of order.

    False also where numbers wrap around or lie before ``initial``. A SYN takes a number of its own.
    """
    segments = [
        _new(Segment, (number + (flags & _SYN) // _SYN - initial & MASK, length, data, row))
        for row, flags, number, _, length, data in sent
        if length and not flags & _RST
    ]
    end = 0
    for segment in segments:
        if segment[0] != end:
            return False
        end += segment[1]
    through = [number - initial & MASK for _, number in confirmed]
    if through:
        acknowledged = max(through)
        if acknowledged >= HALF or end >= HALF:
            return False
        side.acknowledged = acknowledged
        side.acknowledged_row = confirmed[through.index(acknowledged)][0]
    side.segments, side.sent = segments, end
    return True


def _take_disordered(side: Side, initial: int, sent: list[_Packet], confirmed: _Numbers) -> None:
    """The general case."""
    payload = [packet for packet in sent if packet[4] and not packet[1] & _RST]
    numbers = [(packet[0], _first_octet(packet)) for packet in payload]
    offsets, through = _offsets(initial, numbers, confirmed)
    highest = list(accumulate(through, max))
    rows = [row for row, _ in confirmed]
    if highest:
        side.acknowledged = highest[-1]
        side.acknowledged_row = rows[bisect_left(highest, side.acknowledged)]
    _take_payload(side, payload, offsets, _Acknowledged(rows, highest))


def _take_control(side: Side, packets: list[_Packet], opening: int) -> None:
    """SYN, FIN and RST; the first SYN fixes where the stream begins."""
    for row, flags, sequence, *_ in packets:
        if flags & _SYN and flags & (_SYN | _ACK) == opening:
            if not side.syns:
                side.initial = wrapped(sequence + 1)
            side.syns.append(row)
        if flags & _FIN and side.fin_row is None:
            side.fin_row = row
        if flags & _RST:
            side.reset_rows.append(row)


def _without_former(side: Side, initial: int, sent: list[_Packet], confirmed: _Numbers) -> _Numbers:
    """Leaves out what lies before a repeated SYN and speaks of a former connection's numbers.

    A server that still holds the former one acknowledges that; the client resets it and repeats its
    SYN (RFC 9293, section 3.5.1).
    """
    again = side.syns[-1]
    own = initial - 1
    former = {row for row, _, number, *_ in sent if ahead(number, own) > WINDOW}
    side.reset_rows = [row for row in side.reset_rows if row > again or row not in former]
    return [
        (row, number) for row, number in confirmed if row > again or ahead(number, own) <= WINDOW
    ]


def _first_number(sent: list[_Packet], confirmed: _Numbers) -> int | None:
    """Where no SYN was captured, the first sequence number that either side told."""
    told = confirmed[:1] + [(packet[0], _first_octet(packet)) for packet in sent[:1]]
    return min(told)[1] if told else None


def _first_octet(packet: _Packet) -> int:
    """The sequence number of the first octet of payload: a SYN takes one of its own."""
    return wrapped(packet[2] + (1 if packet[1] & _SYN else 0))


def _offsets(initial: int, numbers: _Numbers, confirmed: _Numbers) -> tuple[list[int], list[int]]:
    """Stream offsets of the payloads, and of the acknowledgements.

    The offset of a number is, of all it may mean, the one nearest to the highest before it.
    """
    highest = 0
    by_row: dict[int, int] = {}
    for row, number in sorted(numbers + confirmed):
        by_row[row] = highest + distance(number, initial + highest)
        highest = max(highest, by_row[row])
    return [by_row[row] for row, _ in numbers], [by_row[row] for row, _ in confirmed]


class _Acknowledged(NamedTuple):
    """How far the octets of a side were acknowledged, over time."""

    rows: list[int]
    highest: list[int]
    """In the row at the same place, the highest stream offset acknowledged up to there."""

    def before(self, row: int) -> int | None:
        """The highest stream offset acknowledged before a row."""
        count = bisect_left(self.rows, row)
        return self.highest[count - 1] if count else None


def _take_payload(
    side: Side, packets: list[_Packet], offsets: list[int], acknowledged: _Acknowledged
) -> None:
    """Payload; a keep-alive probe repeats the one octet before the next (RFC 9293, 3.8.4)."""
    segments, sent = side.segments, 0
    for (row, _, _, _, length, data), offset in zip(packets, offsets, strict=True):
        if offset < sent:
            if length == 1 and offset == sent - 1 and acknowledged.before(row) == sent:
                continue
            if segments:
                side.repeated.append(row)
        segments.append(Segment(offset, length, data, row))
        sent = max(sent, offset + length)
    side.sent = sent


def _shift_to_zero(side: Side) -> None:
    """Where no SYN told the beginning, the lowest octet captured is offset 0."""
    if side.syns or not side.segments:
        return
    lowest = min(segment.offset for segment in side.segments)
    if lowest >= 0:
        return
    side.segments = [segment._replace(offset=segment.offset - lowest) for segment in side.segments]
    side.sent -= lowest
    if side.acknowledged is not None:
        side.acknowledged -= lowest
