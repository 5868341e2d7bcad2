"""What an HTTP connection carried. Offsets are those of the stream of the message's direction."""

from __future__ import annotations

from enum import Enum
from urllib.parse import unquote

from msgspec import Struct

from capf_dissectors.results import Malformed


class BodyState(Enum):
    """Whether a body is whole, and if not, why not."""

    COMPLETE = "complete"
    OPEN = "open"
    """The capture ends, or the server had not closed the connection, before the body's end."""
    SHORT = "short"
    """The server closed the connection before the body's end."""
    GAP = "gap"
    """Octets within it were not captured; what stands before the hole is kept."""
    LIMIT = "limit"
    """Longer than is kept."""
    MALFORMED = "malformed"
    """Its framing cannot be read further."""


class HttpRequest(Struct, frozen=True):
    """A request; ``end`` is the offset behind its last octet that was captured."""

    offset: int
    end: int
    method: str
    target: str
    host: str
    user_agent: str

    @property
    def file_name(self) -> str:
        """The last segment of the target's path, percent-decoded, without a query."""
        path = self.target.partition("#")[0].partition("?")[0]
        return unquote(path.rpartition("/")[2], errors="replace")


class HttpResponse(Struct, frozen=True):
    """A final response; ``end`` is the offset behind its last octet that was captured."""

    offset: int
    """Of the status line; interim responses (1xx) before it are passed over."""
    body_offset: int
    end: int
    status: int
    reason: str
    server: str
    content_type: str
    content_length: int | None
    """As the header states it."""
    content_encoding: str
    """``gzip``, ``deflate`` and the like in lower case; empty where the body is the file."""
    body: bytes
    """Without the framing of the chunked coding, still in its content encoding."""
    body_state: BodyState
    location: str
    """Where a redirection leads; empty without one."""


class HttpExchange(Struct, frozen=True):
    """A request and its response; ``None`` for one that was not captured or not sent."""

    request: HttpRequest | None
    response: HttpResponse | None


class HttpConversation(Struct, frozen=True):
    """All that could be read of a connection, and the first octet of either side that could not."""

    exchanges: tuple[HttpExchange, ...]
    request_problem: Malformed | None
    response_problem: Malformed | None
