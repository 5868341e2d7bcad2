"""The pcapng capture format."""

from __future__ import annotations

import struct

import pytest

from capfpcap.capture.columns import CaptureError
from capfpcap.capture.problems import ProblemKind

from .builder import (
    Packet,
    block,
    enhanced,
    ethernet,
    interface,
    ipv4,
    obsolete,
    section,
    simple,
    tcp,
)
from .conftest import Read, payloads

FRAME = Packet(ethernet(ipv4(tcp(b"hello!"))))
RAW = Packet(ipv4(tcp(b"raw")))
MICROSECONDS = 1_700_000_000_123_456


@pytest.mark.parametrize("order", ["<", ">"])
def test_every_kind_of_packet_block_is_a_frame(read: Read, order: str) -> None:
    capture = read(
        section(order)
        + interface(order=order)
        + enhanced(FRAME, MICROSECONDS, order=order)
        + simple(FRAME, order)
        + obsolete(FRAME, MICROSECONDS + 5, order=order)
    )
    assert payloads(capture) == [b"hello!"] * 3
    first = MICROSECONDS * 1000
    assert capture.columns.time.tolist() == [first, first, first + 5000]
    assert capture.files[0].format == "pcapng"


@pytest.mark.parametrize(
    ("resolution", "stamp", "time"),
    [
        (3, 1_700_000_000_123, 1_700_000_000_123_000_000),
        (9, 1_700_000_000_123_456_789, 1_700_000_000_123_456_789),
        (12, 1_700_000_123_456_789_987, 1_700_000_123_456_789),
        (0, 1_700_000_000, 1_700_000_000_000_000_000),
        (25, (1 << 64) - 1, 1844),
        (0x80 | 10, (1_700_000_000 << 10) | 512, 1_700_000_000_500_000_000),
        (0x80 | 32, (1_700_000_000 << 32) | 1 << 30, 1_700_000_000_250_000_000),
        (0x80 | 40, (1_700_000 << 40) | 1 << 39, 1_700_000_500_000_000),
        (0x80 | 127, (1 << 64) - 1, 0),
    ],
)
def test_stamps_are_read_in_the_resolution_of_their_interface(
    read: Read, resolution: int, stamp: int, time: int
) -> None:
    capture = read(section() + interface(resolution=resolution) + enhanced(FRAME, stamp))
    assert capture.columns.time.tolist() == [time]


def test_the_offset_of_an_interface_is_added_in_seconds(read: Read) -> None:
    capture = read(section() + interface(offset=-3600) + enhanced(FRAME, MICROSECONDS))
    assert capture.columns.time[0] == MICROSECONDS * 1000 - 3600 * 10**9


@pytest.mark.parametrize("offset", [-(1 << 63), (1 << 63) - 1])
def test_times_out_of_all_range_stay_at_its_ends(read: Read, offset: int) -> None:
    capture = read(section() + interface(offset=offset) + enhanced(FRAME, (1 << 64) - 1))
    assert len(capture.columns) == 1


def test_interfaces_have_link_types_of_their_own(read: Read) -> None:
    capture = read(
        section()
        + interface(101)
        + interface(1)
        + enhanced(FRAME, 1, number=1)
        + enhanced(RAW, 2, number=0)
    )
    assert payloads(capture) == [b"hello!", b"raw"]
    assert capture.files[0].link_types == ("EN10MB", "RAW")


def test_each_section_has_its_own_byte_order_and_interfaces(read: Read) -> None:
    capture = read(
        section("<")
        + interface(1)
        + enhanced(FRAME, 1)
        + section(">")
        + interface(101, order=">")
        + enhanced(RAW, 2, order=">")
    )
    assert payloads(capture) == [b"hello!", b"raw"]
    assert capture.columns.frame.tolist() == [1, 2]


def test_blocks_of_unknown_kinds_are_skipped(read: Read) -> None:
    capture = read(
        section() + block(0x77777777, b"x" * 99) + interface() + block(5, b"") + enhanced(FRAME, 1)
    )
    assert capture.columns.frame.tolist() == [1]
    assert capture.files[0].problems == ()


def test_a_custom_block_takes_a_frame_number_as_it_does_in_wireshark(read: Read) -> None:
    capture = read(section() + interface() + block(0xBAD, b"1234abcd") + enhanced(FRAME, 1))
    assert capture.columns.frame.tolist() == [2]
    assert capture.files[0].packets == 2
    assert capture.files[0].problems == ()


def test_a_simple_packet_is_cut_at_the_snap_length_of_the_first_interface(read: Read) -> None:
    snapped = Packet(FRAME.data[:57], wire=len(FRAME.data))
    capture = read(section() + interface(snap=57) + simple(snapped))
    assert payloads(capture) == [b"hel"]
    assert capture.files[0].problems[0].kind is ProblemKind.SNAPPED


def test_a_packet_of_an_interface_that_is_not_described_is_counted(read: Read) -> None:
    capture = read(section() + interface() + enhanced(FRAME, 1, number=7) + enhanced(FRAME, 2))
    assert capture.columns.frame.tolist() == [2]
    (problem,) = capture.files[0].problems
    assert (problem.kind, problem.frame) == (ProblemKind.UNSUPPORTED, 1)
    assert "not described" in problem.text


def test_a_captured_length_beyond_the_block_is_not_believed(read: Read) -> None:
    lying = bytearray(enhanced(FRAME, 1))
    struct.pack_into("<I", lying, 20, 100_000)
    capture = read(section() + interface() + bytes(lying) + enhanced(FRAME, 2))
    assert payloads(capture) == [b"hello!"] * 2


@pytest.mark.parametrize("length", [0, 8, 11, 1 << 31])
def test_a_block_that_cannot_be_stops_the_reading_there(read: Read, length: int) -> None:
    good = section() + interface() + enhanced(FRAME, 1)
    capture = read(good + struct.pack("<II", 6, length) + bytes(200))
    assert capture.files[0].packets == 1
    (problem,) = capture.files[0].problems
    assert problem.kind is ProblemKind.CORRUPT
    assert f"at byte {len(good)} claims {length}" in problem.text


def test_two_lengths_that_differ_stop_the_reading(read: Read) -> None:
    broken = enhanced(FRAME, 1)[:-4] + b"\0\0\0\1"
    capture = read(section() + interface() + enhanced(FRAME, 1) + broken)
    assert capture.files[0].problems[0].kind is ProblemKind.CORRUPT


def test_a_file_that_ends_inside_a_block_is_cut_short(read: Read) -> None:
    data = section() + interface() + enhanced(FRAME, 1) + enhanced(FRAME, 2)
    capture = read(data[:-5])
    assert capture.files[0].packets == 1
    (problem,) = capture.files[0].problems
    assert (problem.kind, problem.frame) == (ProblemKind.CUT_SHORT, 2)


def test_a_block_larger_than_a_window_is_read_over(read: Read) -> None:
    data = section() + interface() + block(0x7777, bytes(6 << 20)) + enhanced(FRAME, 1)
    assert payloads(read(data)) == [b"hello!"]


def test_a_section_without_byte_order_is_no_capture(read: Read) -> None:
    with pytest.raises(CaptureError, match="byte-order magic"):
        read(block(0x0A0D0D0A, bytes(16)))
