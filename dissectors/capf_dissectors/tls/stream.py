"""One direction of a TLS connection, from a stream with holes to records and messages."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from capf_dissectors.results import Malformed, NeedMore
from capf_dissectors.streams import Piece, contiguous_runs
from capf_dissectors.tls.messages import Message, Record
from capf_dissectors.tls.reader import StreamReader


class TlsStream(Struct):
    """What one direction of a TCP stream holds of TLS."""

    records: list[Record]
    messages: list[Message]
    problem: Malformed | None
    """The stream offset from which on the octets are not TLS; nothing behind it was read."""
    unfinished: NeedMore | None
    """What the record, or else the handshake message, that the stream ends in still lacks."""
    limited: bool
    """Whether the limits of :mod:`capf_dissectors.tls.reader` stopped the reading."""


def dissect_stream(pieces: Sequence[Piece], *, from_start: bool = True) -> TlsStream:
    """Read one direction of a TCP stream as TLS.

    With ``from_start`` offset 0 is where the connection begins; without, the first piece begins
    anywhere, and whatever does not read as clear counts as encrypted.
    """
    reader = StreamReader(from_start)
    for run in contiguous_runs(pieces):
        reader.read(run.offset, run.data)
        if reader.stopped:
            break
    return TlsStream(
        reader.records, reader.messages, reader.problem, reader.unfinished(), reader.limited
    )
