"""Both directions of an HTTP connection, with holes."""

from __future__ import annotations

import capf_dissectors.http.reader
from capf_dissectors import http

from fuzz.answers import check_ascending, check_problem
from fuzz.harness import Harness
from fuzz.seeds import carried
from fuzz.tape import Tape, write_stream

_LOADED = capf_dissectors.http.reader.MAX_MESSAGES
"""Loaded here, so that it is instrumented with the rest."""
_CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n"
_INTERIM = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"
_UNTIL_CLOSED = b"HTTP/1.0 200 OK\r\nServer: x\r\n\r\nabc"
_REQUESTS = b"GET /ITLFile.tlv HTTP/1.1\r\nHost: a:6970\r\n\r\nHEAD /a%41.xml?q HTTP/1.0\r\n\r\n"


def judge(data: bytes) -> None:
    """Messages lie in their streams, in order, and bodies are no longer than what came."""
    tape = Tape(data)
    closed = bool(tape.octet() & 1)
    requests, responses = tape.stream(), tape.stream()
    read = http.dissect(requests, responses, closed)
    asked = [exchange.request for exchange in read.exchanges if exchange.request]
    answers = [exchange.response for exchange in read.exchanges if exchange.response]
    check_ascending(asked)
    check_ascending(answers)
    for request in asked:
        assert request.file_name is not None
    for answer in answers:
        assert answer.offset < answer.body_offset <= answer.end
        assert len(answer.body) <= answer.end - answer.body_offset
    if requests:
        check_problem(read.request_problem, requests)
    if responses:
        check_problem(read.response_problem, responses)


def seeds() -> list[bytes]:
    """Every connection, and messages of kinds that no lab server sends."""
    made = [(_REQUESTS, answer) for answer in (_CHUNKED, _INTERIM, _UNTIL_CLOSED)]
    said = carried().http + made
    return [b"\1" + write_stream(asked) + write_stream(answered) for asked, answered in said]


HARNESS = Harness(
    judge,
    seeds,
    longest=1 << 15,
    dictionary=[
        *(b"GET ", b"HEAD ", b"POST ", b" HTTP/1.1\r\n", b"HTTP/1.1 200 OK\r\n", b"\r\n\r\n"),
        *(b"Transfer-Encoding: chunked\r\n", b"Content-Length: ", b"Host: ", b"0\r\n\r\n"),
        *(b"Connection: upgrade\r\n", b"Upgrade: h2c\r\n", b"HTTP/1.1 101 x\r\n", b"CONNECT "),
    ],
)
