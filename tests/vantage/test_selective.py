"""Selective acknowledgements tell which copy of a segment came, and what a capture missed."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capfpcap.vantage.fate import Fate
from tests.vantage.records import IP, TCP, Packet, codes, fates, joined, pair

SELECTIVE, NO_OPERATION, END = 5, 1, 0
CAPF = 3804
SERVICES = (CAPF, 6970)
LOSS = "gaps-filled"


def selective_at(packet: Packet) -> int | None:
    """Where in a frame the selective acknowledgement begins."""
    if packet.protocol != TCP:
        return None
    at = IP + 40
    while at < packet.payload_at and packet.data[at] != END:
        if packet.data[at] == SELECTIVE:
            return at
        at += 1 if packet.data[at] == NO_OPERATION else packet.data[at + 1]
    return None


def blocks(packet: Packet) -> list[tuple[int, int]]:
    at = selective_at(packet)
    if at is None:
        return []
    count = (packet.data[at + 1] - 2) // 8
    return [struct.unpack_from(">II", packet.data, at + 2 + 8 * each) for each in range(count)]  # type: ignore[misc]


def rewritten(packet: Packet, edges: Callable[[int], tuple[int, int]]) -> Packet:
    """With other edges in all of its blocks, made of what it acknowledges in order."""
    at = selective_at(packet)
    if at is None:
        return packet
    (number,) = struct.unpack_from(">I", packet.data, IP + 28)
    left, right = edges(number)
    block = struct.pack(">II", left & 0xFFFFFFFF, right & 0xFFFFFFFF)
    return packet.patched(at + 2, block * len(blocks(packet)))


def same_octets(one: Packet, other: Packet) -> bool:
    """Whether another packet is a copy that the sender made."""
    return other.protocol == TCP and (one.source, one.sequence, one.payload) == (
        other.source,
        other.sequence,
        other.payload,
    )


def arriving(scenario: str) -> list[tuple[int, Packet]]:
    """The packets of CAPF and HTTP that come to each of both captures, with its number."""
    return [
        (goal, packet)
        for goal, packets in enumerate(pair(scenario))
        for packet in packets
        if packet.protocol == TCP and packet.payload and packet.ports[goal] in SERVICES
    ]


def frame_of(scenario: str, goal: int, packet: Packet) -> tuple[str, int]:
    """Where the capture beside its sender shows a packet: by its IP identification."""
    packets = pair(scenario)[not goal]
    (frame,) = [
        number
        for number, one in enumerate(packets, 1)
        if one.data[IP + 4 : IP + 6] == packet.data[IP + 4 : IP + 6]
        and one.source == packet.source
        and same_octets(one, packet)
    ]
    return ("publisher", "phone")[goal], frame


def verdicts(folder: Path, scenario: str, goal: int, *gone: Packet) -> dict[tuple[str, int], Fate]:
    """What becomes of each packet where the capture at the goal lacks some."""
    seen = [[one for one in packets if one not in gone] for packets in pair(scenario)]
    return fates(joined(folder, *seen))


def test_one_of_two_copies_that_both_came_was_missed_where_the_capture_lacks_it(
    tmp_path: Path,
) -> None:
    came = arriving("held-too-long")
    twice = [one for one in came if sum(same_octets(one[1], other) for _, other in came) > 1]
    assert len(twice) == 6
    for goal, gone in twice:
        found = verdicts(tmp_path, "held-too-long", goal, gone)
        assert found[frame_of("held-too-long", goal, gone)] is Fate.MISSED
        assert Fate.LOST not in found.values()


def test_what_was_lost_and_came_when_it_was_sent_again_is_lost_though_it_was_acknowledged(
    tmp_path: Path,
) -> None:
    whole = fates(joined(tmp_path, *pair(LOSS)))
    named = {left for packets in pair(LOSS) for packet in packets for left, _ in blocks(packet)}
    filling = [
        (goal, packet)
        for goal, packet in arriving(LOSS)
        if packet.sequence + len(packet.payload) in named
    ]
    assert len(filling) >= len(lost_of(whole, "publisher")) - 1
    for goal, gone in filling:
        found = verdicts(tmp_path, LOSS, goal, gone)
        place, frame = frame_of(LOSS, goal, gone)
        assert found[place, frame] is Fate.MISSED
        assert lost_of(found, place) == lost_of(whole, place)


def lost_of(found: dict[tuple[str, int], Fate], place: str) -> set[int]:
    """The frames of a capture that are lost behind it."""
    return {frame for (seen, frame), fate in found.items() if seen == place and fate is Fate.LOST}


def test_octets_behind_a_hole_that_stays_were_missed_where_the_capture_lacks_them(
    tmp_path: Path,
) -> None:
    scenario = "large-packets-vanish"
    named = {edges for one in pair(scenario)[0] for edges in blocks(one)}
    behind = [one for one in arriving(scenario) if one[1].sequence in {left for left, _ in named}]
    assert behind
    for goal, gone in behind:
        packets = [one for one in pair(scenario)[goal] if not same_octets(gone, one)]
        analysis = joined(tmp_path, packets, pair(scenario)[1])
        assert fates(analysis)[frame_of(scenario, goal, gone)] is Fate.MISSED
        assert codes(analysis) == {"path-mtu-blackhole", "capture-drops"}


lies = st.one_of(
    st.tuples(st.integers(1 << 17, 1 << 31), st.integers(0, 1 << 32)),
    st.tuples(st.integers(1, 1 << 16), st.integers(-(1 << 30), 0)),
    st.tuples(st.integers(-(1 << 31), -(1 << 20)), st.integers(1, 1 << 16)),
)
"""How far a block lies from what is acknowledged in order, and how long it is."""


@settings(
    max_examples=30, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(lies)
@pytest.mark.parametrize("scenario", ["large-packets-vanish", LOSS])
def test_blocks_that_lie_make_no_loss_a_miss(
    scenario: str, tmp_path: Path, lie: tuple[int, int]
) -> None:
    def edges(number: int) -> tuple[int, int]:
        return number + lie[0], number + lie[0] + lie[1]

    def lost(*captures: list[Packet]) -> set[tuple[str, int]]:
        found = fates(joined(tmp_path, *captures))
        return {key for key, fate in found.items() if fate is Fate.LOST}

    truth = pair(scenario)
    assert lost(*([rewritten(one, edges) for one in packets] for packets in truth)) == lost(*truth)


def test_size_is_not_what_stops_a_segment_where_another_as_large_came(tmp_path: Path) -> None:
    """The second segment of the server's flight grows as large as the first."""
    publisher = pair("large-packets-vanish")[1]
    flight = [one for one in publisher if one.protocol == TCP and one.ports[0] == CAPF]
    largest = max(len(one.payload) for one in flight)
    lengths = {len(one.payload) for one in flight if one.payload} - {largest}

    def grown(packet: Packet) -> Packet:
        if packet not in flight or len(packet.payload) not in lengths:
            return packet
        return packet.with_payload(packet.payload.ljust(largest, b"\0"))

    def named(number: int) -> tuple[int, int]:
        return number + largest, number + 2 * largest

    assert "path-mtu-blackhole" in codes(joined(tmp_path, publisher))
    told = [rewritten(grown(one), named) for one in publisher]
    found = codes(joined(tmp_path, told))
    assert "path-mtu-blackhole" not in found
    assert "connection-lost" in found
