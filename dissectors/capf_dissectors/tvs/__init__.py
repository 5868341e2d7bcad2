"""The Trust Verification Service's messages, as they are inside TLS.

Header: 0x57, version, command, a byte without meaning, session id (4 bytes), length of the elements
(2 bytes). The client speaks first: it asks for one certificate, and one answer ends the session.
"""

from __future__ import annotations

from collections.abc import Sequence

from capf_dissectors import framed
from capf_dissectors.framed import Element, FramedStream, Framing, Message
from capf_dissectors.results import Malformed, NeedMore
from capf_dissectors.streams import Piece
from capf_dissectors.tvs.registries import (
    COMMAND_NAMES,
    ELEMENT_NAMES,
    Command,
    Status,
    Tag,
    command_name,
    element_name,
)

__all__ = [
    "COMMAND_NAMES",
    "ELEMENT_NAMES",
    "FRAMING",
    "HEADER_LENGTH",
    "Command",
    "Element",
    "Message",
    "Status",
    "Tag",
    "command_name",
    "dissect",
    "dissect_stream",
    "element_name",
]

HEADER_LENGTH = 10
FRAMING = Framing(
    "TVS",
    magic=0x57,
    length=HEADER_LENGTH,
    version_at=1,
    command_at=2,
    session_at=4,
    commands=frozenset(COMMAND_NAMES),
    tags=frozenset(ELEMENT_NAMES),
)


def dissect(data: bytes, offset: int = 0) -> Message | NeedMore | Malformed:
    """The message that begins at ``data[offset]``; what follows it is passed over."""
    return framed.dissect(FRAMING, data, offset)


def dissect_stream(pieces: Sequence[Piece]) -> FramedStream:
    """The messages of one direction, decrypted."""
    return framed.dissect_stream(FRAMING, pieces)
