"""Captures that lie to each other: any octet may be anything, and the analysis still ends."""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capfpcap.analysis import CaptureInput, analyze
from tests.vantage.records import (
    IP,
    SECOND,
    Packet,
    fates,
    joined,
    pair,
    translated,
    write,
)

PHONE, PUBLISHER = pair("success-by-address")
HEADERS = 60
"""Octets of a frame in which changes reach addresses, ports, numbers and lengths."""


def changed(packets: list[Packet], seed: int) -> list[Packet]:
    """Some packets with wrong octets, wrong times, or in the wrong place."""
    chance = random.Random(seed)
    some = []
    for packet in packets:
        one = packet
        if chance.random() < 0.3:
            at = chance.randrange(IP, min(HEADERS, len(one.data)))
            one = one.patched(at, bytes([chance.randrange(256)]))
        if chance.random() < 0.1:
            one = one.later(chance.randrange(-(10**18), 10**18))
        some.append(one)
        if chance.random() < 0.1:
            some.append(chance.choice(packets))
    return some


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(st.integers(0, 2**32), st.booleans())
def test_captures_with_wrong_octets_and_times_end_in_a_report(seed: int, both: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        near = changed(PHONE, seed + 1) if both else PHONE
        analysis = joined(Path(folder), near, changed(PUBLISHER, seed))
        assert [note for note in analysis.report.notes if "rule" in note] == []
        fates(analysis)


def test_ten_thousand_requests_that_look_alike_are_joined_in_good_time(tmp_path: Path) -> None:
    request = next(one for one in PHONE if one.is_ip and one.payload[:2] == b"\0\1")
    inside = request.source
    near, far = [], []
    for number in range(10_000):
        address = bytes([10, 50, number >> 8, number & 255])
        asked = translated([request.later(number * SECOND // 1000)], inside, address)
        near += asked
        far += translated(asked, address, bytes([11, *address[1:]]))
    paths = [write(tmp_path / f"{name}.pcap", some) for name, some in (("a", near), ("b", far))]
    begin = time.process_time()
    analysis = analyze([CaptureInput((str(path),)) for path in paths])
    assert time.process_time() - begin < 20
    shared = [flow for flow in analysis.scene.flows if len(flow.sightings) == 2]
    assert len(shared) == 10_000
