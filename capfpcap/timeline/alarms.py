"""The alarms with which phones tell, by SIP in the clear, which trust lists they hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
from capf_dissectors.sip_alarm import (
    Alarm,
    SipMessage,
    TrustListAlarm,
    alarms_in,
    dissect,
    trust_list_alarm,
)
from msgspec import Struct

from capfpcap.capture.columns import IpProtocol
from capfpcap.capture.ports import SIP
from capfpcap.capture.sequence import distance
from capfpcap.flows.reassembly import Segment, assemble
from capfpcap.flows.table import FlowTable

MOST_ALARMS = 1 << 16
"""Of one capture: each phone sends one as it registers."""
_APART = 1 << 17
"""Bytes between segments of a stream that have nothing to do with each other."""
_LONGEST_RUN = 1 << 22
"""Bytes of a stream that are put together at a time."""
_METHOD = b"REFER "


class SeenAlarm(Struct, frozen=True):
    """An alarm about trust lists."""

    row: int
    """Row of :attr:`FlowTable.others` with which it was whole."""
    time: int
    """Nanoseconds since 1970 UTC, as the table has it."""
    source: int
    """Address code of the sender."""
    said: TrustListAlarm


def read_alarms(table: FlowTable) -> list[SeenAlarm]:
    """The alarms of a capture, in the order of time; what is cut short tells nothing."""
    others = table.others
    if not len(others):
        return []
    rows = np.flatnonzero(others.destination_port == SIP)
    if not len(rows):
        return []
    found: list[SeenAlarm] = []
    streams: defaultdict[tuple[int, int, int], list[int]] = defaultdict(list)
    for row in rows.tolist():
        if int(others.protocol[row]) == IpProtocol.UDP:
            found += _of_datagram(table, row)
        else:
            key = (
                int(others.source[row]),
                int(others.source_port[row]),
                int(others.destination[row]),
            )
            streams[key].append(row)
    for members in streams.values():
        found += _of_stream(table, members)
    found.sort(key=lambda alarm: alarm.time)
    return found[:MOST_ALARMS]


def _of_datagram(table: FlowTable, row: int) -> Iterator[SeenAlarm]:
    message = dissect(table.capture.payloads.read(table.others, row), datagram=True)
    if isinstance(message, SipMessage):
        yield from _told(table, row, message)


def _of_stream(table: FlowTable, rows: list[int]) -> Iterator[SeenAlarm]:
    """The alarms of one sender, of whose stream little more than they is kept."""
    sequences = table.others.sequence[rows].tolist()
    placed = sorted(
        (distance(sequence, sequences[0]), row)
        for row, sequence in zip(rows, sequences, strict=True)
    )
    run: list[tuple[int, int]] = []
    for offset, row in placed:
        if run and (offset - run[-1][0] > _APART or offset - run[0][0] > _LONGEST_RUN):
            yield from _of_run(table, run)
            run = []
        run.append((offset, row))
    yield from _of_run(table, run)


def _of_run(table: FlowTable, run: list[tuple[int, int]]) -> Iterator[SeenAlarm]:
    """The alarms in segments that lie near each other, given by their places in the stream."""
    others, first = table.others, run[0][0]
    stream = assemble(
        [
            Segment(
                offset - first,
                int(others.payload_length[row]),
                table.capture.payloads.read(others, row),
                row,
            )
            for offset, row in run
        ]
    )
    for piece in stream.pieces:
        at = 0
        while 0 <= at < len(piece.data):
            message = dissect(piece.data, at)
            if isinstance(message, SipMessage):
                row = stream.row_completing(piece.offset + at, piece.offset + message.end)
                yield from _told(table, row, message)
                at = message.end
            else:
                at = piece.data.find(_METHOD, at + 1)


def _told(table: FlowTable, row: int, message: SipMessage) -> Iterator[SeenAlarm]:
    for alarm in alarms_in(message):
        said = trust_list_alarm(alarm) if isinstance(alarm, Alarm) else None
        if said is not None:
            time, source = int(table.others.time[row]), int(table.others.source[row])
            yield SeenAlarm(row, time, source, said)
