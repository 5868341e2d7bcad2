"""TLS records and readable handshakes of many streams at once, where they are as they should be.

All streams are walked in lockstep, a record of each at a time. A stream fits if it is nothing but
whole records: handshake in the clear, ChangeCipherSpec, then Finished and what follows it,
encrypted. Of such a stream follows from these records what
:func:`~capf_dissectors.tls.dissect_stream` would say; of any other nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from capf_dissectors.tls import ContentType, HandshakeType
from capf_dissectors.tls.record_header import HEADER_LENGTH, MAX_FRAGMENT

from capfpcap.flows.stream_line import Numbers, StreamLine

_Marks = npt.NDArray[np.bool_]

_MOST_RECORDS = 64
"""Records of a stream; CAPF has a dozen."""
_MOST_MESSAGES = 8
"""Handshake messages in one record."""
_MESSAGE_HEADER = 4
"""Type and 24-bit length (RFC 8446, section 4)."""
_ALERT_LENGTH = 2
"""Octets of a readable alert."""
_CLIENT_HELLO, _SERVER_HELLO = int(HandshakeType.CLIENT_HELLO), int(HandshakeType.SERVER_HELLO)
"""Behind ChangeCipherSpec a record that begins so may be readable after all."""
_USUAL = np.zeros((2, 256), np.bool_)
"""Which handshake types are usual from a client, and which from a server."""
_USUAL[0, [HandshakeType.CLIENT_HELLO, HandshakeType.CLIENT_KEY_EXCHANGE]] = True
_USUAL[
    1,
    [
        HandshakeType.SERVER_HELLO,
        HandshakeType.NEW_SESSION_TICKET,
        HandshakeType.CERTIFICATE,
        HandshakeType.SERVER_KEY_EXCHANGE,
        HandshakeType.SERVER_HELLO_DONE,
        HandshakeType.CERTIFICATE_STATUS,
    ],
] = True


class Records(NamedTuple):
    """TLS records in columns, stream by stream, in their order."""

    stream: Numbers
    kind: npt.NDArray[np.uint8]
    """Content type."""
    start: Numbers
    """Place of the fragment."""
    end: Numbers
    first: npt.NDArray[np.uint8]
    """The fragment's first octet."""


class Messages(NamedTuple):
    """Handshake messages in the clear, in columns."""

    stream: Numbers
    kind: npt.NDArray[np.uint8]
    """Handshake type."""
    start: Numbers
    """Place of the message's header."""
    end: Numbers


class Walk(NamedTuple):
    """What many streams say."""

    both_fit: _Marks
    """For each connection, whether what is said here of its two streams is true."""
    records: Records
    messages: Messages


def walk_streams(line: StreamLine) -> Walk:
    """Read all streams of a line: the client's of connection ``n`` is the one at ``2 * n``."""
    fits = line.ends > line.begins
    records = _read_records(line, fits)
    changes = _changes(records, len(fits))
    kind, length = records.kind, records.end - records.start
    finished = (changes == 1) & (kind == ContentType.HANDSHAKE)
    fits &= np.bincount(records.stream[finished], minlength=len(fits)) > 0
    in_order = (
        ((changes == 0) & (kind == ContentType.HANDSHAKE))
        | ((changes == 1) & _is_change(records))
        | (finished & (records.first != _CLIENT_HELLO) & (records.first != _SERVER_HELLO))
        | ((changes == 1) & (kind == ContentType.APPLICATION_DATA))
        | ((changes == 1) & (kind == ContentType.ALERT) & (length != _ALERT_LENGTH))
    )
    fits[records.stream[~in_order]] = False
    messages = _read_messages(line, records, (changes == 0) & fits[records.stream], fits)
    _judge_messages(messages, fits)
    return Walk(fits[0::2] & fits[1::2], records, messages)


def _read_records(line: StreamLine, fits: _Marks) -> Records:
    """The records of all streams; marks those as not fitting that hold anything else."""
    parts = []
    stream = np.flatnonzero(fits)
    place = line.begins[stream]
    for _ in range(_MOST_RECORDS):
        head = line.heads(place, HEADER_LENGTH + 1)
        kind, length = head[:, 0], head[:, 3].astype(np.int64) << 8 | head[:, 4]
        start = place + HEADER_LENGTH
        end = start + length
        good = (kind >= ContentType.CHANGE_CIPHER_SPEC) & (kind <= ContentType.APPLICATION_DATA)
        good &= (head[:, 1] == 3) & (length > 0) & (length <= MAX_FRAGMENT)
        good &= end <= line.ends[stream]
        fits[stream[~good]] = False
        columns = (stream, kind, start, end, head[:, HEADER_LENGTH])
        parts.append([column[good] for column in columns])
        more = good & (end < line.ends[stream])
        stream, place = stream[more], end[more]
        if not len(stream):
            break
    fits[stream] = False
    order = np.argsort(np.concatenate([part[2] for part in parts]))
    return Records(*(np.concatenate(column)[order] for column in zip(*parts, strict=True)))


def _is_change(records: Records) -> _Marks:
    """Marks ChangeCipherSpec as it must be: one octet, 1."""
    right = (records.end - records.start == 1) & (records.first == 1)
    marks: _Marks = right & (records.kind == ContentType.CHANGE_CIPHER_SPEC)
    return marks


def _changes(records: Records, streams: int) -> Numbers:
    """How many ChangeCipherSpec there were in the stream up to each record, that one included."""
    sums = np.cumsum(records.kind == ContentType.CHANGE_CIPHER_SPEC)
    begins = np.searchsorted(records.stream, np.arange(streams))
    before = np.append(0, sums)[begins]
    changes: Numbers = sums - before[records.stream]
    return changes


def _read_messages(line: StreamLine, records: Records, clear: _Marks, fits: _Marks) -> Messages:
    """The messages in the records that are marked, each of which they must fill."""
    parts = []
    stream, place, stop = records.stream[clear], records.start[clear], records.end[clear]
    for _ in range(_MOST_MESSAGES):
        head = line.heads(place, _MESSAGE_HEADER).astype(np.int64)
        end = place + _MESSAGE_HEADER + (head[:, 1] << 16 | head[:, 2] << 8 | head[:, 3])
        good = end <= stop
        fits[stream[~good]] = False
        columns = (stream, head[:, 0].astype(np.uint8), place, end)
        parts.append([column[good] for column in columns])
        more = good & (end < stop)
        stream, place, stop = stream[more], end[more], stop[more]
        if not len(stream):
            break
    fits[stream] = False
    return Messages(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _judge_messages(messages: Messages, fits: _Marks) -> None:
    """Mark streams as not fitting that say anything else than what sessions begin with."""
    fits[messages.stream[~_USUAL[messages.stream & 1, messages.kind]]] = False
    for kind in (HandshakeType.SERVER_HELLO, HandshakeType.CERTIFICATE):
        count = np.bincount(messages.stream[messages.kind == kind], minlength=len(fits))
        fits[1::2] &= count[1::2] == 1
