"""A server whose receive window stays shut is frozen, whoever ends the connection then."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from tests.rules.made import faults
from tests.vantage.records import ACK, CAPTURES, IP, SECOND, TCP, Packet, joined, read

CAPF = 3804
APPLICATION_DATA = b"\x17"
RST_ACK = 0x14
ACKNOWLEDGEMENT, FLAGS, WINDOW = IP + 28, IP + 33, IP + 34
HEADER = IP + 32


def bare(one: Packet, seconds: int, window: int) -> Packet:
    """The packet as an acknowledgement alone, some seconds later."""
    fields = bytes([0x50, ACK]) + struct.pack(">H", window)
    ended = one.patched(HEADER, fields).with_payload(b"")
    return ended.later(seconds * SECOND)


def stalled(windows: list[int], *, by_server: bool) -> list[Packet]:
    """One side announces windows, one every 2 s, from CAPF's first message on; the phone resets."""
    packets = read(CAPTURES / "success-by-name" / "phone.pcap")
    capf = [one for one in packets if one.protocol == TCP and CAPF in one.ports]
    first = next(one for one in capf if one.payload[:1] == APPLICATION_DATA)
    phones = next(one for one in capf if one.ports[1] == CAPF and one.time > first.time)
    speaker = first if by_server else phones
    kept = [one for one in packets if one.time <= first.time]
    behind = struct.pack(">I", first.sequence + len(first.payload) & 0xFFFFFFFF)
    number = (IP + 24, behind) if by_server else (IP + 28, behind)
    kept += [
        bare(speaker, 2 * at + 1, window).patched(*number) for at, window in enumerate(windows)
    ]
    reset = bare(phones, 2 * len(windows) + 2, 0).patched(FLAGS, bytes([RST_ACK]))
    return [*kept, reset.patched(ACKNOWLEDGEMENT, behind)]


def told(folder: Path, packets: list[Packet]) -> dict[str, str]:
    return {item.code: item.title for item in faults(joined(folder, packets).report)}


def test_a_server_that_takes_nothing_more_is_silent(tmp_path: Path) -> None:
    found = told(tmp_path, stalled([0, 0, 0], by_server=True))
    assert "takes no more data" in found["server-silent"]
    assert "connection-reset" not in found


@pytest.mark.parametrize("windows", [[0, 0, 8192], [8192, 8192, 8192]])
def test_a_window_that_is_open_or_opens_again_is_none(windows: list[int], tmp_path: Path) -> None:
    assert "server-silent" not in told(tmp_path, stalled(windows, by_server=True))


def test_a_phone_that_takes_nothing_more_is_no_fault_of_the_server(tmp_path: Path) -> None:
    assert "server-silent" not in told(tmp_path, stalled([0, 0, 0], by_server=False))
