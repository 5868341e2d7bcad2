"""A file that two processes read is read as by one."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.storm import write_storm
from capfpcap.capture import reader
from capfpcap.capture.addresses import AddressTable
from capfpcap.capture.columns import Capture, CaptureError, PacketColumns
from capfpcap.capture.files.window import Window
from capfpcap.capture.parallel import halves
from capfpcap.capture.ports import PortSelection
from capfpcap.capture.reader import read_capture
from tests.differential.captures import shipped_captures

from .builder import PHONE, SERVER, Packet, ethernet, ipv4, ipv6, pcap, tcp, udp

SECOND = 1_000_000_000
START = 1_700_000_000 * SECOND
STORM_PHONES, SEED = 80, 5
ROWS = 400
SMALL = 1 << 13
REQUEST = b"\0\1ITLFile.tlv\0octet\0"


class Joined:
    """Counts how often two halves were put together."""

    def __init__(self) -> None:
        self.times = 0


@pytest.fixture(autouse=True)
def joined(monkeypatch: pytest.MonkeyPatch) -> Iterator[Joined]:
    """Halves files of any size, which are read through small windows."""
    counted, join = Joined(), halves._join

    def counting(*arguments: object) -> None:
        counted.times += 1
        join(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(reader, "WORTH_HALVING", 1)
    monkeypatch.setattr(halves, "Window", partial(Window, size=SMALL))
    monkeypatch.setattr(reader, "Window", partial(Window, size=SMALL))
    monkeypatch.setattr(halves, "_join", counting)
    yield counted


@pytest.fixture(scope="module")
def storm(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("storm") / "storm.pcap"
    write_storm(path, STORM_PHONES, SEED)
    return path.read_bytes()


def contents(capture: Capture) -> list[object]:
    """All that a capture says, wherever its payload lies."""
    columns = capture.columns
    names = [name for name in PacketColumns.__struct_fields__ if name not in _PLACES]
    rows = zip(*(getattr(columns, name).tolist() for name in names), strict=True)
    texts = [capture.addresses.text(code) for code in columns.source.tolist()]
    payloads = [capture.payloads.read(columns, row) for row in range(len(columns))]
    sizes = [capture.segment_size(columns, row) for row in range(len(columns))]
    starts, stops = capture.selective.places(columns.file, columns.frame)
    blocks = [capture.selective.between(*ends) for ends in zip(starts, stops, strict=True)]
    return [capture.files, list(rows), texts, payloads, sizes, blocks]


_PLACES = {"chunk", "payload_at", "source", "destination"}


def both_ways(path: Path) -> list[object]:
    """What one process reads, after two have read the same."""
    one, two = (
        contents(read_capture([str(path)], PortSelection(), AddressTable(), workers=workers))
        for workers in (1, 2)
    )
    assert two == one
    return one


def written(tmp_path: Path, frames: list[bytes], step: int = SECOND // 10) -> Path:
    path = tmp_path / "phone.pcap"
    packets = [Packet(frame, START + number * step) for number, frame in enumerate(frames)]
    path.write_bytes(pcap(packets))
    return path


def to_phone(payload: bytes, destination: int) -> bytes:
    return ethernet(ipv4(udp(payload, 33333, destination), 17, SERVER, PHONE))


FILLER = [ethernet(ipv4(tcp(bytes([number & 255]) * 40, 50000))) for number in range(ROWS)]


def test_a_storm_is_read_alike(tmp_path: Path, storm: bytes, joined: Joined) -> None:
    path = tmp_path / "storm.pcap"
    path.write_bytes(storm)
    both_ways(path)
    assert joined.times == 1


@pytest.mark.parametrize("capture", shipped_captures()[::3], ids=str)
def test_shipped_captures_are_read_alike(capture: Path) -> None:
    both_ways(capture)


def test_ipv6_addresses_have_one_code_each(tmp_path: Path, joined: Joined) -> None:
    hosts = [f"2001:db8::{host}" for host in (1, 2, 3)]
    frames = [
        ethernet(ipv6(tcp(b"x", 50000), source=hosts[number * 3 // ROWS]), 0x86DD)
        for number in range(ROWS)
    ]
    both_ways(written(tmp_path, frames))
    assert joined.times == 1


def test_a_transfer_that_the_second_half_knows_nothing_of_is_kept(
    tmp_path: Path, joined: Joined
) -> None:
    frames = list(FILLER)
    frames[2] = ethernet(ipv4(udp(REQUEST, 51000, 69), 17))
    frames[-3] = to_phone(b"\0\3\0\1data", 51000)
    contents = both_ways(written(tmp_path, frames))
    assert b"\0\3\0\1data" in contents[3]
    assert joined.times == 0


def test_a_transfer_that_began_shortly_before_the_second_half_is_kept(
    tmp_path: Path, joined: Joined
) -> None:
    frames = list(FILLER)
    frames[ROWS // 2 - 4] = ethernet(ipv4(udp(REQUEST, 51000, 69), 17))
    frames[ROWS // 2 + 40] = to_phone(b"\0\3\0\1data", 51000)
    assert b"\0\3\0\1data" in both_ways(written(tmp_path, frames))[3]
    assert joined.times == 1


def test_a_datagram_split_where_the_halves_meet_is_put_together(
    tmp_path: Path, joined: Joined
) -> None:
    datagram = udp(b"\0\0\1\0\0\0\0\0\0\0\0\0" + bytes(36), 50001, 53)
    frames = list(FILLER)
    frames[10] = ethernet(ipv4(datagram[:32], 17, fragment=0x2000))
    frames[-10] = ethernet(ipv4(datagram[32:], 17, fragment=4))
    path = written(tmp_path, frames, step=SECOND // 100)
    assert datagram[8:] in both_ways(path)[3]
    assert joined.times == 0


def test_what_looks_like_records_inside_a_packet_is_none(tmp_path: Path, joined: Joined) -> None:
    seconds = START // SECOND
    false = struct.pack("<IIII", seconds, 0, 30, 30) + bytes(30)
    frames = [*FILLER[:40], ethernet(ipv4(tcp(false * 1000))), *FILLER[:40]]
    both_ways(written(tmp_path, frames))
    assert joined.times == 0


def test_a_record_that_cannot_be_ends_either_half(tmp_path: Path, storm: bytes) -> None:
    for part in (0.25, 0.9):
        path = tmp_path / f"{part}.pcap"
        at = int(part * len(storm))
        path.write_bytes(storm[:at] + b"\xff" * 64 + storm[at + 64 :])
        both_ways(path)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_is_read_alike(tmp_path: Path, storm: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(storm) - 1))
    octets = data.draw(st.binary(max_size=8))
    end = data.draw(st.integers(len(storm) // 2, len(storm)))
    path = tmp_path / "damaged.pcap"
    path.write_bytes((storm[:start] + octets + storm[start + len(octets) :])[:end])
    try:
        both_ways(path)
    except CaptureError:
        assert start < 24
