"""A healthy pair is harmed packet by packet; each verdict must be what was done."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capfpcap.report import Severity
from capfpcap.vantage.fate import Fate
from tests.vantage.records import (
    ACK,
    IP,
    MILLISECOND,
    SECOND,
    SYN,
    TCP,
    Packet,
    codes,
    fates,
    joined,
    pair,
    translated,
)

PHONE, PUBLISHER = pair("success-by-address")
SENT_AGAIN_AFTER = 250 * MILLISECOND
OUTSIDE_ADDRESS = bytes([198, 51, 100, 7])
RST = 0x04


@dataclass(frozen=True)
class Crossing:
    """A packet as both captures have it."""

    near: Packet
    far: Packet

    @property
    def carries(self) -> bool:
        return bool(self.near.payload)

    @property
    def opens(self) -> bool:
        return self.near.protocol == TCP and bool(self.near.flags & SYN)


def crossings() -> list[Crossing]:
    """All packets that both captures have, by what is behind their IP headers."""
    there = {packet.data[IP + 20 :]: packet for packet in PUBLISHER if packet.is_ip}
    here = [packet for packet in PHONE if packet.is_ip]
    return [Crossing(packet, there[packet.data[IP + 20 :]]) for packet in here]


CROSSINGS = crossings()
PHONE_ADDRESS = CROSSINGS[0].near.source
CARRYING = [
    number for number, one in enumerate(CROSSINGS) if one.carries and one.near.ports[1] != 69
]
"""Requests left out: what follows them would come before their repetition."""
IN_SESSION = [
    number
    for number in CARRYING
    if CROSSINGS[number].near.protocol == TCP and number != CARRYING[-1]
]
numbers = st.sampled_from(CARRYING)


@dataclass
class Network:
    """Both captures while they are harmed, with what each packet's verdict must be."""

    near: dict[int, list[Packet]] = field(
        default_factory=lambda: {number: [one.near] for number, one in enumerate(CROSSINGS)}
    )
    far: dict[int, list[Packet]] = field(
        default_factory=lambda: {number: [one.far] for number, one in enumerate(CROSSINGS)}
    )
    expected: list[tuple[str, Packet, Fate]] = field(default_factory=list)

    def upstream(self, number: int) -> bool:
        return CROSSINGS[number].near.source == PHONE_ADDRESS

    def sides(self, number: int) -> tuple[dict[int, list[Packet]], dict[int, list[Packet]]]:
        """The captures beside the sender and beside the receiver."""
        return (self.near, self.far) if self.upstream(number) else (self.far, self.near)

    def names(self, number: int) -> tuple[str, str]:
        return ("phone", "publisher") if self.upstream(number) else ("publisher", "phone")

    def lose_and_send_again(self, number: int) -> None:
        sent, arrived = self.sides(number)
        original = sent[number][0]
        self.expected.append((self.names(number)[0], original, Fate.LOST))
        again = [
            packet.later(SENT_AGAIN_AFTER).identified(60_000 + number)
            for packet in (original, arrived[number][0])
        ]
        sent[number].append(again[0])
        arrived[number] = [again[1]]
        self.expected.append((self.names(number)[0], again[0], Fate.PASSED))

    def miss(self, number: int) -> None:
        sent, arrived = self.sides(number)
        arrived[number] = []
        self.expected.append((self.names(number)[0], sent[number][0], Fate.MISSED))

    def duplicate(self, number: int) -> None:
        _, arrived = self.sides(number)
        copy = arrived[number][0].later(MILLISECOND)
        arrived[number].append(copy)
        self.expected.append((self.names(number)[1], copy, Fate.REPEATED))

    def delay(self, number: int, nanoseconds: int) -> None:
        sent, arrived = self.sides(number)
        arrived[number] = [packet.later(nanoseconds) for packet in arrived[number]]
        self.expected.append((self.names(number)[0], sent[number][0], Fate.PASSED))

    def inject_reset(self, number: int) -> None:
        _, arrived = self.sides(number)
        genuine = arrived[number][0]
        reset = genuine.with_payload(b"").patched(IP + 33, bytes([RST])).later(MILLISECOND)
        reset = reset.identified(59_999)
        arrived[number].append(reset)
        self.expected.append((self.names(number)[1], reset, Fate.INJECTED))

    def check(self, *, nat: bool, clock: int) -> None:
        near = _in_order(self.near)
        far = _in_order(self.far)
        frames = {("phone", id(one)): number for number, one in enumerate(near, 1)}
        frames |= {("publisher", id(one)): number for number, one in enumerate(far, 1)}
        seen = [packet.later(clock) for packet in far]
        if nat:
            seen = translated(seen, PHONE_ADDRESS, OUTSIDE_ADDRESS)
        with tempfile.TemporaryDirectory() as folder:
            found = fates(joined(Path(folder), near, seen))
        told = [
            (place, frames[place, id(packet)], found[place, frames[place, id(packet)]])
            for place, packet, _ in self.expected
        ]
        assert told == [
            (place, frames[place, id(packet)], fate) for place, packet, fate in self.expected
        ]
        harmed = {(place, frame) for place, frame, _ in told}
        others = {fate for key, fate in found.items() if key not in harmed}
        assert others <= {Fate.PASSED}


def _in_order(packets: dict[int, list[Packet]]) -> list[Packet]:
    return sorted((one for some in packets.values() for one in some), key=lambda one: one.time)


several = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


@several
@given(st.sets(numbers, min_size=1, max_size=12), st.booleans(), st.integers(-(10**12), 10**12))
def test_what_the_network_lost_is_lost_and_its_repetition_passed(
    chosen: set[int], nat: bool, clock: int
) -> None:
    network = Network()
    for number in chosen:
        network.lose_and_send_again(number)
    network.check(nat=nat, clock=clock)


@several
@given(st.sets(st.sampled_from(IN_SESSION), min_size=1, max_size=4), st.booleans())
def test_what_its_receiver_acknowledged_was_missed_by_the_capture(
    chosen: set[int], nat: bool
) -> None:
    network = Network()
    for number in chosen:
        network.miss(number)
    network.check(nat=nat, clock=-3 * SECOND)


@several
@given(st.sets(numbers, min_size=1, max_size=6), st.booleans())
def test_what_the_network_doubled_is_a_copy(chosen: set[int], nat: bool) -> None:
    network = Network()
    for number in chosen:
        if CROSSINGS[number].near.data[IP + 4 : IP + 6] != b"\0\0":
            network.duplicate(number)
    network.check(nat=nat, clock=SECOND)


@several
@given(st.dictionaries(numbers, st.integers(1, 150 * MILLISECOND), max_size=10))
def test_what_was_delayed_has_passed(delays: dict[int, int]) -> None:
    network = Network()
    for number, nanoseconds in delays.items():
        network.delay(number, nanoseconds)
    network.check(nat=False, clock=5 * SECOND)


@pytest.mark.parametrize("number", IN_SESSION[:6])
def test_a_reset_that_nobody_sent_was_injected(number: int) -> None:
    network = Network()
    network.inject_reset(number)
    network.check(nat=True, clock=-SECOND)


@several
@given(st.integers(0, 100), st.integers(0, 100))
def test_outside_the_overlap_nothing_counts_as_lost(start: int, end: int) -> None:
    def part(packets: list[Packet]) -> list[Packet]:
        first, last = sorted((start, end))
        return packets[len(packets) * first // 100 : len(packets) * last // 100]

    with tempfile.TemporaryDirectory() as folder:
        for near, far in ((PHONE, part(PUBLISHER)), (part(PHONE), PUBLISHER)):
            analysis = joined(Path(folder), near, far)
            assert Fate.LOST not in fates(analysis).values()
            critical = [
                finding.code
                for finding in analysis.report.findings
                if finding.severity is Severity.CRITICAL
            ]
            assert critical == []


def _resegmented(packets: list[Packet], size: int) -> Iterator[Packet]:
    """Segments cut as a network card cuts them."""
    for packet in packets:
        payload = packet.payload if packet.protocol == TCP else b""
        if len(payload) <= size:
            yield packet
            continue
        for number, at in enumerate(range(0, len(payload), size)):
            one = packet.with_payload(payload[at : at + size]).later(number)
            yield one.patched(IP + 24, (packet.sequence + at).to_bytes(4, "big"))


@pytest.mark.parametrize("size", [100, 536, 700])
def test_segments_cut_by_a_network_card_are_no_loss(size: int, tmp_path: Path) -> None:
    analysis = joined(tmp_path, PHONE, list(_resegmented(PUBLISHER, size)))
    assert set(fates(analysis).values()) == {Fate.PASSED}
    assert codes(analysis) == {"capf-session-complete"}


def test_lost_acknowledgements_are_lost(tmp_path: Path) -> None:
    bare = [
        one
        for one in CROSSINGS
        if one.near.protocol == TCP
        and one.near.source == PHONE_ADDRESS
        and one.near.flags == ACK
        and not one.carries
    ][1:3]
    gone = {id(one.far) for one in bare}
    analysis = joined(tmp_path, PHONE, [one for one in PUBLISHER if id(one) not in gone])
    lost = [frame for (place, frame), fate in fates(analysis).items() if fate is Fate.LOST]
    assert [PHONE[frame - 1] for frame in sorted(lost)] == [one.near for one in bare]
    assert codes(analysis) == {"capf-session-complete"}
