"""IP datagrams that were sent in fragments."""

from __future__ import annotations

import itertools
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capfpcap.capture.headers.fragments import (
    MAX_DATAGRAMS,
    MAX_OCTETS,
    Fragment,
    Reassembler,
    _Datagram,
)
from capfpcap.capture.problems import ProblemKind

from .builder import Packet, ethernet, ipv4, ipv6, pcap, udp
from .conftest import Read, payloads

QUESTION = bytes(range(256)) * 12
DATAGRAM = udp(QUESTION)
MORE = 0x2000


def fragments4(datagram: bytes, size: int, identification: int = 9) -> list[bytes]:
    return [
        ethernet(
            ipv4(
                datagram[at : at + size],
                17,
                fragment=at // 8 | (MORE if at + size < len(datagram) else 0),
                identification=identification,
            )
        )
        for at in range(0, len(datagram), size)
    ]


def fragments6(datagram: bytes, size: int) -> list[bytes]:
    return [
        ethernet(
            ipv6(
                struct.pack(">BBHI", 17, 0, at | (at + size < len(datagram)), 5)
                + datagram[at : at + size],
                44,
            ),
            0x86DD,
        )
        for at in range(0, len(datagram), size)
    ]


def records(frames: list[bytes], gap: int = 1000) -> bytes:
    start = 1_700_000_000_000_000_000
    return pcap([Packet(frame, start + number * gap) for number, frame in enumerate(frames)])


@pytest.mark.parametrize("split", [fragments4, fragments6])
def test_fragments_in_any_order_make_the_datagram_in_the_frame_that_completes_it(
    read: Read, split: type
) -> None:
    frames = split(DATAGRAM, 1024)
    assert len(frames) == 4
    for order in itertools.permutations(frames):
        capture = read(records([*order, ethernet(ipv4(udp(b"next"), 17))]))
        assert payloads(capture) == [QUESTION, b"next"]
        assert capture.columns.frame.tolist() == [4, 5]
        assert capture.columns.payload_length.tolist() == [len(QUESTION), 4]


def test_fragments_of_several_datagrams_may_mix(read: Read) -> None:
    one, two = fragments4(DATAGRAM, 1024, 1), fragments4(udp(QUESTION[::-1]), 1024, 2)
    mixed = [frame for pair in zip(one, two, strict=True) for frame in pair]
    capture = read(records(mixed))
    assert payloads(capture) == [QUESTION, QUESTION[::-1]]
    assert capture.columns.frame.tolist() == [7, 8]


def test_a_fragment_sent_twice_changes_nothing(read: Read) -> None:
    frames = fragments4(DATAGRAM, 1024)
    assert payloads(read(records([frames[0], frames[0], *frames[1:]]))) == [QUESTION]


def test_of_overlapping_fragments_the_first_wins(read: Read) -> None:
    frames = fragments4(DATAGRAM, 1024)
    liar = fragments4(bytes(len(DATAGRAM)), 2048)[0]
    assert payloads(read(records([frames[0], frames[1], liar, *frames[2:]]))) == [QUESTION]


def test_without_all_fragments_there_is_no_row(read: Read) -> None:
    frames = fragments4(DATAGRAM, 1024)
    for missing in range(4):
        kept = [frame for number, frame in enumerate(frames) if number != missing]
        assert len(read(records(kept)).columns) == 0


def test_a_datagram_of_a_service_that_lacks_fragments_is_said(read: Read) -> None:
    minute = 61_000_000_000
    first, other = fragments4(DATAGRAM, 1024, 1)[0], fragments4(DATAGRAM, 1024, 2)[0]
    foreign = fragments4(udp(QUESTION, 4000, 4001), 1024, 3)[0]
    end = ethernet(ipv4(udp(b"later"), 17))
    capture = read(records([first, other, foreign, end], gap=minute))
    (problem,) = capture.files[0].problems
    assert problem.kind is ProblemKind.FRAGMENTS_MISSING
    assert problem.text == "datagrams that lack fragments"
    assert problem.count == 2


def test_fragments_a_minute_apart_are_not_of_one_datagram(read: Read) -> None:
    frames = fragments4(DATAGRAM, 2048)
    assert len(read(records(frames, gap=61_000_000_000)).columns) == 0


def test_a_snapped_fragment_leaves_the_captured_beginning(read: Read) -> None:
    frames = fragments4(DATAGRAM, 1024)
    packets = [Packet(frame) for frame in frames]
    packets[1] = Packet(frames[1][:134], wire=len(frames[1]))
    capture = read(pcap(packets))
    assert payloads(capture) == [QUESTION[: 1024 - 8 + 100]]
    assert capture.columns.payload_length[0] == len(QUESTION)


def test_a_tunnel_whose_packets_are_split_is_followed(read: Read) -> None:
    inner = ethernet(ipv4(DATAGRAM, 17))
    tunnel = struct.pack(">HHI", 0x1000, 0x88BE, 1) + bytes(8) + inner
    frames = [
        ethernet(ipv4(tunnel[:1480], 47, fragment=MORE)),
        ethernet(ipv4(tunnel[1480:], 47, fragment=1480 // 8)),
    ]
    capture = read(records(frames))
    assert payloads(capture) == [QUESTION]
    assert capture.columns.frame.tolist() == [2]


def test_fragments_of_a_file_go_on_in_the_next_file_of_the_ring(read: Read) -> None:
    frames = fragments4(DATAGRAM, 2048)
    start = 1_700_000_000_000_000_000
    capture = read(pcap([Packet(frames[1], start + 5)]), pcap([Packet(frames[0], start)]))
    assert payloads(capture) == [QUESTION]
    assert (capture.columns.file[0], capture.columns.frame[0]) == (1, 1)


def test_a_datagram_beyond_the_largest_is_refused(read: Read) -> None:
    frames = [
        ethernet(ipv4(DATAGRAM[:1024], 17, fragment=MORE)),
        ethernet(ipv4(bytes(1400), 17, fragment=0x1FFF)),
    ]
    assert len(read(records(frames)).columns) == 0


def test_incomplete_datagrams_take_bounded_memory() -> None:
    reassembler = Reassembler()
    for number in range(3 * MAX_DATAGRAMS):
        fragment = Fragment(number.to_bytes(4), 0, 8000, False, b"\x45" + bytes(19), bytes(8000))
        assert reassembler._add_one(fragment, 0) is None
    assert len(reassembler._datagrams) <= MAX_DATAGRAMS
    assert reassembler._octets <= MAX_OCTETS
    assert len(reassembler.take_lost(0)) == MAX_DATAGRAMS
    assert reassembler.take_lost(0) == []


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 20), st.integers(0, 20)), max_size=30))
def test_pieces_never_overlap_whatever_comes(parts: list[tuple[int, int, int]]) -> None:
    datagram = _Datagram(0)
    expected: dict[int, int] = {}
    for number, (at, length, captured) in enumerate(parts):
        data = bytes([number]) * min(captured, length)
        datagram.add(Fragment(b"", at, length, False, b"", data))
        for place in range(at, at + length):
            expected.setdefault(place, number if place - at < len(data) else -1)
    held = {}
    for start, end, data in datagram.pieces:
        for place in range(start, end):
            assert place not in held
            held[place] = data[place - start] if place - start < len(data) else -1
    assert held == expected
