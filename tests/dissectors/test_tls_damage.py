"""Streams with holes, with octets that are wrong, and without their beginning."""

from __future__ import annotations

from itertools import pairwise

import pytest
from capf_dissectors.results import Malformed, NeedMore
from capf_dissectors.streams import Piece
from capf_dissectors.tls import (
    EncryptedHandshake,
    ServerHello,
    ServerHelloDone,
    dissect_stream,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from .tls_endpoints import (
    TLS_1_0,
    TLS_1_2,
    TLS_1_3,
    Conversation,
)
from .tls_octets import CERTIFICATE, DONE, SERVER_HELLO, kinds, record, whole


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (b"\x47\x45\x54\x20\x2f", "content type 71"),
        (b"\x16\x02\x00\x00\x05", "major version 2"),
        (b"\x17\x03\x03\xff\xff", "record length 65535"),
    ],
)
def test_what_cannot_begin_a_record_is_named_with_its_offset(rsa_session, header, reason):
    data = rsa_session.octets(from_client=True)
    stream = whole(data + header)
    assert isinstance(stream.problem, Malformed)
    assert stream.problem.offset == len(data)
    assert reason in stream.problem.reason
    assert stream.messages == rsa_session.dissected(from_client=True).messages


def test_a_stream_that_ends_inside_a_record_or_header_says_what_it_lacks():
    data = record(22, SERVER_HELLO)
    assert whole(data[:-3]).unfinished == NeedMore(3)
    assert whole(data[:3]).unfinished == NeedMore(2)
    assert whole(data + record(22, CERTIFICATE[:1000])).unfinished == NeedMore(
        len(CERTIFICATE) - 1000
    )
    assert whole(data).unfinished is None


def test_a_hole_inside_the_certificate_costs_only_the_certificate():
    data = record(22, SERVER_HELLO + CERTIFICATE + DONE)
    stream = dissect_stream([Piece(0, data[:200]), Piece(1500, data[1500:])])
    assert kinds(stream) == [ServerHello, ServerHelloDone]
    assert [entry.complete for entry in stream.records] == [False]
    assert stream.problem is None


def test_a_hole_that_hides_a_message_header_invents_no_message():
    data = record(22, SERVER_HELLO + CERTIFICATE + DONE) + record(22, DONE)
    cut = 5 + len(SERVER_HELLO)
    stream = dissect_stream([Piece(0, data[: cut + 2]), Piece(cut + 10, data[cut + 10 :])])
    assert kinds(stream) == [ServerHello, ServerHelloDone]
    assert [entry.encrypted for entry in stream.records] == [False, False]


def test_a_hole_over_record_headers_is_bridged_by_a_search_that_is_marked():
    first, second, third = record(23, bytes(100)), record(23, bytes(50)), record(21, bytes(26))
    data = first + second + third
    lost = len(first) + 2
    stream = dissect_stream([Piece(0, data[: lost - 30]), Piece(lost + 9, data[lost + 9 :])])
    assert [(entry.offset, entry.resynchronised) for entry in stream.records] == [
        (0, False),
        (len(first + second), True),
    ]
    assert stream.messages[-1].encrypted


def test_a_stream_whose_start_was_not_captured_is_read_from_the_first_header_found(rsa_session):
    data = rsa_session.octets(from_client=False)
    entire = rsa_session.dissected(from_client=False)
    at = entire.records[1].offset
    for options in ({}, {"from_start": False}):
        stream = dissect_stream([Piece(at - 20, data[at - 20 :])], **options)
        assert [entry.offset for entry in stream.records] == [
            entry.offset for entry in entire.records[1:]
        ]
        assert stream.messages == entire.messages[1:]


def test_a_handshake_record_met_in_mid_session_that_does_not_parse_is_encrypted():
    stream = whole(record(22, b"\x00" * 8 + b"\xa7" * 32), from_start=False)
    assert kinds(stream) == [EncryptedHandshake]
    assert stream.records[0].encrypted


SESSIONS = [
    Conversation(TLS_1_0, "AES128-SHA"),
    Conversation(TLS_1_2, "ECDHE-RSA-AES128-GCM-SHA256", client_certificate=True),
    Conversation(TLS_1_3),
]
for _session in SESSIONS:
    _session.handshake().say(False, 16)
    _session.say(True, 1000)
    _session.close()
STREAMS = [session.octets(side) for session in SESSIONS for side in (True, False)]


@st.composite
def captured(draw):
    """A real stream, some octets changed, cut into pieces, some of them lost."""
    data = bytearray(draw(st.sampled_from(STREAMS)))
    for at in draw(st.lists(st.integers(0, len(data) - 1), max_size=4)):
        data[at] = draw(st.integers(0, 255))
    cuts = sorted({0, len(data), *draw(st.lists(st.integers(0, len(data)), max_size=8))})
    pieces = [Piece(start, bytes(data[start:end])) for start, end in pairwise(cuts)]
    kept = draw(st.lists(st.booleans(), min_size=len(pieces), max_size=len(pieces)))
    return [piece for piece, keep in zip(pieces, kept, strict=True) if keep]


@given(captured(), st.booleans())
@settings(deadline=None)
def test_no_damage_makes_it_fail_and_every_answer_lies_inside_the_stream(pieces, from_start):
    stream = dissect_stream(pieces, from_start=from_start)
    start = pieces[0].offset if pieces else 0
    end = pieces[-1].end if pieces else 0
    assert all(start <= entry.offset < entry.end for entry in stream.records)
    assert all(entry.end <= end for entry in stream.records if entry.complete)
    assert all(left.end <= right.offset for left, right in pairwise(stream.records))
    assert all(start <= message.offset <= message.end <= end for message in stream.messages)
    if stream.problem:
        assert start <= stream.problem.offset < end


@given(st.sampled_from(STREAMS), st.lists(st.integers(0, 5000), max_size=12), st.booleans())
@settings(deadline=None)
def test_how_a_stream_is_cut_into_segments_changes_nothing(data, cuts, from_start):
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    pieces = [Piece(start, data[start:end]) for start, end in pairwise(places)]
    assert dissect_stream(pieces, from_start=from_start) == whole(data, from_start=from_start)


@given(st.lists(st.binary(max_size=60), max_size=6), st.booleans())
@settings(deadline=None)
def test_random_octets_in_records_or_not_never_make_it_fail(chunks, framed):
    data = b"".join(record(20 + len(c) % 5, c) if framed else c for c in chunks)
    stream = whole(data)
    assert len(stream.records) <= len(data)
