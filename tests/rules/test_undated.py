"""Captures of machines whose clocks were never set, or without times at all."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from tests.rules.records import CAPTURES, RECORD_HEADER, faults_in, records_of

DAY = 86_400
HEALTHY = CAPTURES / "success-by-address" / "phone.pcap"


def begun(second: int) -> tuple[bytes, list[bytes]]:
    """The healthy capture as one that began at another time, seconds since 1970."""
    header, records = records_of(HEALTHY)
    (first,) = struct.unpack_from("<I", records[0])
    times = [struct.unpack_from("<I", record)[0] - first + second for record in records]
    return header, [
        struct.pack("<I", time) + record[4:] for time, record in zip(times, records, strict=True)
    ]


@pytest.mark.parametrize("second", [0, 8459 * DAY], ids=["1970", "1993"])
def test_a_clock_that_was_never_set_makes_no_certificate_one_of_the_future(
    tmp_path: Path, second: int
) -> None:
    assert faults_in(tmp_path / "phone.pcap", *begun(second)) == []


def test_a_certificate_of_the_future_is_told_by_a_clock_that_was_set(tmp_path: Path) -> None:
    faults = faults_in(tmp_path / "phone.pcap", *begun(14_610 * DAY))
    assert faults == ["capf-certificate-not-yet-valid"]


def test_packets_without_a_time_are_judged_by_all_but_their_time(tmp_path: Path) -> None:
    _, records = records_of(CAPTURES / "itl-mismatch" / "phone.pcap")
    section = struct.pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28)
    interface = struct.pack("<IIHHII", 1, 20, 1, 0, 0, 20)
    simple = [simple_packet(record[RECORD_HEADER:]) for record in records]
    faults = faults_in(tmp_path / "phone.pcapng", section + interface, simple)
    assert faults == ["itl-capf-mismatch", "tls-certificate-rejected"]


def simple_packet(packet: bytes) -> bytes:
    """A block of pcapng that holds a packet and no time."""
    length = 16 + len(packet) + -len(packet) % 4
    padded = packet + bytes(-len(packet) % 4)
    return struct.pack("<III", 3, length, len(packet)) + padded + struct.pack("<I", length)
