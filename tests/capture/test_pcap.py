"""The classic capture format."""

from __future__ import annotations

import struct

import pytest

from capfpcap.capture.columns import CaptureError
from capfpcap.capture.problems import ProblemKind

from .builder import Packet, ethernet, ipv4, pcap, tcp
from .conftest import Read, payloads

FRAME = ethernet(ipv4(tcp(b"hello")))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("magic", [0xA1B2C3D4, 0xA1B23C4D, 0xA1B2CD34])
def test_every_byte_order_and_resolution_gives_the_exact_time(
    read: Read, order: str, magic: int
) -> None:
    time = 1_700_000_000_123_456_000
    capture = read(pcap([Packet(FRAME, time)] * 3, order=order, magic=magic))
    assert capture.columns.time.tolist() == [time] * 3
    assert payloads(capture) == [b"hello"] * 3
    assert capture.files[0].format == "pcap"


def test_nanoseconds_are_kept_to_the_last_digit(read: Read) -> None:
    assert read(pcap([Packet(FRAME, 1_700_000_000_999_999_999)])).columns.time[0] == (
        1_700_000_000_999_999_999
    )


def test_a_time_of_the_year_2106_is_not_negative(read: Read) -> None:
    late = 0xFFFFFFFF * 1_000_000_000
    assert read(pcap([Packet(FRAME, late)])).files[0].last == late


def test_a_fraction_over_a_second_counts_as_it_stands(read: Read) -> None:
    data = bytearray(pcap([Packet(FRAME, 1_000_000_000)]))
    struct.pack_into("<I", data, 28, 0xFFFFFFFF)
    assert read(bytes(data)).columns.time[0] == 1_000_000_000 + 0xFFFFFFFF


def test_the_upper_half_of_the_link_type_is_not_part_of_it(read: Read) -> None:
    capture = read(pcap([Packet(FRAME)], link_type=0x24000001))
    assert capture.files[0].link_types == ("EN10MB",)
    assert len(capture.columns) == 1


def test_lengths_stand_the_other_way_round_before_version_2_3(read: Read) -> None:
    data = bytearray(pcap([Packet(FRAME, wire=1000)]))
    struct.pack_into("<H", data, 6, 2)
    captured, wire = struct.unpack_from("<II", data, 32)
    struct.pack_into("<II", data, 32, wire, captured)
    assert payloads(read(bytes(data))) == [b"hello"]


def longer(data: bytes, more: int) -> bytes:
    """A capture whose record headers have so many octets more, as patched libraries wrote them."""
    at, out = 24, [data[:24]]
    while at < len(data):
        (captured,) = struct.unpack_from("<I", data, at + 8)
        packet = at + 16
        at = packet + captured
        out.append(data[packet - 16 : packet] + bytes(range(more)) + data[packet:at])
    return b"".join(out)


@pytest.mark.parametrize("more", [4, 8])
def test_longer_record_headers_under_the_usual_magic_number_are_told_by_the_records(
    read: Read, more: int
) -> None:
    packets = [Packet(FRAME, (1_700_000_000 + second) * 10**9) for second in range(20)]
    capture = read(longer(pcap(packets), more))
    assert payloads(capture) == [b"hello"] * 20
    assert capture.columns.time.tolist() == [packet.time for packet in packets]


def test_record_headers_of_28_octets_under_the_modified_magic_number_are_told(read: Read) -> None:
    data = longer(pcap([Packet(FRAME)] * 3, magic=0xA1B2C3D4), 12)
    assert payloads(read(struct.pack("<I", 0xA1B2CD34) + data[4:])) == [b"hello"] * 3


@pytest.mark.parametrize("left", range(1, 16))
def test_a_cut_record_header_behind_one_packet_makes_no_other_header_length(
    read: Read, left: int
) -> None:
    data = pcap([Packet(FRAME)])
    assert payloads(read(data + data[24 : 24 + left])) == [b"hello"]


def test_a_file_that_ends_inside_a_packet_gives_all_packets_before(read: Read) -> None:
    data = pcap([Packet(FRAME)] * 5)
    capture = read(data[:-3])
    assert capture.files[0].packets == 4
    (problem,) = capture.files[0].problems
    assert (problem.kind, problem.frame) == (ProblemKind.CUT_SHORT, 5)
    assert f"at byte {len(data) - len(FRAME) - 16}" in problem.text


def test_a_file_that_ends_inside_a_record_header_is_cut_short_too(read: Read) -> None:
    capture = read(pcap([Packet(FRAME)]) + b"\1")
    assert [problem.kind for problem in capture.files[0].problems] == [ProblemKind.CUT_SHORT]


def test_a_record_of_two_gigabytes_stops_the_reading_there(read: Read) -> None:
    good = pcap([Packet(FRAME)] * 2)
    capture = read(good + struct.pack("<IIII", 1, 2, 1 << 31, 1 << 31) + b"x" * 100)
    assert capture.files[0].packets == 2
    (problem,) = capture.files[0].problems
    assert problem.kind is ProblemKind.CORRUPT
    assert problem.frame == 3
    assert f"at byte {len(good)} claims 2147483648" in problem.text


def test_a_file_with_a_header_only_is_an_empty_capture(read: Read) -> None:
    capture = read(pcap([]))
    assert capture.files[0].packets == 0
    assert capture.files[0].first is None
    assert capture.files[0].problems == ()


def test_a_file_that_ends_inside_its_header_is_refused(read: Read) -> None:
    with pytest.raises(CaptureError, match="ends inside its file header, after 10 bytes"):
        read(pcap([])[:10])


def test_packets_that_cross_the_borders_of_windows_are_whole(read: Read) -> None:
    frames = [ethernet(ipv4(tcp(bytes([number % 256]) * 60_000))) for number in range(150)]
    capture = read(pcap([Packet(frame) for frame in frames]))
    assert capture.columns.frame.tolist() == list(range(1, 151))
    assert payloads(capture) == [bytes([number]) * 60_000 for number in range(150)]


def test_more_packets_than_one_batch_holds_keep_their_frame_numbers(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("capfpcap.capture.files.pcap.MAX_BATCH", 7)
    monkeypatch.setattr("capfpcap.capture.files.walk.MAX_BATCH", 7)
    capture = read(pcap([Packet(FRAME)] * 50))
    assert capture.columns.frame.tolist() == list(range(1, 51))
