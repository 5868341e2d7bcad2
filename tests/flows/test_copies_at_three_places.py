"""A capture on all interfaces of a router: each packet at a port, at its bridge, and beyond."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from capfpcap.report import Outcome
from tests.vantage.records import CAPTURES, Packet, codes, joined, read

TTL, HOP_LIMIT = 14 + 8, 14 + 7
"""Where IPv4 and IPv6 have them in an Ethernet frame; IPv6 has no identification."""
APART = 2000
"""Nanoseconds from one place to the next."""
BEYOND = b"\x02\0\0\0\0\x11\x02\0\0\0\0\x12"
"""The link's addresses behind the router."""


def at_three_places(packet: Packet) -> list[Packet]:
    bridged = packet.later(APART)
    routed = replace(packet, data=BEYOND + packet.data[12:]).later(2 * APART)
    at = TTL if packet.is_ip else HOP_LIMIT
    return [packet, bridged, routed.patched(at, bytes([packet.data[at] - 1]))]


def test_a_third_copy_is_no_retransmission(tmp_path: Path) -> None:
    packets = read(CAPTURES / "success-ipv6" / "phone.pcap")
    analysis = joined(tmp_path, [copy for one in packets for copy in at_three_places(one)])
    assert [phone.outcome for phone in analysis.report.phones] == [Outcome.SUCCEEDED]
    assert "capture-duplicates" in codes(analysis)
    assert "packet-loss" not in codes(analysis)
