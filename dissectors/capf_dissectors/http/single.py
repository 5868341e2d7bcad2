"""Reads a single HTTP message with an h11 connection made for it."""

from __future__ import annotations

import re
from collections.abc import Callable

import h11
from msgspec import Struct

from capf_dissectors.http.feed import Feed
from capf_dissectors.http.message import BodyState
from capf_dissectors.results import Malformed

MAX_HEAD = 64 * 1024
"""Octets of a start line with its header fields."""
MAX_BODY = 8 * 1024 * 1024
"""Octets kept of a body; a phone's firmware is larger, what enrolment needs is not."""
MAX_BODY_PARTS = 4096
"""Chunks of a body; one of 8 MiB in chunks of 2 KiB has as many."""
MAX_INTERIM_RESPONSES = 16
"""Responses of status 1xx before a final one."""
MAX_REASON = 200
"""Characters of the reason why a message cannot be read."""
_HEAD_STEP = 4096
_BODY_STEP = 64 * 1024
_MISSING_HOST = "Missing mandatory Host"
_HOST = b"Host: \r\n"
_OPENINGS = {
    h11.SERVER: re.compile(rb"\s*[A-Z]{0,16}(?:$| )"),
    h11.CLIENT: re.compile(rb"\s*(?:HTTP/|H?T?T?P?$)"),
}
"""How a head can begin, by the role of the one who reads it."""


class Message(Struct, frozen=True):
    """A message as h11 read it, with its place in the stream."""

    event: h11.Request | h11.Response
    offset: int
    body_offset: int
    end: int
    content_length: int | None
    body: bytes
    state: BodyState


class MessageReader:
    """Reads one message from where ``feed`` stands.

    ``closed`` tells that the sender ended the stream where the feed ends.
    """

    def __init__(self, feed: Feed, connect: Callable[[], h11.Connection], closed: bool) -> None:
        self._feed = feed
        self._connect = connect
        self._connection = connect()
        self._closed = closed
        self._offset = feed.position

    def read(self) -> Message | Malformed | None:
        """The message; None where a hole or the end comes before the end of its head."""
        try:
            event = self._read_head()
        except (h11.RemoteProtocolError, ValueError) as error:
            return Malformed(self._offset, f"not HTTP: {error}"[:MAX_REASON])
        if event is None:
            return self._judge_beginning()
        body_offset = self._position
        body, state = self._read_body()
        return Message(
            event, self._offset, body_offset, self._position, _content_length(event), body, state
        )

    @property
    def _position(self) -> int:
        """The offset behind what h11 has used up."""
        return self._feed.position - len(self._connection.trailing_data[0])

    def _read_head(self) -> h11.Request | h11.Response | None:
        interim = 0
        while interim <= MAX_INTERIM_RESPONSES:
            try:
                event = self._connection.next_event()
            except h11.RemoteProtocolError as error:
                if not str(error).startswith(_MISSING_HOST):
                    raise
                self._supply_host()
                continue
            if isinstance(event, h11.Request | h11.Response):
                return event
            if isinstance(event, h11.InformationalResponse):
                self._offset = self._position
                interim += 1
            elif event is not h11.NEED_DATA:
                raise h11.RemoteProtocolError(f"{event!r} before a message")
            elif not self._receive(_HEAD_STEP):
                return None
        raise h11.RemoteProtocolError(f"more than {MAX_INTERIM_RESPONSES} interim responses")

    def _judge_beginning(self) -> Malformed | None:
        """Of a head that was not captured to its end: None if it can be one."""
        beginning = self._connection.trailing_data[0]
        if _OPENINGS[self._connection.our_role].match(beginning):
            return None
        return Malformed(self._offset, "not HTTP: no start line begins so")

    def _supply_host(self) -> None:
        """Read the head again with an empty Host, which HTTP/1.1 demands and scripts leave out."""
        self._connection = self._connect()
        self._feed.seek(self._offset)
        line, newline, rest = self._feed.take(MAX_HEAD).partition(b"\n")
        self._connection.receive_data(line + newline + _HOST + rest)

    def _read_body(self) -> tuple[bytes, BodyState]:
        body = bytearray()
        parts = 0
        while True:
            try:
                event = self._connection.next_event()
            except h11.RemoteProtocolError:
                return bytes(body), BodyState.MALFORMED
            if isinstance(event, h11.Data):
                body += event.data
                parts += 1
                if len(body) > MAX_BODY or parts > MAX_BODY_PARTS:
                    return bytes(body[:MAX_BODY]), BodyState.LIMIT
            elif event is not h11.NEED_DATA:
                return bytes(body), BodyState.COMPLETE
            elif not self._receive(_BODY_STEP):
                return bytes(body), self._why_no_more()

    def _receive(self, length: int) -> bool:
        data = self._feed.take(length)
        if data:
            self._connection.receive_data(data)
        return bool(data)

    def _why_no_more(self) -> BodyState:
        if self._feed.at_gap:
            return BodyState.GAP
        if not self._closed:
            return BodyState.OPEN
        try:
            self._connection.receive_data(b"")
            self._connection.next_event()
        except h11.RemoteProtocolError:
            return BodyState.SHORT
        return BodyState.COMPLETE


def _content_length(event: h11.Request | h11.Response) -> int | None:
    for name, value in event.headers:
        if name == b"content-length":
            return int(value)
    return None
