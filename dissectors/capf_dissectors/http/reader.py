"""Reads the messages of one direction of an HTTP connection; the one module that loads h11.

Every message gets an h11 connection of its own: h11 stops after each one to let its user answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import h11

from capf_dissectors.http.feed import Feed
from capf_dissectors.http.message import BodyState, HttpRequest, HttpResponse
from capf_dissectors.http.single import MAX_HEAD, Message, MessageReader
from capf_dissectors.results import Malformed
from capf_dissectors.streams import Piece
from capf_dissectors.text import decode_text

MAX_MESSAGES = 1000
"""Messages read from one direction of one connection."""
MAX_RECOVERIES = 100
"""How often reading goes on behind what could not be read, in one direction."""
MAX_FIELD = 1024
"""Characters kept of a target, reason or header value."""
_REQUEST_START = re.compile(rb"(?:GET|HEAD|POST|PUT|OPTIONS) [^\s]{1,4096} HTTP/1\.[01]\r?\n")
_RESPONSE_START = re.compile(rb"HTTP/1\.[01] [1-5][0-9][0-9][ \r\n]")


def read_requests(pieces: Sequence[Piece]) -> tuple[list[HttpRequest], Malformed | None]:
    """The requests of the client's direction, and what could not be read first."""
    reader = _DirectionReader(pieces, _REQUEST_START, closed=False)
    requests = [
        _request(message)
        for message in reader.messages(lambda _: h11.Connection(h11.SERVER, MAX_HEAD))
    ]
    return requests, reader.problem


def read_responses(
    pieces: Sequence[Piece], methods: Sequence[str], closed: bool
) -> tuple[list[HttpResponse], Malformed | None]:
    """The final responses of the server's direction, and what could not be read first.

    ``methods`` are those of the requests, since a response to HEAD has no body; without a request,
    a response is read as one to GET. ``closed`` tells that the server ended the stream.
    """
    reader = _DirectionReader(pieces, _RESPONSE_START, closed)

    def connection(index: int) -> h11.Connection:
        return _asked(methods[index] if index < len(methods) else "GET")

    return [_response(message) for message in reader.messages(connection)], reader.problem


def _asked(method: str) -> h11.Connection:
    """A client's connection that has sent its request."""
    connection = h11.Connection(h11.CLIENT, MAX_HEAD)
    connection.send(h11.Request(method=method, target="/", headers=[("Host", "")]))
    connection.send(h11.EndOfMessage())
    return connection


class _DirectionReader:
    """Walks one direction message by message and over what is none."""

    def __init__(self, pieces: Sequence[Piece], start: re.Pattern[bytes], closed: bool) -> None:
        self.problem: Malformed | None = None
        self._feed = Feed(pieces)
        self._start = start
        self._closed = closed

    def messages(self, connection: Callable[[int], h11.Connection]) -> Iterator[Message]:
        """The messages; ``connection`` makes the h11 connection for the message of an index."""
        feed = self._feed
        index = recoveries = 0
        while not feed.at_end and index < MAX_MESSAGES and recoveries <= MAX_RECOVERIES:
            if feed.at_gap and not feed.find(self._start):
                return
            result = MessageReader(feed, partial(connection, index), self._closed).read()
            if isinstance(result, Message):
                index += 1
                yield result
                self._go_behind(result)
                recoveries += result.state is BodyState.MALFORMED
            elif result is not None:
                recoveries += 1
                self._recover(result, result.offset + 1)

    def _go_behind(self, message: Message) -> None:
        """Go to where the next message may begin."""
        feed = self._feed
        if message.state is BodyState.MALFORMED:
            problem = Malformed(message.end, "the body's framing cannot be read")
            self._recover(problem, message.end)
        elif message.state not in (BodyState.GAP, BodyState.LIMIT):
            feed.seek(message.end)
        elif message.content_length is not None:
            feed.seek(message.body_offset + message.content_length)
        else:
            feed.seek(message.end)
            feed.find(self._start)

    def _recover(self, problem: Malformed, position: int) -> None:
        """Note what cannot be read and look for the next message from ``position`` on."""
        if self.problem is None:
            self.problem = problem
        self._feed.seek(position)
        self._feed.find(self._start)


def _request(message: Message) -> HttpRequest:
    event = message.event
    assert isinstance(event, h11.Request)
    return HttpRequest(
        offset=message.offset,
        end=message.end,
        method=decode_text(event.method),
        target=decode_text(event.target)[:MAX_FIELD],
        host=_header(event, b"host"),
        user_agent=_header(event, b"user-agent"),
    )


def _response(message: Message) -> HttpResponse:
    event = message.event
    assert isinstance(event, h11.Response)
    return HttpResponse(
        offset=message.offset,
        body_offset=message.body_offset,
        end=message.end,
        status=event.status_code,
        reason=decode_text(event.reason)[:MAX_FIELD],
        server=_header(event, b"server"),
        content_type=_header(event, b"content-type"),
        content_length=message.content_length,
        content_encoding=_header(event, b"content-encoding").strip().lower(),
        body=message.body,
        body_state=message.state,
        location=_header(event, b"location"),
    )


def _header(event: h11.Request | h11.Response, name: bytes) -> str:
    return next((decode_text(value)[:MAX_FIELD] for key, value in event.headers if key == name), "")
