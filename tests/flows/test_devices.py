"""Places in one file that lie so near in time that they might be two sides of one router."""

from __future__ import annotations

import struct

from capfpcap.flows.table import FlowTable
from tests.capture.builder import PHONE, SERVER, Packet, ipv4

from .packets import ACK, SYN
from .tables import CAPF, CLIENT, START, places_of, segment
from .test_parted import MICROSECOND, MILLISECOND, SECOND, framed, merged, only, recorded, stream

SMALL = 30 * MICROSECOND
"""What a packet takes from one place to the other."""


def asked(number: int) -> Packet:
    """A SYN of another connection, which is sent again and again."""
    ports_and_numbers = (50001, 3804, 8, 0)
    syn = struct.pack(">HHIIBBHHH", *ports_and_numbers, 0x50, SYN, 8192, 0, 0)
    packet = ipv4(syn, 6, PHONE, SERVER, identification=900 + number)
    return Packet(framed(packet, up=True, far=False), START + number * SECOND)


def rows(tables: list[FlowTable]) -> list[int]:
    return [len(table.columns) for table in tables]


def test_what_never_comes_out_of_it_makes_two_places_of_a_router() -> None:
    near, far = recorded(20, 0, way=SMALL)
    assert rows(merged([*near, *map(asked, range(3))], far)) == [23, 20]
    assert rows(merged([*near, asked(0)], far)) == [21]


def test_no_packet_leaves_a_router_before_it_comes_in() -> None:
    near, far = recorded(20, 3 * SMALL, way=SMALL)
    assert rows(merged(near, far)) == [20, 20]


def test_a_mirror_may_show_the_far_side_a_moment_earlier() -> None:
    near, far = recorded(20, 0, way=-10 * MICROSECOND)
    assert rows(merged(near, far)) == [20]


def test_a_host_that_answers_and_repeats_its_answer_at_a_time_is_no_mirror() -> None:
    answer = segment(CAPF, CLIENT, SYN | ACK, 7, identification=0)
    frames = [frame for one in stream(6) for frame in (one, answer, answer)]
    assert only(*frames, gap=50 * MICROSECOND).duplicates == 0
    (mirrored,) = places_of(*[one for one in frames for _ in (0, 1)], gap=50 * MICROSECOND)
    assert mirrored.duplicates >= 6


def test_a_second_recorders_clock_makes_no_capture_longer() -> None:
    near, _ = recorded(20, 0)
    (table,) = merged(near, [Packet(one.data, one.time + 40 * SECOND) for one in near])
    assert table.duplicates == 20
    assert table.end == max(one.time for one in near)


def test_requests_of_one_side_that_come_again_all_at_once_are_a_second_recorders() -> None:
    """Nobody repeats packets in the midst of later ones, and all after exactly the same time."""
    near = [Packet(frame, START + at * 2 * SECOND) for at, frame in enumerate(stream(12))]
    later = [
        Packet(one.data, one.time + 9 * SECOND + at * MICROSECOND) for at, one in enumerate(near)
    ]
    (table,) = merged(near, later)
    assert table.duplicates == 12
    jittering = [Packet(one.data, one.time + at * 5 * MILLISECOND) for at, one in enumerate(later)]
    assert merged(near, jittering)[0].duplicates == 0
