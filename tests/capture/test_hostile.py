"""Damaged and hostile files: read as far as they go, or refused, and nothing else."""

from __future__ import annotations

import random
import struct
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capfpcap.capture.addresses import AddressTable
from capfpcap.capture.columns import Capture, CaptureError
from capfpcap.capture.ports import PortSelection
from capfpcap.capture.reader import read_capture

from .builder import (
    Packet,
    enhanced,
    ethernet,
    interface,
    ipv4,
    ipv6,
    obsolete,
    pcap,
    section,
    simple,
    tcp,
    udp,
)
from .conftest import Read, payloads
from .test_fragments import DATAGRAM, fragments4, fragments6
from .test_linklayer import WAYS
from .test_selection import REQUEST, icmp

FRAMES = [
    *(frame for link_type, frame in WAYS.values() if link_type == 1),
    *fragments4(DATAGRAM, 512),
    *fragments6(DATAGRAM, 512),
    ethernet(ipv4(udp(REQUEST, 51000, 69), 17)),
    ethernet(ipv4(udp(b"\0\3\0\1", 4000, 51000), 17, "10.9.8.7", "10.1.20.31")),
    icmp(3, ipv4(udp(REQUEST, 51000, 4000), 17)),
    ethernet(ipv6(struct.pack(">BBHI", 1, 0, 0, 0) + ipv6(tcp()), 58), 0x86DD),
]
PACKETS = [Packet(frame) for frame in FRAMES]
PCAP = pcap(PACKETS)
PCAPNG = (
    section()
    + interface()
    + interface(101, resolution=9)
    + b"".join(
        kind(packet, number) if kind is not simple else simple(packet)
        for number, packet in enumerate(PACKETS)
        for kind in (enhanced, obsolete, simple)
    )
    + section(">")
    + interface(order=">")
    + enhanced(PACKETS[0], 1, order=">")
)

settings.register_profile(
    "files", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
FILES = settings(settings.get_profile("files"), max_examples=150)


def read_or_refuse(path: Path, content: bytes) -> Capture | None:
    path.write_bytes(content)
    try:
        return read_capture([str(path)], PortSelection(), AddressTable())
    except CaptureError as error:
        assert "\n" not in str(error)
        return None


def check(capture: Capture | None) -> None:
    """What holds of every capture, however damaged its file."""
    if capture is None:
        return
    columns = capture.columns
    assert capture.files[0].relevant_packets == len(columns)
    assert (columns.captured_length <= columns.payload_length).all()
    assert [len(payload) for payload in payloads(capture)] == columns.captured_length.tolist()
    assert columns.frame.tolist() == sorted(columns.frame.tolist())
    assert columns.frame.max(initial=0) <= capture.files[0].packets


@pytest.mark.parametrize("content", [PCAP, PCAPNG])
@FILES
@given(data=st.data())
def test_flipped_octets_do_no_harm(tmp_path: Path, content: bytes, data: st.DataObject) -> None:
    changed = bytearray(content)
    places = st.lists(st.tuples(st.integers(0, len(content) - 1), st.integers(0, 255)), max_size=40)
    for at, value in data.draw(places):
        changed[at] = value
    check(read_or_refuse(tmp_path / "a", bytes(changed)))


@pytest.mark.parametrize("content", [PCAP, PCAPNG])
@FILES
@given(data=st.data())
def test_cut_and_spliced_files_do_no_harm(
    tmp_path: Path, content: bytes, data: st.DataObject
) -> None:
    place = st.integers(0, len(content))
    start, end, again = data.draw(place), data.draw(place), data.draw(place)
    check(read_or_refuse(tmp_path / "a", content[:start] + content[end:] + content[again:]))


@FILES
@given(
    st.sampled_from([PCAP[:24], PCAPNG[:28], b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b""]),
    st.binary(),
)
def test_octets_behind_a_good_beginning_do_no_harm(
    tmp_path_factory: pytest.TempPathFactory, beginning: bytes, rest: bytes
) -> None:
    check(read_or_refuse(tmp_path_factory.mktemp("any") / "a", beginning + rest))


@pytest.mark.parametrize("link_type", [0, 1, 9, 12, 100, 101, 104, 108, 113, 228, 229, 276, 999])
def test_noise_of_every_link_type_does_no_harm(tmp_path: Path, link_type: int) -> None:
    source = random.Random(link_type)
    noise = [Packet(source.randbytes(source.randrange(120))) for _ in range(3000)]
    check(read_or_refuse(tmp_path / "a", pcap(noise, link_type)))


def test_records_without_an_octet_take_bounded_time(tmp_path: Path) -> None:
    content = pcap([]) + bytes(16) * 1_000_000
    started = time.monotonic()
    capture = read_or_refuse(tmp_path / "a", content)
    assert capture is not None
    assert capture.files[0].packets == 1_000_000
    assert time.monotonic() - started < 20


def test_many_fragments_that_overlap_take_bounded_time(read: Read) -> None:
    source = random.Random(1)
    frames = [
        ethernet(
            ipv4(bytes(source.randrange(1, 180) * 8), 17, fragment=0x2000 | source.randrange(8192))
        )
        for _ in range(20_000)
    ]
    started = time.monotonic()
    capture = read(pcap([Packet(frame) for frame in frames]))
    assert capture.files[0].packets == 20_000
    assert time.monotonic() - started < 30


def test_many_clients_that_never_transfer_take_bounded_memory(read: Read) -> None:
    frames = [
        ethernet(ipv4(udp(REQUEST, number % 65_536, 69), 17, f"10.{number >> 16}.7.7"))
        for number in range(200_000)
    ]
    capture = read(pcap([Packet(frame) for frame in frames]))
    assert len(capture.columns) == 200_000
