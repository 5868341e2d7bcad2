"""Messages of CAPF and TVS: what one says, what is damaged, what comes in pieces and with holes."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from capf_dissectors import capf, tvs
from capf_dissectors.framed import MAX_ELEMENTS, FramedStream, Message
from capf_dissectors.framed.stream import MAX_PROBLEMS
from capf_dissectors.results import Malformed, NeedMore
from capf_dissectors.streams import Piece
from hypothesis import given
from hypothesis import strategies as st

from tests.dissectors.framed import builders
from tests.dissectors.framed.builders import ELEMENTS, KNOWN_ELEMENTS, Elements

PROTOCOLS = [(capf, builders.capf), (tvs, builders.tvs)]
both = pytest.mark.parametrize(("protocol", "build"), PROTOCOLS, ids=["capf", "tvs"])
PAST = "bytes past the end of its message"
Build = Callable[..., bytes]


def plain(message: Message) -> tuple[int, int, list[tuple[int, bytes]]]:
    elements = [(element.tag, element.value) for element in message.elements]
    return message.command, message.session_id, elements


@both
@given(command=st.integers(0, 255), session=st.integers(0, 2**32 - 1), elements=ELEMENTS)
def test_what_is_built_is_read(
    protocol: type[capf], build: Build, command: int, session: int, elements: Elements
) -> None:
    data = build(command, *elements, session=session)
    read = protocol.dissect(b"before" + data + b"behind", 6)
    assert isinstance(read, Message)
    assert plain(read) == (command, session, list(elements))
    assert (read.offset, read.end, read.problem) == (6, 6 + len(data), None)


def test_the_version_of_tvs_is_told_and_its_junk_passed_over() -> None:
    read = tvs.dissect(builders.tvs(3, (1, b"\1SEP001122334455"), junk=0xAB))
    assert isinstance(read, Message)
    assert (read.version, read.command, read.session_id) == (1, tvs.Command.QUERY_REQUEST, 1001)


@both
@given(st.data())
def test_arbitrary_bytes_are_answered(
    protocol: type[capf], build: Build, data: st.DataObject
) -> None:
    begin = data.draw(st.sampled_from([b"", build(1)[:4], build(1, (1, b"\1"))]))
    some = begin + data.draw(st.binary(max_size=200))
    answer = protocol.dissect(some)
    assert isinstance(answer, Message | NeedMore | Malformed)
    read = protocol.dissect_stream([Piece(0, some)])
    assert all(message.end > message.offset for message in read.messages)


@both
@given(messages=st.lists(ELEMENTS, min_size=1, max_size=4), share=st.floats(0, 1))
def test_a_stream_that_is_cut_holds_the_messages_in_front_of_the_cut(
    protocol: type[capf], build: Build, messages: list[Elements], share: float
) -> None:
    parts = [build(number + 1, *elements) for number, elements in enumerate(messages)]
    data = b"".join(parts)
    whole = protocol.dissect_stream([Piece(0, data)]).messages
    assert [message.end - message.offset for message in whole] == list(map(len, parts))
    cut = int(len(data) * share)
    read = protocol.dissect_stream([Piece(0, data[:cut])])
    ended = [message for message in read.messages if not message.missing]
    assert ended == [message for message in whole if message.end <= cut]
    begun = cut - max((message.end for message in ended), default=0)
    assert (read.unfinished is not None) == (begun > 0)
    assert not read.problems


@both
@given(
    elements=KNOWN_ELEMENTS,
    cuts=st.lists(st.integers(0, 300), max_size=6),
)
def test_how_a_stream_comes_in_pieces_is_no_matter(
    protocol: type[capf], build: Build, elements: Elements, cuts: list[int]
) -> None:
    data = build(1, *elements) * 3
    places = sorted({min(cut, len(data)) for cut in (0, *cuts, len(data))})
    pieces = [Piece(a, data[a:b]) for a, b in pairwise(places)]
    assert protocol.dissect_stream(pieces) == protocol.dissect_stream([Piece(0, data)])


@both
@given(st.data())
def test_reading_goes_on_behind_a_hole(
    protocol: type[capf], build: Build, data: st.DataObject
) -> None:
    parts = [build(1, (7, b"\3")), build(2, (3, b"SEP001122334455\0"), (7, b"\3"))]
    parts += [build(3, (8, b"\x08\0")), build(4, (1, b"\1")), build(1, (77, b"\2"))]
    stream = b"".join(parts)
    begin = data.draw(st.integers(0, len(stream) - 2))
    end = data.draw(st.integers(begin + 1, len(stream) - 1))
    read = protocol.dissect_stream([Piece(0, stream[:begin]), Piece(end, stream[end:])])
    whole = protocol.dissect_stream([Piece(0, stream)]).messages
    ended = {message.offset: message for message in read.messages if not message.missing}
    for message in whole:
        if message.end <= begin or message.offset >= end:
            assert ended.pop(message.offset) == message
    assert not ended


def test_a_hole_inside_a_message_does_not_hide_the_next_one() -> None:
    stored = builders.capf(9, (3, b"\1"), (4, b"x" * 900))
    data = stored + builders.capf(15, (1, b"\1"))
    read = capf.dissect_stream([Piece(0, data[:100]), Piece(400, data[400:])])
    cut, end = read.messages
    assert plain(cut) == (9, 1, [(3, b"\1")])
    assert cut.missing == len(stored) - 100
    assert cut.problem is None
    assert plain(end) == (15, 1, [(1, b"\1")])


def test_random_bytes_in_front_of_a_header_are_searched_through() -> None:
    data = b"U\x01U\x0f" * 50 + b"\x55" * 30
    end = builders.capf(15, (1, b"\7"))
    read = capf.dissect_stream([Piece(1000, data + end)])
    assert list(map(plain, read.messages)) == [(15, 1, [(1, b"\7")])]


def test_several_messages_of_one_record_and_one_of_several_are_read() -> None:
    first, second = builders.capf(17), builders.capf(4, (9, builders.public_key("ec-256")))
    pieces = [Piece(0, first + second[:3]), Piece(11, second[3:60])]
    pieces.append(Piece(68, second[60:]))
    read = capf.dissect_stream(pieces)
    assert [message.command for message in read.messages] == [17, 4]
    assert read.unfinished is None


@both
def test_bytes_that_are_no_message_say_where(protocol: type[capf], build: Build) -> None:
    read = protocol.dissect_stream([Piece(0, build(1) + b"HTTP/1.1 " + build(2, (7, b"\3")))])
    assert [message.command for message in read.messages] == [1, 2]
    assert [problem.offset for problem in read.problems] == [len(build(1))]
    assert "not with 0x48" in read.problems[0].reason


@both
def test_an_element_past_the_end_of_its_message_is_a_problem_inside(
    protocol: type[capf], build: Build
) -> None:
    data = bytearray(build(2, (7, b"\3"), (13, b"SEP")))
    data[-4] = 9
    read = protocol.dissect_stream([Piece(0, bytes(data) + build(3))])
    first, second = read.messages
    assert plain(first)[2] == [(7, b"\3")]
    assert first.problem is not None
    assert (
        first.problem.reason == "element 13 of length 9 reaches 6 bytes past the end of its message"
    )
    assert second.problem is None


def test_a_half_head_of_an_element_is_a_problem() -> None:
    data = builders.capf(1, (7, b"\3"))
    data = data[:7] + b"\x06" + data[8:] + b"\7\0"
    read = capf.dissect(data)
    assert isinstance(read, Message)
    assert read.problem == Malformed(
        12, "an element's head reaches 1 byte past the end of its message"
    )


def test_elements_are_bounded() -> None:
    read = capf.dissect(builders.capf(1, *[(7, b"")] * (MAX_ELEMENTS + 1)))
    assert isinstance(read, Message)
    assert len(read.elements) == MAX_ELEMENTS
    assert read.problem is not None


def test_problems_are_bounded() -> None:
    stream = (builders.capf(1, (7, b"\3")) + b"\0") * (MAX_PROBLEMS + 5)
    read: FramedStream = capf.dissect_stream([Piece(0, stream)])
    assert read.limited
    assert len(read.problems) == MAX_PROBLEMS


def test_a_representation_shows_no_value() -> None:
    read = capf.dissect(builders.capf(2, (11, b"483920\0")))
    assert "483920" not in repr(read)
    assert "tag=11" in repr(read)
