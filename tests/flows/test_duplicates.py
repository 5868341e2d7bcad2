"""Packets that a mirror port recorded twice."""

from __future__ import annotations

import pytest

from .packets import ACK
from .tables import CAPF, CLIENT, SERVER, End, datagram, frames_of, segment, table_of

MILLISECOND = 1_000_000
DNS = End(SERVER, 53)


def stream(count: int) -> list[bytes]:
    """Segments one behind the other, each its own."""
    return [
        segment(CLIENT, CAPF, ACK, 1 + 5 * number, b"hello", identification=number)
        for number in range(count)
    ]


def test_what_a_mirror_recorded_on_both_ways_is_left_out_once() -> None:
    frames = [frame for frame in stream(10) for _ in (0, 1)]
    table = table_of(*frames, gap=MILLISECOND)
    (view,) = table.views
    assert table.duplicates == 10
    assert frames_of(view) == list(range(1, 21, 2))


def test_a_router_between_the_mirrored_ports_may_count_the_ttl_down() -> None:
    frames = []
    for number in range(5):
        for ttl in (64, 63):
            octets = (CLIENT, CAPF, ACK, 1 + number, b"x")
            frames.append(segment(*octets, identification=number, ttl=ttl))
    assert table_of(*frames, gap=MILLISECOND).duplicates == 5


@pytest.mark.parametrize("behind", [1, 2, 3, 4])
def test_the_second_of_two_may_lie_some_packets_behind_the_first(behind: int) -> None:
    own = stream(5 * behind)
    frames = []
    for at in range(0, len(own), behind):
        frames += own[at : at + behind] * 2
    assert table_of(*frames, gap=MILLISECOND).duplicates == len(own)


def test_a_host_that_repeats_little_is_no_mirror() -> None:
    frames = stream(40)
    frames[20:20] = frames[16:20]
    assert table_of(*frames, gap=MILLISECOND).duplicates == 0


def test_what_comes_again_as_late_as_tcp_repeats_is_no_duplicate() -> None:
    frames = [frame for frame in stream(10) for _ in (0, 1)]
    assert table_of(*frames, gap=200 * MILLISECOND).duplicates == 0


@pytest.mark.parametrize(("first", "second", "duplicates"), [(b"a", b"a", 10), (b"a", b"b", 0)])
def test_datagrams_are_duplicates_only_if_their_payloads_are_equal(
    first: bytes, second: bytes, duplicates: int
) -> None:
    frames = [
        datagram(CLIENT, DNS, bytes([number]) + payload, identification=0)
        for number in range(10)
        for payload in (first, second)
    ]
    assert table_of(*frames, gap=MILLISECOND).duplicates == duplicates


def test_equal_packets_of_different_flows_are_no_duplicates() -> None:
    ends = [End(CLIENT.address, 50000 + number) for number in range(10)]
    assert table_of(*[segment(end, CAPF) for end in ends], gap=MILLISECOND).duplicates == 0
