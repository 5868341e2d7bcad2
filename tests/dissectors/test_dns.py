from __future__ import annotations

from itertools import pairwise

import dns.message
import dns.rcode
import dns.rrset
from capf_dissectors.dns import (
    Answer,
    DnsMessage,
    Question,
    dissect,
    dissect_cut,
    dissect_stream,
)
from capf_dissectors.dns.reader import MAX_QUESTIONS, MAX_VALUE
from capf_dissectors.results import Malformed, NeedMore
from capf_dissectors.streams import Piece
from hypothesis import given
from hypothesis import strategies as st


def response(*records: str, rcode: dns.rcode.Rcode = dns.rcode.NOERROR) -> bytes:
    query = dns.message.make_query("PUB.Lab.Example.", "A", use_edns=True, id=0x1234)
    answer = dns.message.make_response(query)
    for line in records:
        name, kind, value = line.split(maxsplit=2)
        answer.answer.append(dns.rrset.from_text(name, 300, "IN", kind, value))
    answer.set_rcode(rcode)
    return answer.to_wire(max_size=4096)


WHOLE = response(
    "pub.lab.example. CNAME Node.lab.example.",
    "node.lab.example. A 10.1.1.2",
    "node.lab.example. AAAA 2001:db8::2",
    "_sip._tcp.lab.example. SRV 1 2 5061 Node.lab.example.",
    "node.lab.example. TYPE65280 \\# 2 abcd",
)


def parse(data: bytes) -> DnsMessage:
    result = dissect(data)
    assert isinstance(result, DnsMessage), result
    return result


def test_a_query_asks_its_question() -> None:
    query = dns.message.make_query("PUB.Lab.Example.", "AAAA", id=7).to_wire()
    read = parse(query)
    assert (read.id, read.is_response, read.opcode, read.complete) == (7, False, "QUERY", True)
    assert read.questions == (Question("pub.lab.example", "AAAA"),)
    assert read.answers == ()


def test_answers_are_written_as_people_write_them() -> None:
    assert parse(WHOLE).answers == (
        Answer("pub.lab.example", "CNAME", 300, "node.lab.example"),
        Answer("node.lab.example", "A", 300, "10.1.1.2"),
        Answer("node.lab.example", "AAAA", 300, "2001:db8::2"),
        Answer("_sip._tcp.lab.example", "SRV", 300, "1 2 5061 node.lab.example"),
        Answer("node.lab.example", "TYPE65280", 300, "\\# 2 abcd"),
    )


def test_response_codes_are_named_with_the_bits_of_edns() -> None:
    assert parse(response(rcode=dns.rcode.NXDOMAIN)).rcode == "NXDOMAIN"
    assert parse(response(rcode=dns.rcode.REFUSED)).rcode == "REFUSED"
    assert parse(response(rcode=dns.rcode.BADVERS)).rcode == "BADVERS"


def test_flags_are_read() -> None:
    data = bytearray(WHOLE)
    data[2] |= 0x06
    data[3] |= 0x80
    read = parse(bytes(data))
    assert read.authoritative
    assert read.truncated
    assert read.recursion_available


def test_messages_alike_but_for_their_id_keep_their_ids() -> None:
    first, second = parse(b"\0\1" + WHOLE[2:]), parse(b"\0\2" + WHOLE[2:])
    assert (first.id, second.id) == (1, 2)
    assert first._replace(id=2) == second


def test_of_other_opcodes_only_the_header_is_read() -> None:
    data = bytes([0, 1, 0x28, 0]) + b"\xff" * 8 + b"anything"
    read = parse(data)
    assert (read.opcode, read.questions) == ("UPDATE", ())


def test_octets_behind_the_last_record_do_no_harm() -> None:
    assert parse(WHOLE + b"tail") == parse(WHOLE)


def test_a_message_cut_by_the_capture_still_tells_what_is_there() -> None:
    read = dissect_cut(WHOLE[:60])
    assert isinstance(read, DnsMessage)
    assert not read.complete
    assert (read.id, read.rcode) == (0x1234, "NOERROR")
    assert read.questions == (Question("pub.lab.example", "A"),)
    assert dissect_cut(WHOLE[:11]) == NeedMore(1)
    assert dissect_cut(WHOLE) == parse(WHOLE)


def test_a_name_that_points_forward_is_malformed_where_it_stands() -> None:
    data = WHOLE[:12] + b"\xc0\x40" + WHOLE[14:]
    result = dissect(data)
    assert isinstance(result, Malformed)
    assert result.offset == 12


def test_a_label_of_no_known_type_is_malformed_where_it_stands() -> None:
    assert dissect(WHOLE[:12] + b"\x80" + WHOLE[13:]) == Malformed(12, "a label of type 2")


def test_a_name_longer_than_any_is_malformed() -> None:
    header = WHOLE[:12]
    result = dissect(header + b"\x01a" * 200 + b"\0\0\1\0\1")
    assert isinstance(result, Malformed)
    assert "longer" in result.reason


def test_an_address_of_three_octets_is_malformed_where_it_stands() -> None:
    data = bytes.fromhex("000181800000000100000000") + b"\1a\0\0\1\0\1\0\0\0\1\0\3\1\2\3"
    result = dissect(data)
    assert isinstance(result, Malformed)
    assert result.offset == len(data) - 3


def test_questions_and_values_are_limited() -> None:
    many = bytes.fromhex("0001000000110000") + bytes(4) + b"\0\0\1\0\1" * 17
    assert MAX_QUESTIONS == 16
    assert isinstance(dissect(many), Malformed)
    long = response("a. TXT " + " ".join('"' + "x" * 250 + '"' for _ in range(8)))
    assert len(parse(long).answers[0].value) == MAX_VALUE


def framed(*messages: bytes) -> bytes:
    return b"".join(len(message).to_bytes(2, "big") + message for message in messages)


def test_a_stream_is_its_messages_one_after_another() -> None:
    stream = framed(WHOLE, b"\0\7" + WHOLE[2:])
    messages = dissect_stream([Piece(0, stream)])
    assert [(message.offset, message.end) for message in messages] == [
        (0, len(WHOLE) + 2),
        (len(WHOLE) + 2, len(stream)),
    ]
    assert messages[1].result == parse(WHOLE)._replace(id=7)


def test_a_message_with_a_hole_needs_more_and_the_next_is_found() -> None:
    stream = framed(WHOLE, WHOLE)
    first, second = dissect_stream([Piece(0, stream[:50]), Piece(60, stream[60:])])
    assert first.result == NeedMore(len(WHOLE) - 48)
    assert second.result == parse(WHOLE)


def test_behind_a_hole_over_a_boundary_a_message_at_the_next_piece_is_found() -> None:
    stream = framed(WHOLE, WHOLE, WHOLE)
    third = 2 * (len(WHOLE) + 2)
    pieces = [Piece(0, stream[: len(WHOLE) + 2]), Piece(third, stream[third:])]
    assert [message.offset for message in dissect_stream(pieces)] == [0, third]
    lost = [Piece(0, stream[: len(WHOLE) + 2]), Piece(third + 5, stream[third + 5 :])]
    assert [message.offset for message in dissect_stream(lost)] == [0]


def test_a_message_shorter_than_its_records_is_malformed_in_a_stream() -> None:
    (message,) = dissect_stream([Piece(0, framed(WHOLE[:40]))])
    assert isinstance(message.result, Malformed)


def test_an_empty_stream_has_no_messages() -> None:
    assert dissect_stream([]) == []


@given(st.integers(0, len(WHOLE) - 1))
def test_a_cut_message_needs_more(length: int) -> None:
    result = dissect(WHOLE[:length])
    assert isinstance(result, NeedMore)
    assert 0 < result.at_least <= len(WHOLE) - length


@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=8))
def test_no_changed_octets_make_it_raise(changes: list[tuple[int, int]]) -> None:
    data = bytearray(WHOLE)
    for offset, value in changes:
        data[offset] = value
    result = dissect(bytes(data))
    if isinstance(result, Malformed):
        assert 0 <= result.offset < len(data)


@given(st.lists(st.tuples(st.integers(0, 40), st.binary(max_size=60)), max_size=6))
def test_no_stream_makes_it_raise_or_go_back(parts: list[tuple[int, bytes]]) -> None:
    pieces, offset = [], 0
    for gap, data in parts:
        if data:
            pieces.append(Piece(offset + gap, data))
            offset += gap + len(data)
    messages = dissect_stream(pieces)
    for message, following in pairwise(messages):
        assert message.end <= following.offset
