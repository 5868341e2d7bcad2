"""EAP over LAN, and the TLS that EAP-TLS carries in fragments."""

from __future__ import annotations

from itertools import pairwise

import pytest
from capf_dissectors.eap import Code, EapPacket, Fragment, OtherFrame, dissect, dissect_tls
from capf_dissectors.eap_tls import MAX_FRAGMENTS, MAX_SIDE, Exchange, begins
from capf_dissectors.results import Malformed, NeedMore
from hypothesis import given
from hypothesis import strategies as st

TLS = 13
MORE, LENGTH, START = 0x40, 0x80, 0x20


def eap(code: int, identifier: int, content: bytes) -> bytes:
    packet = bytes([code, identifier]) + (len(content) + 4).to_bytes(2, "big") + content
    return bytes([1, 0]) + len(packet).to_bytes(2, "big") + packet


def fragments(message: bytes, size: int) -> list[bytes]:
    """The type data of one message, as RFC 5216 has a side send it."""
    parts = [message[at : at + size] for at in range(0, len(message), size)] or [b""]
    told = []
    for number, part in enumerate(parts):
        flags = MORE * (number + 1 < len(parts)) | LENGTH * (number == 0 and len(parts) > 1)
        length = len(message).to_bytes(4, "big") if flags & LENGTH else b""
        told.append(bytes([flags]) + length + part)
    return told


def spoken(messages: list[tuple[bytes, bytes]], size: int) -> list[EapPacket]:
    """A whole exchange: the server's and the phone's messages by turns, each acknowledged."""
    packets = [EapPacket(Code.REQUEST, 7, TLS, bytes([START]))]
    identifier = 7

    def say(server: bytes, phone: bytes) -> None:
        nonlocal identifier
        packets.append(EapPacket(Code.RESPONSE, identifier, TLS, phone))
        identifier = (identifier + 1) % 256
        packets.append(EapPacket(Code.REQUEST, identifier, TLS, server))

    for phone, server in messages:
        for part in fragments(phone, size):
            say(b"\0", part)
        packets.pop()
        for number, part in enumerate(fragments(server, size)):
            if number:
                packets.append(EapPacket(Code.RESPONSE, identifier, TLS, b"\0"))
                identifier = (identifier + 1) % 256
            packets.append(EapPacket(Code.REQUEST, identifier, TLS, part))
    return packets


def exchanged(packets: list[EapPacket]) -> Exchange:
    exchange = Exchange()
    for tag, packet in enumerate(packets):
        exchange.add(packet, tag)
    return exchange


def counted(start: int, length: int) -> bytes:
    """Bytes of which no run stands anywhere else."""
    return b"".join(number.to_bytes(4, "big") for number in range(start, start + length // 4))


MESSAGES = [
    (counted(0, 200), counted(1000, 2248)),
    (counted(2000, 2600), counted(3000, 60)),
]


def test_a_frame_holds_a_packet_of_eap_and_padding_behind_it() -> None:
    packet = EapPacket(Code.REQUEST, 9, 1, b"who")
    assert dissect(eap(1, 9, b"\1who") + bytes(30)) == packet
    assert dissect(eap(3, 9, b"")) == EapPacket(Code.SUCCESS, 9, None, b"")
    assert dissect(b"\1\1\0\0") == OtherFrame(1)


@pytest.mark.parametrize(
    "frame",
    [b"\1\x09\0\0", eap(5, 1, b"\1"), b"\1\0\0\2\1\1", b"\1\0\0\4\1\1\0\5", b"\1\0\0\4\1\1\0\4"],
)
def test_what_cannot_be_is_malformed(frame: bytes) -> None:
    assert isinstance(dissect(frame), Malformed)


def test_a_cut_frame_needs_more() -> None:
    whole = eap(2, 1, b"\x0d\0data")
    assert [dissect(whole[:length]) for length in (0, 3, 8)] == [
        NeedMore(4), NeedMore(1), NeedMore(len(whole) - 8),
    ]  # fmt: skip


def test_flags_and_length_stand_before_the_tls() -> None:
    assert dissect_tls(b"\xc0\0\0\1\0abc") == Fragment(
        start=False, more=True, length=256, data=b"abc"
    )
    assert dissect_tls(b"\x20") == Fragment(start=True, more=False, length=None, data=b"")
    assert isinstance(dissect_tls(b""), Malformed)
    assert isinstance(dissect_tls(b"\x80\0\0"), Malformed)


@given(st.integers(1, 3000))
def test_both_sides_are_put_together_however_they_are_cut(size: int) -> None:
    exchange = exchanged(spoken(MESSAGES, size))
    assert exchange.from_start
    for side, place in ((exchange.peer, 0), (exchange.server, 1)):
        said = b"".join(pair[place] for pair in MESSAGES)
        assert b"".join(piece.data for piece in side.pieces) == said
        assert all(one.end == other.offset for one, other in pairwise(side.pieces))


@given(st.integers(100, 700), st.data())
def test_what_is_sent_again_changes_nothing(size: int, data: st.DataObject) -> None:
    packets = spoken(MESSAGES, size)
    again = data.draw(st.integers(0, len(packets) - 1))
    doubled = [*packets[: again + 1], packets[again], *packets[again + 1 :]]
    one, other = exchanged(packets), exchanged(doubled)
    assert one.peer.pieces == other.peer.pieces
    assert one.server.pieces == other.server.pieces


@given(st.integers(100, 700), st.sets(st.integers(0, 60), min_size=1, max_size=6))
def test_where_packets_were_missed_nothing_stands_at_a_wrong_place(
    size: int, missed: set[int]
) -> None:
    packets = spoken(MESSAGES, size)
    exchange = exchanged([one for at, one in enumerate(packets) if at not in missed])
    for side, place in ((exchange.peer, 0), (exchange.server, 1)):
        said = b"".join(pair[place] for pair in MESSAGES)
        assert all(piece.data in said for piece in side.pieces)
        for one, other in pairwise(side.pieces):
            assert one.end <= other.offset
            if one.end == other.offset:
                assert one.data + other.data in said


def test_a_side_that_alone_was_captured_is_put_together_by_its_identifiers() -> None:
    packets = [one for one in spoken(MESSAGES, 400) if one.code is Code.RESPONSE]
    said = b"".join(piece.data for piece in exchanged(packets).peer.pieces)
    assert said == MESSAGES[0][0] + MESSAGES[1][0]


def test_fragments_that_are_not_what_their_message_announces_leave_the_first_alone() -> None:
    parts = fragments(b"x" * 900, 300)
    packets = []
    for number, part in enumerate((parts[0], parts[2])):  # a request and a response were missed
        packets += [
            EapPacket(Code.REQUEST, 2 * number, TLS, b"\0"),
            EapPacket(Code.RESPONSE, 2 * number, TLS, part),
        ]
    assert [piece.data for piece in exchanged(packets).peer.pieces] == [b"x" * 300]


def test_endless_fragments_are_bounded() -> None:
    exchange = Exchange()
    for number in range(MAX_FRAGMENTS * 3):
        exchange.add(EapPacket(Code.REQUEST, number % 256, TLS, b"\0"))
        exchange.add(EapPacket(Code.RESPONSE, number % 256, TLS, b"\xc0\0\1\0\0" + b"y" * 1400))
    assert exchange.peer.limited
    assert sum(len(piece.data) for piece in exchange.peer.pieces) <= MAX_SIDE


def test_an_exchange_begins_with_a_question_or_a_start() -> None:
    assert begins(EapPacket(Code.REQUEST, 1, 1, b""))
    assert begins(EapPacket(Code.REQUEST, 1, TLS, bytes([START])))
    assert not begins(EapPacket(Code.REQUEST, 1, TLS, b"\0"))
    assert not begins(EapPacket(Code.RESPONSE, 1, 1, b"name"))


@given(st.lists(st.binary(max_size=60), max_size=40))
def test_no_frames_make_it_raise(frames: list[bytes]) -> None:
    exchange = Exchange()
    for tag, content in enumerate(frames):
        for frame in (content, eap(1 + tag % 2, tag % 256, b"\x0d" + content)):
            packet = dissect(frame)
            if isinstance(packet, EapPacket):
                begins(packet)
                exchange.add(packet, tag)
            elif isinstance(packet, Malformed):
                assert 0 <= packet.offset <= len(frame)
    for side in (exchange.peer, exchange.server):
        assert all(one.end <= other.offset for one, other in pairwise(side.pieces))
        assert len(side.tags) == len(side.pieces)
