"""The two directions of one link in a file each, as a network tap with two ports writes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from capfpcap.analysis import Analysis
from tests.vantage.records import CAPTURES, UDP, Packet, codes, joined, read

SCENARIO = "itl-mismatch"
ELSEWHERE = b"\x02\0\0\0\0\x11\x02\0\0\0\0\x12"
"""MAC addresses of another link."""


def halves() -> tuple[list[Packet], list[Packet]]:
    packets = [one for one in read(CAPTURES / SCENARIO / "phone.pcap") if one.is_ip]
    phone = next(one.source for one in packets if one.protocol == UDP)
    up = [one for one in packets if one.source == phone]
    return up, [one for one in packets if one.source != phone]


def outcome(analysis: Analysis) -> tuple[str | None, set[str]]:
    (phone,) = analysis.report.phones
    return phone.root_cause, codes(analysis)


@pytest.mark.parametrize("turned", [False, True])
def test_both_directions_of_a_link_are_one_capture(tmp_path: Path, turned: bool) -> None:
    up, down = halves()
    analysis = joined(tmp_path, *((down, up) if turned else (up, down)))
    root, found = outcome(analysis)
    assert root == "itl-capf-mismatch"
    assert "capture-one-sided" not in found
    assert len(analysis.scene.points) == 1
    assert len(analysis.report.captures) == 2


def test_one_direction_each_of_two_links_stays_two_captures(tmp_path: Path) -> None:
    up, down = halves()
    moved = [one.patched(0, ELSEWHERE) for one in down]
    analysis = joined(tmp_path, up, moved)
    assert len(analysis.scene.points) == 2
    assert "capture-one-sided" in codes(analysis)
