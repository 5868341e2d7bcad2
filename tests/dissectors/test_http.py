from __future__ import annotations

from capf_dissectors import http
from capf_dissectors.http import BodyState, HttpConversation, HttpExchange
from capf_dissectors.http.reader import MAX_MESSAGES
from capf_dissectors.http.single import MAX_BODY, MAX_BODY_PARTS, MAX_INTERIM_RESPONSES
from capf_dissectors.results import Malformed
from capf_dissectors.streams import Piece
from hypothesis import given
from hypothesis import strategies as st

GET = b"GET /ITLFile.tlv HTTP/1.1\r\nHost: 10.1.1.2:6970\r\nUser-Agent: Phone/1\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nServer: TFTP\r\nContent-Length: 5\r\n\r\nhello"
MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


def dissect(requests: bytes, responses: bytes, server_closed: bool = False) -> HttpConversation:
    return http.dissect([Piece(0, requests)], [Piece(0, responses)], server_closed)


def only(conversation: HttpConversation) -> HttpExchange:
    (exchange,) = conversation.exchanges
    return exchange


def body_of(responses: bytes, server_closed: bool = False) -> tuple[bytes, BodyState]:
    response = only(dissect(GET, responses, server_closed)).response
    assert response is not None
    return response.body, response.body_state


def test_a_request_and_its_response_are_an_exchange() -> None:
    conversation = dissect(GET, OK)
    request, response = only(conversation).request, only(conversation).response
    assert request is not None
    assert response is not None
    assert (request.method, request.target, request.host) == (
        "GET",
        "/ITLFile.tlv",
        "10.1.1.2:6970",
    )
    assert (request.offset, request.end, request.user_agent) == (0, len(GET), "Phone/1")
    assert (response.status, response.reason, response.server) == (200, "OK", "TFTP")
    assert (response.content_length, response.body) == (5, b"hello")
    assert response.body_state is BodyState.COMPLETE
    assert (response.offset, response.body_offset, response.end) == (0, len(OK) - 5, len(OK))
    assert conversation.request_problem is conversation.response_problem is None


def test_a_file_name_is_the_last_segment_decoded_without_a_query() -> None:
    get = b"GET /a/b/SEP%31%e9.cnf.xml?x=/y HTTP/1.0\r\n\r\n"
    request = only(dissect(get, b"")).request
    assert request is not None
    assert request.file_name == "SEP1\ufffd.cnf.xml"


def test_pipelined_requests_are_paired_with_responses_in_order() -> None:
    second = GET.replace(b"ITLFile", b"CTLFile")
    conversation = dissect(GET + second, MISSING + OK)
    statuses = [
        (exchange.request.file_name, exchange.response.status)
        for exchange in conversation.exchanges
        if exchange.request and exchange.response
    ]
    assert statuses == [("ITLFile.tlv", 404), ("CTLFile.tlv", 200)]
    first = conversation.exchanges[1].request
    assert first is not None
    assert first.offset == len(GET)


def test_a_request_without_a_response_stands_alone_and_the_other_way_round() -> None:
    assert only(dissect(GET, b"")).response is None
    assert only(dissect(b"", OK)).request is None


def test_interim_responses_are_passed_over() -> None:
    interim = b"HTTP/1.1 100 Continue\r\n\r\n"
    response = only(dissect(GET, interim + OK)).response
    assert response is not None
    assert (response.status, response.offset) == (200, len(interim))


def test_the_answer_to_head_has_no_body() -> None:
    head = GET.replace(b"GET", b"HEAD")
    conversation = dissect(head + GET, OK[:-5] + OK)
    assert [
        exchange.response and exchange.response.body for exchange in conversation.exchanges
    ] == [
        b"",
        b"hello",
    ]


def test_a_chunked_body_is_put_together() -> None:
    chunked = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=1\r\nlo\r\n0\r\n\r\n"
    )
    assert body_of(chunked) == (b"hello", BodyState.COMPLETE)
    assert body_of(chunked[:-4]) == (b"hello", BodyState.OPEN)
    assert body_of(chunked[:-4], server_closed=True) == (b"hello", BodyState.SHORT)


def test_a_body_without_a_length_is_complete_only_once_the_server_closed() -> None:
    endless = b"HTTP/1.0 200 OK\r\n\r\nhello"
    assert body_of(endless) == (b"hello", BodyState.OPEN)
    assert body_of(endless, server_closed=True) == (b"hello", BodyState.COMPLETE)


def test_a_body_that_lacks_octets_is_open_or_short() -> None:
    assert body_of(OK[:-2]) == (b"hel", BodyState.OPEN)
    assert body_of(OK[:-2], server_closed=True) == (b"hel", BodyState.SHORT)


def test_a_hole_in_a_body_is_said_and_the_next_response_found() -> None:
    stream = OK + MISSING
    hole = [Piece(0, stream[: len(OK) - 4]), Piece(len(OK) - 2, stream[len(OK) - 2 :])]
    first, second = http.dissect([Piece(0, GET + GET)], hole).exchanges
    assert first.response is not None
    assert second.response is not None
    assert (first.response.body, first.response.body_state) == (b"h", BodyState.GAP)
    assert (second.response.status, second.response.offset) == (404, len(OK))


def test_behind_a_hole_over_a_head_the_next_head_is_found() -> None:
    stream = OK + OK + MISSING
    hole = [Piece(0, stream[: len(OK) + 10]), Piece(len(OK) + 12, stream[len(OK) + 12 :])]
    exchanges = http.dissect([Piece(0, GET * 3)], hole).exchanges
    assert [exchange.response and exchange.response.status for exchange in exchanges] == [
        200,
        404,
        None,
    ]


def test_a_stream_begun_in_the_middle_is_read_from_the_first_head() -> None:
    conversation = http.dissect([], [Piece(900, b"\x8a\x00rest of a body\r\n" + OK)])
    assert conversation.response_problem is not None
    assert conversation.response_problem.offset == 900
    response = only(conversation).response
    assert response is not None
    assert response.status == 200


def test_another_protocol_is_malformed_where_it_begins() -> None:
    conversation = dissect(b"\x16\x03\x01\x02\x00\x01", b"SSH-2.0-x")
    assert conversation.exchanges == ()
    assert isinstance(conversation.request_problem, Malformed)
    assert isinstance(conversation.response_problem, Malformed)
    assert conversation.request_problem.offset == conversation.response_problem.offset == 0


def test_a_head_that_is_not_all_there_is_no_problem() -> None:
    conversation = dissect(GET[:-2], OK[:12])
    assert conversation == HttpConversation((), None, None)


def test_a_broken_chunk_size_keeps_what_stood_before_it() -> None:
    broken = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\nzz\r\n" + OK
    conversation = dissect(GET + GET, broken)
    first, second = conversation.exchanges
    assert first.response is not None
    assert second.response is not None
    assert (first.response.body, first.response.body_state) == (b"hel", BodyState.MALFORMED)
    assert second.response.body == b"hello"
    assert conversation.response_problem is not None


def test_a_request_of_http_1_1_without_a_host_is_read() -> None:
    get = b"GET /a.tlv HTTP/1.1\r\nUser-Agent: x\r\n\r\n"
    first, second = dissect(get + GET, b"").exchanges
    assert first.request is not None
    assert second.request is not None
    assert (first.request.host, first.request.end) == ("", len(get))
    assert second.request.file_name == "ITLFile.tlv"


def test_bodies_and_messages_are_limited() -> None:
    long = b"HTTP/1.0 200 OK\r\n\r\n" + bytes(MAX_BODY + 1)
    assert body_of(long, server_closed=True) == (bytes(MAX_BODY), BodyState.LIMIT)
    first, second = dissect(
        GET + GET,
        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (MAX_BODY + 99)
        + bytes(MAX_BODY + 99)
        + OK,
    ).exchanges
    assert first.response is not None
    assert second.response is not None
    assert first.response.body_state is BodyState.LIMIT
    assert second.response.body == b"hello"
    many = dissect(GET * (MAX_MESSAGES + 5), b"")
    assert len(many.exchanges) == MAX_MESSAGES


def test_chunks_and_interim_responses_are_limited() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    tiny = b"1\r\na\r\n" * (MAX_BODY_PARTS + 1)
    assert body_of(head + tiny) == (b"a" * (MAX_BODY_PARTS + 1), BodyState.LIMIT)
    interim = b"HTTP/1.1 100 Continue\r\n\r\n" * (MAX_INTERIM_RESPONSES + 1)
    conversation = dissect(GET, interim + OK)
    assert conversation.response_problem is not None


def test_a_head_without_end_is_malformed() -> None:
    conversation = dissect(GET[:-2] + b"X: y\r\n" * 50_000, b"")
    assert isinstance(conversation.request_problem, Malformed)


STREAM = (
    OK + MISSING + b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n" + OK
)


@given(st.integers(0, len(STREAM)), st.integers(0, 60), st.booleans())
def test_any_hole_leaves_only_responses_that_were_sent(
    start: int, length: int, closed: bool
) -> None:
    pieces = [Piece(0, STREAM[:start]), Piece(start + length, STREAM[start + length :])]
    pieces = [piece for piece in pieces if piece.data]
    for exchange in http.dissect([], pieces, closed).exchanges:
        assert exchange.response is not None
        assert exchange.response.status in (200, 404)
        if exchange.response.body_state is BodyState.COMPLETE:
            assert exchange.response.body in (b"hello", b"", b"ab")


@given(st.lists(st.tuples(st.integers(0, len(STREAM) - 1), st.integers(0, 255)), max_size=6))
def test_no_changed_octets_make_it_raise(changes: list[tuple[int, int]]) -> None:
    data = bytearray(STREAM)
    for offset, value in changes:
        data[offset] = value
    dissect(GET * 4, bytes(data), True)
    dissect(bytes(data), GET)


@given(st.lists(st.sampled_from([GET, OK[:30], b"\r\n", b"GET ", b"HTTP/1.1 200 ", b"\0"])))
def test_no_order_of_fragments_makes_it_raise(fragments: list[bytes]) -> None:
    data = b"".join(fragments)
    dissect(data, data)
