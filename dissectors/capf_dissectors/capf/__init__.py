"""The Certificate Authority Proxy Function's messages, as they are inside TLS.

Header: 0x55, command, session id (4 bytes), length of the elements (2 bytes). The server speaks
first, and gives the session its id.
"""

from __future__ import annotations

from collections.abc import Sequence

from capf_dissectors import framed
from capf_dissectors.capf.registries import (
    ELEMENT_NAMES,
    AuthType,
    CertType,
    Curve,
    KeyType,
    Reason,
    Tag,
    element_name,
)
from capf_dissectors.capf_order import COMMAND_NAMES, Command, command_name
from capf_dissectors.framed import Element, FramedStream, Framing, Message
from capf_dissectors.results import Malformed, NeedMore
from capf_dissectors.streams import Piece

__all__ = [
    "COMMAND_NAMES",
    "ELEMENT_NAMES",
    "FRAMING",
    "HEADER_LENGTH",
    "AuthType",
    "CertType",
    "Command",
    "Curve",
    "Element",
    "KeyType",
    "Message",
    "Reason",
    "Tag",
    "command_name",
    "dissect",
    "dissect_stream",
    "element_name",
]

HEADER_LENGTH = 8
FRAMING = Framing(
    "CAPF",
    magic=0x55,
    length=HEADER_LENGTH,
    version_at=None,
    command_at=1,
    session_at=2,
    commands=frozenset(COMMAND_NAMES),
    tags=frozenset(ELEMENT_NAMES),
)


def dissect(data: bytes, offset: int = 0) -> Message | NeedMore | Malformed:
    """The message that begins at ``data[offset]``; what follows it is passed over."""
    return framed.dissect(FRAMING, data, offset)


def dissect_stream(pieces: Sequence[Piece]) -> FramedStream:
    """The messages of one direction, decrypted."""
    return framed.dissect_stream(FRAMING, pieces)
