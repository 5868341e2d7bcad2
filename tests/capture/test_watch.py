"""What no capture of a network looks like."""

from __future__ import annotations

import pytest

from capfpcap.capture.files.bombs import BOMBS, Growth
from capfpcap.capture.files.pcapng import MAX_OTHER_BLOCKS
from capfpcap.capture.files.source import DamagedStreamError
from capfpcap.capture.files.watch import MAX_EMPTY_RECORDS
from capfpcap.capture.problems import ProblemKind

from .builder import Packet, block, enhanced, ethernet, interface, ipv4, pcap, section, tcp
from .conftest import Read, payloads

FRAME = Packet(ethernet(ipv4(tcp(b"hello!"))))
EMPTY_RECORD = bytes(16)


def test_empty_records_in_any_number_are_read_where_packets_stand_between_them(read: Read) -> None:
    record = pcap([FRAME])[24:]
    part = EMPTY_RECORD * (MAX_EMPTY_RECORDS // 2) + record
    capture = read(pcap([]) + part * 3)
    assert payloads(capture) == [b"hello!"] * 3
    assert capture.files[0].problems == ()


def test_reading_ends_in_a_tail_of_empty_records(read: Read) -> None:
    capture = read(pcap([FRAME]) + EMPTY_RECORD * (3 * MAX_EMPTY_RECORDS))
    (problem,) = capture.files[0].problems
    assert payloads(capture) == [b"hello!"]
    assert problem.kind is ProblemKind.CORRUPT
    assert problem.text.endswith("more than 1048576 records in a row are empty")
    assert capture.files[0].packets < 2 * MAX_EMPTY_RECORDS


def test_blocks_that_hold_no_packet_may_outnumber_packets_only_so_far(read: Read) -> None:
    begin = section() + interface() + enhanced(FRAME, 1)
    few = read(begin + block(5, b"") * 1000 + enhanced(FRAME, 2))
    assert payloads(few) == [b"hello!"] * 2
    assert few.files[0].problems == ()
    many = read(begin + block(5, b"") * (MAX_OTHER_BLOCKS + 1_000_000) + enhanced(FRAME, 2))
    assert payloads(many) == [b"hello!"]
    (problem,) = many.files[0].problems
    assert problem.text.endswith("blocks before frame 2 hold no packet; the reading stopped there")


@pytest.mark.parametrize(("octets", "ratio"), BOMBS)
def test_a_file_may_grow_far_while_it_is_small_and_some_hundred_times_when_large(
    octets: int, ratio: int
) -> None:
    small, large = Growth(), Growth()
    small.count(BOMBS[0][0] // 650, BOMBS[0][0])
    small.count((octets - BOMBS[0][0]) // 650, octets - BOMBS[0][0])
    large.count(octets // ratio + 1, octets)
    large.count(1, ratio)
    with pytest.raises(DamagedStreamError, match=f"grows to more than {ratio} times"):
        large.count(octets // ratio, 2 * octets)
