"""The Domain Name System: one UDP payload or one TCP stream in, messages out (RFC 1035).

The frame of a message is read here, so that a message cut short by a capture still tells its
header; the names and data of unusual ones are read by dnspython, loaded with the first of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from capf_dissectors.dns.message import Answer, DnsMessage, Question, StreamMessage
from capf_dissectors.dns.usual import read_usual
from capf_dissectors.results import Malformed, NeedMore
from capf_dissectors.streams import Piece

__all__ = [
    "HEADER_LENGTH",
    "MAX_STREAM_MESSAGES",
    "Answer",
    "DnsMessage",
    "Question",
    "StreamMessage",
    "dissect",
    "dissect_cut",
    "dissect_stream",
]

HEADER_LENGTH = 12
MAX_STREAM_MESSAGES = 10_000
"""Messages read from one direction of one TCP connection."""
_REMEMBERED_MESSAGES = 4096
_REMEMBERED_LENGTH = 1500
"""Longer messages are read each time, so that what is remembered is bounded."""


def dissect(payload: bytes) -> DnsMessage | NeedMore | Malformed:
    """The message that one UDP payload is; octets behind its last record are passed over."""
    result, _ = _read(payload)
    return result


def dissect_cut(payload: bytes) -> DnsMessage | NeedMore | Malformed:
    """What a payload of which the capture holds only the beginning says.

    ``NeedMore`` only where not even the header is there.
    """
    result, beginning = _read(payload)
    return beginning if isinstance(result, NeedMore) and beginning is not None else result


def dissect_stream(pieces: Sequence[Piece]) -> list[StreamMessage]:
    """The messages of one direction of a TCP connection (RFC 7766): each after its length.

    A message with a hole is ``NeedMore``. Behind a hole that hides where messages begin, reading
    goes on where the next piece begins, provided that a message begins there.
    """
    messages: list[StreamMessage] = []
    position = pieces[0].offset if pieces else 0
    for piece in pieces:
        in_step = position >= piece.offset
        position = max(position, piece.offset)
        while position < piece.end and len(messages) < MAX_STREAM_MESSAGES:
            message = _stream_message(piece, position)
            if not in_step and not isinstance(message.result, DnsMessage):
                position = piece.end
                break
            in_step = True
            messages.append(message)
            position = message.end
    return messages


def _stream_message(piece: Piece, position: int) -> StreamMessage:
    at = position - piece.offset
    prefix = piece.data[at : at + 2]
    if len(prefix) < 2:
        return StreamMessage(position, piece.end, NeedMore(1))
    length = int.from_bytes(prefix, "big")
    payload = piece.data[at + 2 : at + 2 + length]
    result: DnsMessage | NeedMore | Malformed
    if len(payload) < length:
        result = NeedMore(length - len(payload))
    else:
        result = dissect(payload)
        if isinstance(result, NeedMore):
            result = Malformed(length, "the message ends before its last record")
    return StreamMessage(position, position + 2 + length, result)


_Outcome = tuple[DnsMessage | NeedMore | Malformed, DnsMessage | None]
"""The answer, and of a message that was cut what its beginning says."""


def _read(payload: bytes) -> _Outcome:
    """Read a message; those alike but for their id, as most are, are read once."""
    if len(payload) < HEADER_LENGTH:
        return NeedMore(HEADER_LENGTH - len(payload)), None
    read = _read_remembered if len(payload) <= _REMEMBERED_LENGTH else _read_body
    result, beginning = read(payload[2:])
    identifier = payload[0] << 8 | payload[1]
    if isinstance(result, DnsMessage):
        return DnsMessage(identifier, *result[1:]), None
    return result, beginning and beginning._replace(id=identifier)


def _read_body(body: bytes) -> _Outcome:
    """Read a message without its first field, the id."""
    wire = b"\0\0" + body
    usual = read_usual(wire)
    if usual is not None:
        return usual, None
    from capf_dissectors.dns.reader import read_message  # noqa: PLC0415 - loads dnspython

    return read_message(wire)


_read_remembered = lru_cache(_REMEMBERED_MESSAGES)(_read_body)
