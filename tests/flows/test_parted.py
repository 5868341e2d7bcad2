"""What a capture holds twice, and captures that hold what several places recorded."""

from __future__ import annotations

import struct
import tempfile
from pathlib import Path

import pytest

from capfpcap.capture.addresses import AddressTable
from capfpcap.capture.ports import PortSelection
from capfpcap.capture.reader import read_capture
from capfpcap.flows.places import Sign
from capfpcap.flows.table import FlowTable, build_tables
from tests.capture.builder import (
    PHONE,
    SERVER,
    Packet,
    block,
    enhanced,
    ethernet,
    interface,
    ipv4,
    ipv6,
    pcap,
    section,
)

from .packets import ACK, RST
from .tables import CAPF, CLIENT, START, End, datagram, frames_of, places_of, segment

MICROSECOND, MILLISECOND, SECOND = 1_000, 1_000_000, 1_000_000_000
DNS = End(SERVER, 53)
ROUTER = bytes.fromhex("001b54aa0101")
FAR_ROUTER = bytes.fromhex("001b54bb0102")
PHONE_MAC, SERVER_MAC = bytes.fromhex("0008300a0b0c"), bytes.fromhex("00505600aa01")

Timed = list[Packet]


def stream(count: int) -> list[bytes]:
    """Segments one behind the other, each its own."""
    return [
        segment(CLIENT, CAPF, ACK, 1 + 5 * number, b"hello", identification=1 + number)
        for number in range(count)
    ]


def only(*frames: bytes, gap: int = MILLISECOND) -> FlowTable:
    (table,) = places_of(*frames, gap=gap)
    return table


def test_what_a_mirror_recorded_on_both_ways_is_left_out_once() -> None:
    table = only(*[frame for frame in stream(10) for _ in (0, 1)])
    (view,) = table.views
    assert table.duplicates == 10
    assert table.merged is None
    assert frames_of(view) == list(range(1, 21, 2))


def test_a_tag_that_one_copy_has_makes_no_difference() -> None:
    frames = []
    for frame in stream(10):
        frames += [frame, frame[:12] + b"\x81\0\0\x78" + frame[12:]]
    table = only(*frames)
    assert (table.duplicates, table.merged) == (10, None)


@pytest.mark.parametrize("behind", [1, 2, 5, 20])
def test_copies_may_lie_any_number_of_packets_behind(behind: int) -> None:
    own = stream(5 * behind)
    frames = []
    for at in range(0, len(own), behind):
        frames += own[at : at + behind] * 2
    assert only(*frames).duplicates == len(own)


def test_a_host_that_repeats_little_is_no_mirror() -> None:
    frames = stream(40)
    frames[20:20] = frames[16:20]
    assert only(*frames).duplicates == 0


def test_what_a_host_sends_again_has_another_identification() -> None:
    again = [
        segment(CLIENT, CAPF, ACK, 1 + 5 * number, b"hello", identification=100 + number)
        for number in range(10)
    ]
    frames = [frame for pair in zip(stream(10), again, strict=True) for frame in pair]
    assert only(*frames, gap=200 * MILLISECOND).duplicates == 0


def test_one_side_that_repeats_itself_late_with_one_number_is_no_copy() -> None:
    frames = [frame for frame in stream(10) for _ in (0, 1)]
    assert only(*frames, gap=2 * SECOND).duplicates == 0


@pytest.mark.parametrize(("first", "second", "duplicates"), [(b"a", b"a", 10), (b"a", b"b", 0)])
def test_datagrams_are_duplicates_only_if_their_payloads_are_equal(
    first: bytes, second: bytes, duplicates: int
) -> None:
    frames = [
        datagram(CLIENT, DNS, bytes([number]) + payload, identification=0)
        for number in range(10)
        for payload in (first, second)
    ]
    assert only(*frames).duplicates == duplicates


def test_equal_packets_of_different_flows_are_no_duplicates() -> None:
    ends = [End(CLIENT.address, 50000 + number) for number in range(10)]
    assert only(*[segment(end, CAPF) for end in ends]).duplicates == 0


# Packets of a phone and its server as two places show them.


def framed(packet: bytes, *, up: bool, far: bool) -> bytes:
    """In a frame of the phone's network, or of the server's."""
    if far:
        ends = (SERVER_MAC, FAR_ROUTER) if up else (FAR_ROUTER, SERVER_MAC)
    else:
        ends = (ROUTER, PHONE_MAC) if up else (PHONE_MAC, ROUTER)
    return b"".join(ends) + b"\x08\0" + packet


def seen(number: int, *, far: bool, up: bool, identified: bool = True, port: int = 50000) -> bytes:
    """The IP packet of one step of a session, its TTL counted down by two routers."""
    ends = (port, 3804) if up else (3804, port)
    addresses = (PHONE, SERVER) if up else (SERVER, PHONE)
    numbers = (1000 + number, 5000) if up else (5000 + number, 1000)
    head = struct.pack(">HHIIBBHHH", *ends, *numbers, 0x50, ACK, 8192, 0, 0)
    own = far != up
    return ipv4(
        head + bytes([number]) * 9,
        6,
        *addresses,
        identification=100 + number if identified else 0,
        ttl=64 if own else 62,
    )


def recorded(
    steps: int, apart: int, *, raw: bool = False, identified: bool = True, way: int = 3_000_000
) -> tuple[Timed, Timed]:
    """The same packets, ten milliseconds apart, near the phone and at the server."""
    near, far = [], []
    for number in range(steps):
        up, time = number % 2 == 0, START + number * 10 * MILLISECOND
        for place, packets in ((False, near), (True, far)):
            packet = seen(number, far=place, up=up, identified=identified)
            data = packet if raw else framed(packet, up=up, far=place)
            arrives = time + (way if place == up else 0) + (apart if place else 0)
            packets.append(Packet(data, arrives))
    return near, far


def tables_of(content: bytes) -> list[FlowTable]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "merged"
        path.write_bytes(content)
        capture = read_capture((str(path),), PortSelection(), AddressTable())
        return build_tables(capture, PortSelection())


def merged(*places: Timed, link_type: int = 1) -> list[FlowTable]:
    packets = sorted((one for place in places for one in place), key=lambda packet: packet.time)
    return tables_of(pcap(packets, link_type))


@pytest.mark.parametrize(
    "apart", [50 * MICROSECOND, 40 * MILLISECOND, -40 * MILLISECOND, 3 * SECOND, -400 * SECOND]
)
def test_two_captures_in_one_file_are_two_places(apart: int) -> None:
    near, far = recorded(20, apart)
    tables = merged(near, far)
    assert [len(table.columns) for table in tables] == [20, 20]
    assert [set(table.columns.ttl[table.to_server].tolist()) for table in tables] == [{64}, {62}]
    assert {table.merged.sign for table in tables if table.merged} == {Sign.LINK}


def test_without_link_layer_addresses_ttls_tell_the_places() -> None:
    near, far = recorded(20, 40 * MILLISECOND, raw=True)
    tables = merged(near, far, link_type=101)
    assert [len(table.columns) for table in tables] == [20, 20]
    assert {table.merged.sign for table in tables if table.merged} == {Sign.TTL}


def test_the_interface_tells_where_a_packet_was_recorded() -> None:
    near, far = recorded(20, 40 * MILLISECOND)
    blocks = [section(), interface(resolution=9), interface(resolution=9)]
    packets = [(one, number) for number, place in enumerate((near, far)) for one in place]
    blocks += [enhanced(one, one.time, number) for one, number in packets]
    tables = tables_of(b"".join(blocks))
    assert [len(table.columns) for table in tables] == [20, 20]
    assert {table.merged.sign for table in tables if table.merged} == {Sign.INTERFACE}


def test_interfaces_count_on_through_sections() -> None:
    near, far = recorded(20, 40 * MILLISECOND, raw=True)
    blocks = []
    for place in (near, far):
        blocks += [section(), interface(101, resolution=9)]
        blocks += [enhanced(one, one.time) for one in place]
    tables = tables_of(b"".join(blocks))
    assert {table.merged.sign for table in tables if table.merged} == {Sign.INTERFACE}


def test_what_one_place_alone_shows_is_that_places() -> None:
    near, far = recorded(20, 3 * SECOND)
    lost = {4, 5, 6, 11}
    far_left = [one for number, one in enumerate(far) if number not in lost]
    tables = merged(near, far_left)
    assert [len(table.columns) for table in tables] == [20, 16]


def test_a_reset_of_something_between_is_where_it_was_seen() -> None:
    near, far = recorded(20, 40 * MILLISECOND, raw=True)
    head = struct.pack(">HHIIBBHHH", 3804, 50001, 1, 9, 0x50, RST | ACK, 0, 0, 0)
    syn = struct.pack(">HHIIBBHHH", 50001, 3804, 8, 0, 0x50, 2, 8192, 0, 0)
    near += [
        Packet(ipv4(syn, 6, PHONE, SERVER, identification=9), START + SECOND),
        Packet(ipv4(head, 6, SERVER, PHONE, identification=0), START + SECOND + MILLISECOND),
    ]
    first, last = merged(near, far, link_type=101)
    assert (len(first.columns), len(last.columns)) == (22, 20)
    assert int((first.columns.flags & RST).sum())


def test_a_router_whose_mirror_shows_both_sides_is_one_place() -> None:
    near, far = recorded(20, 0, way=30 * MICROSECOND)
    (table,) = merged(near, far)
    assert (table.duplicates, table.merged) == (20, None)
    assert set(table.columns.ttl[table.to_server].tolist()) == {64}


def test_a_copy_that_the_mirror_lost_leaves_no_packet_with_another_ttl() -> None:
    near, far = recorded(20, 0, way=30 * MICROSECOND)
    (table,) = merged([one for number, one in enumerate(near) if number not in {3, 8}], far)
    assert len(table.columns) == 20
    assert set(table.columns.ttl[table.to_server].tolist()) == {64}
    assert set(table.columns.ttl[~table.to_server].tolist()) == {62}


@pytest.mark.parametrize("way", [30 * MICROSECOND, 3 * MILLISECOND])
def test_what_is_sent_again_beside_copies_stays(way: int) -> None:
    """Hosts that number nothing: the time between packet and copy tells."""
    near, far = recorded(20, 0, way=way, identified=False)
    again = [Packet(one.data, one.time + 250 * MILLISECOND) for one in (near[6], far[6])]
    tables = merged([*near, again[0]], [*far, again[1]])
    assert sum(len(table.columns) for table in tables) == (21 if way < MILLISECOND else 42)


def test_a_translator_between_the_places_hides_nothing() -> None:
    near, far = recorded(20, 40 * MILLISECOND)
    outside = [
        Packet(one.data.replace(bytes([10, 1, 20, 31]), bytes([198, 51, 100, 7])), one.time)
        for one in far
    ]
    tables = merged(near, outside)
    assert [len(table.columns) for table in tables] == [20, 20]


def test_a_firewall_that_rewrites_numbers_hides_nothing() -> None:
    near, far = recorded(40, 40 * MILLISECOND)
    at = 14 + 20 + 4
    other = [
        Packet(one.data[:at] + bytes(8) + one.data[at + 8 :], one.time)
        if number % 2
        else Packet(one.data[:at] + b"\x77" * 8 + one.data[at + 8 :], one.time)
        for number, one in enumerate(far)
    ]
    tables = merged(near, other)
    assert [len(table.columns) for table in tables] == [40, 40]


def test_three_places_are_three() -> None:
    near, far = recorded(20, 3 * SECOND)
    middle = []
    for number in range(20):
        up = number % 2 == 0
        packet = seen(number, far=False, up=up)
        packet = packet[:8] + b"\x3f" + packet[9:]
        ends = (FAR_ROUTER, ROUTER) if up else (ROUTER, FAR_ROUTER)
        time = START + number * 10 * MILLISECOND + SECOND
        middle.append(Packet(b"".join(ends) + b"\x08\0" + packet, time))
    assert [len(table.columns) for table in merged(near, middle, far)] == [20, 20, 20]


def test_captures_of_one_link_cannot_be_taken_apart_and_hold_each_packet_once() -> None:
    near, _ = recorded(20, 0)
    later = [Packet(one.data, one.time + 3 * SECOND) for one in near]
    (table,) = merged(near, later)
    assert table.duplicates == 20
    assert table.merged is not None
    assert (table.merged.places, table.merged.sign) == (1, None)


def test_hop_limits_tell_the_places_of_packets_without_numbers() -> None:
    def at(place: int, number: int, time: int) -> Packet:
        head = struct.pack(">HHIIBBHHH", 50000, 3804, number, 1, 0x50, ACK, 8192, 0, 0)
        packet = ipv6(head + b"octets")
        frame = ethernet(packet[:7] + bytes([64 - place]) + packet[8:], 0x86DD)
        return Packet(frame, time)

    times = [START + number * 20 * MILLISECOND for number in range(20)]
    near = [at(0, number, time) for number, time in enumerate(times)]
    far = [at(1, number, time + 2 * SECOND) for number, time in enumerate(times)]
    assert [len(table.columns) for table in merged(near, far)] == [20, 20]


def test_a_thousand_equal_packets_end_in_a_table() -> None:
    (frame,) = stream(1)
    unnumbered = segment(CLIENT, CAPF, ACK, 1, b"hello", identification=0)
    for equal in (frame, unnumbered):
        tables = places_of(*[equal] * 1000, gap=MICROSECOND)
        assert tables


def test_a_block_of_another_kind_between_packets_changes_no_interface() -> None:
    near, far = recorded(20, 40 * MILLISECOND, raw=True)
    blocks = [section(), interface(101, resolution=9), interface(101, resolution=9)]
    for one, other in zip(near, far, strict=True):
        blocks += [enhanced(one, one.time), block(5, bytes(12)), enhanced(other, other.time, 1)]
    assert [len(table.columns) for table in tables_of(b"".join(blocks))] == [20, 20]
