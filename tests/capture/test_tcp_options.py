"""What TCP options say of the largest segments, and of octets behind missing ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capfpcap.capture.columns import Capture, TcpFlag
from capfpcap.capture.headers.tcp_options import read_segment_sizes, read_selective
from capfpcap.capture.octets import Octets

from .builder import Packet, ethernet, ipv4, ipv6, pcap, tcp
from .conftest import Read

SYN = TcpFlag.SYN
MSS_1460 = b"\x02\x04\x05\xb4"
WINDOW_SCALE = b"\x01\x03\x03\x07"


def sizes(capture: Capture) -> list[int | None]:
    columns = capture.columns
    return [capture.segment_size(columns, row) for row in range(len(columns))]


def syn(options: bytes) -> bytes:
    return ethernet(ipv4(tcp(flags=SYN, options=options)))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (MSS_1460, 1460),
        (MSS_1460 + WINDOW_SCALE, 1460),
        (WINDOW_SCALE + MSS_1460, 1460),
        (b"\x01\x01\x01\x01" + MSS_1460, 1460),
        (b"", None),
        (WINDOW_SCALE, None),
        (b"\x00\x00\x00\x00" + MSS_1460, None),
        (b"\x03\x00\x00\x00" + MSS_1460, None),
        (b"\x03\x01\x00\x00" + MSS_1460, None),
        (b"\x02\x03\x05\xb4", None),
        (b"\x01\x01\x02\x04", None),
        (b"\x03\xff\x00\x00", None),
    ],
)
def test_the_size_is_read_from_whatever_options_stand_before_it(
    read: Read, options: bytes, expected: int | None
) -> None:
    assert sizes(read(pcap([Packet(syn(options))]))) == [expected]


def test_only_syns_announce_a_size(read: Read) -> None:
    frames = [ethernet(ipv4(tcp(flags=flags, options=MSS_1460))) for flags in (0x10, SYN, 0x12)]
    assert sizes(read(pcap(list(map(Packet, frames))))) == [None, 1460, 1460]


def test_a_syn_by_ipv6_announces_a_size_too(read: Read) -> None:
    frame = ethernet(ipv6(tcp(flags=SYN, options=b"\x02\x04\x05\xa0")), 0x86DD)
    assert sizes(read(pcap([Packet(frame)]))) == [1440]


def test_an_option_that_the_snap_length_cut_off_is_not_known(read: Read) -> None:
    frame = syn(MSS_1460)
    for length, expected in ((len(frame), 1460), (len(frame) - 1, None), (len(frame) - 4, None)):
        cut = Packet(frame[:length], wire=len(frame))
        assert sizes(read(pcap([cut]))) == [expected]


def test_each_file_of_a_ring_has_its_own_sizes(read: Read) -> None:
    first = pcap([Packet(syn(MSS_1460), 10**18), Packet(syn(b""), 10**18 + 1)])
    second = pcap([Packet(syn(b""), 10**18 + 2), Packet(syn(b"\x02\x04\x02\x00"), 10**18 + 3)])
    assert sizes(read(first, second)) == [1460, None, None, 512]


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=5))
def test_any_options_are_read_in_rounds_as_they_are_one_by_one(options: list[bytes]) -> None:
    ends = np.cumsum([len(one) for one in options])
    starts = ends - [len(one) for one in options]
    read = read_segment_sizes(Octets.over(b"".join(options)), starts, ends)
    assert read.tolist() == [one_by_one(each) for each in options]


def one_by_one(options: bytes) -> int:
    return int.from_bytes(option_of(options, 2, (4,))[2:], "big")


def option_of(options: bytes, kind: int, lengths: tuple[int, ...]) -> bytes:
    """The first option of a kind and of one of some lengths, as RFC 9293 tells them apart."""
    at = 0
    while at < len(options) and options[at] != 0:
        if options[at] == 1:
            at += 1
            continue
        length = options[at + 1] if at + 1 < len(options) else 0
        if length < 2 or at + length > len(options):
            return b""
        if options[at] == kind and length in lengths:
            return options[at : at + length]
        at += length
    return b""


ACK = TcpFlag.ACK
TIMESTAMPS = b"\x01\x01\x08\x0a" + bytes(8)


def selective(*edges: int) -> bytes:
    """A selective acknowledgement behind two options of no operation, as hosts lay it out."""
    numbers = b"".join(edge.to_bytes(4, "big") for edge in edges)
    return b"\x01\x01\x05" + bytes([len(numbers) + 2]) + numbers


def blocks(capture: Capture) -> list[list[tuple[int, int]]]:
    columns, known = capture.columns, capture.selective
    places = zip(*known.places(columns.file, columns.frame), strict=True)
    return [
        [(edges >> 32, edges & 0xFFFFFFFF) for edges in known.between(start, stop)]
        for start, stop in places
    ]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (selective(1000, 2000), [(1000, 2000)]),
        (selective(7, 8, 1, 2, 5, 6, 3, 4), [(7, 8), (1, 2), (5, 6), (3, 4)]),
        (TIMESTAMPS + selective(1, 2, 3, 4), [(1, 2), (3, 4)]),
        (selective(1, 2) + TIMESTAMPS, [(1, 2)]),
        (selective(0xFFFFFFF0, 16), [(0xFFFFFFF0, 16)]),
        (TIMESTAMPS, []),
        (bytes(4) + selective(1, 2), []),
        (b"\x01\x01\x05\x09" + bytes(8), []),
        (b"\x01\x01\x05\x22" + bytes(8), []),
        (b"\x01\x01\x05\x02" + bytes(8), []),
        (MSS_1460 + WINDOW_SCALE, []),
    ],
)
def test_selective_blocks_are_read_from_whatever_options_stand_beside_them(
    read: Read, options: bytes, expected: list[tuple[int, int]]
) -> None:
    frame = ethernet(ipv4(tcp(flags=ACK, options=options)))
    assert blocks(read(pcap([Packet(frame)]))) == [expected]


def test_selective_blocks_of_a_file_keep_their_frames(read: Read) -> None:
    frames = [
        ethernet(ipv4(tcp(flags=ACK, options=options)))
        for options in (b"", selective(3, 4, 1, 2), TIMESTAMPS, selective(5, 6))
    ]
    assert blocks(read(pcap(list(map(Packet, frames))))) == [[], [(3, 4), (1, 2)], [], [(5, 6)]]


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=5))
def test_any_selective_blocks_are_read_in_rounds_as_they_are_one_by_one(
    options: list[bytes],
) -> None:
    ends = np.cumsum([len(one) for one in options])
    starts = ends - [len(one) for one in options]
    which, edges = read_selective(Octets.over(b"".join(options)), starts, ends)
    expected = [
        (number, int.from_bytes(value[at : at + 8], "big"))
        for number, each in enumerate(options)
        for value in [option_of(each, 5, (10, 18, 26, 34))]
        for at in range(2, len(value), 8)
    ]
    assert list(zip(which.tolist(), edges.tolist(), strict=True)) == expected
