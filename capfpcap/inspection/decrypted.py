"""Messages that keys reveal, field by field, beside their plaintext."""

from __future__ import annotations

from collections.abc import Iterator

from capf_dissectors.capf import Tag
from capf_dissectors.framed import Message
from capf_dissectors.outline import Node
from capf_dissectors.outline.capf import outline_capf, outline_tvs

from capfpcap.flows.reassembly import Stream
from capfpcap.inspection.views import StreamPayload
from capfpcap.services import Service
from capfpcap.timeline.decrypted import Decrypted
from capfpcap.timeline.plaintext.events import label_of
from capfpcap.timeline.plaintext.messages import PlainMessages
from capfpcap.timeline.session import Session

MAX_MESSAGES = 32
"""Messages of one packet that are shown; a record has one, seldom two."""


def decrypted_messages(
    carried: StreamPayload, session: Session, decrypted: Decrypted, read: PlainMessages
) -> Iterator[Node]:
    """The messages that a packet completes; a password is hidden in the bytes too."""
    payload = carried.payload
    is_tvs = session.view.service is Service.TVS
    said = decrypted.client if payload.from_client else decrypted.server
    here = [
        one
        for one in read.messages
        if one.row == payload.row and one.from_client == payload.from_client
    ]
    for one in here[:MAX_MESSAGES]:
        data = _bytes_of(said, one.message)
        if not is_tvs and not session.view.table.show_secrets:
            data = _without_password(data, one.message)
        place = payload.views.add(f"Decrypted {label_of(session, one.message)}", data)
        yield from place.outlined(outline_tvs if is_tvs else outline_capf)


def _bytes_of(stream: Stream, message: Message) -> bytes:
    """A message's plaintext, as far as it is read without a hole."""
    end = message.end - message.missing
    for piece in stream.pieces:
        if piece.offset <= message.offset and end <= piece.end:
            return piece.data[message.offset - piece.offset : end - piece.offset]
    return b""


def _without_password(data: bytes, message: Message) -> bytes:
    hidden = bytearray(data)
    for element in message.elements:
        if element.tag == Tag.PASSWORD:
            at = element.value_offset - message.offset
            hidden[at : at + len(element.value)] = b"*" * len(element.value)
    return bytes(hidden)
