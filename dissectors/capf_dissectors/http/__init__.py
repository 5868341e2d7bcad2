"""HTTP/1.0 and 1.1 as phones and TFTP services speak it on port 6970 (RFC 9110, RFC 9112).

Both directions of a connection in, exchanges out. h11 reads each message; holes, pipelining and
finding the way back after what cannot be read are dealt with here, since h11 takes part in a live
connection while this looks on. h11 is loaded with the first conversation.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from capf_dissectors.http.encoding import decode_content
from capf_dissectors.http.message import (
    BodyState,
    HttpConversation,
    HttpExchange,
    HttpRequest,
    HttpResponse,
)
from capf_dissectors.streams import Piece

__all__ = [
    "BodyState",
    "HttpConversation",
    "HttpExchange",
    "HttpRequest",
    "HttpResponse",
    "decode_content",
    "dissect",
]


def dissect(
    requests: Sequence[Piece], responses: Sequence[Piece], server_closed: bool = False
) -> HttpConversation:
    """The exchanges of one connection, in their order.

    ``server_closed`` tells that the server ended its direction and the capture holds that end: only
    then is a body complete whose length is told by nothing else, and one that lacks octets short.
    Responses are paired with requests by their order.
    """
    from capf_dissectors.http.reader import read_requests, read_responses  # noqa: PLC0415 - h11

    read, request_problem = read_requests(requests)
    methods = [request.method for request in read]
    answered, response_problem = read_responses(responses, methods, server_closed)
    exchanges = tuple(HttpExchange(*pair) for pair in zip_longest(read, answered))
    return HttpConversation(exchanges, request_problem, response_problem)
