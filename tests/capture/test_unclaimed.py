"""TFTP packets that a file holds before their request, however far."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from capfpcap.capture.addresses import AddressTable
from capfpcap.capture.ports import PortSelection
from capfpcap.capture.problems import ProblemKind
from capfpcap.capture.reader import read_capture
from capfpcap.capture.select import unclaimed

from .builder import SERVER, Packet, ethernet, ipv4, pcap, tcp, udp
from .conftest import Read, payloads
from .test_selection import ANSWER, OTHER, REQUEST, START, at_seconds, to_phone, to_server

MILLISECOND = 1_000_000
NOISE = ethernet(ipv4(tcp(bytes(1400), 50000, 443)))


@pytest.fixture(params=[1, 2, 5, 1000])
def batch(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Records are looked at so many at a time."""
    size: int = request.param
    monkeypatch.setattr("capfpcap.capture.files.pcap.MAX_BATCH", size)
    monkeypatch.setattr("capfpcap.capture.files.walk.MAX_BATCH", size)
    return size


def transfer(blocks: int, port: int = 40000) -> list[bytes]:
    frames = [to_server(REQUEST, port, 69)]
    for number in range(1, blocks + 1):
        block = number.to_bytes(2, "big")
        frames.append(to_phone(b"\0\3" + block + bytes(100), 33333, port))
        frames.append(to_server(b"\0\4" + block, port, 33333))
    return frames


def recorded(frames: list[bytes], order: list[int]) -> bytes:
    """The frames in an order of their own, each with the time that it has by its place."""
    return pcap([Packet(frames[place], START + place * MILLISECOND) for place in order])


def test_a_transfer_whose_packets_stand_in_any_order_is_kept_whole(read: Read, batch: int) -> None:
    frames, rng = transfer(10), random.Random(batch)
    for _ in range(5):
        order = rng.sample(range(len(frames)), len(frames))
        assert len(read(recorded(frames, order)).columns) == len(frames)


def test_a_transfer_whose_later_half_stands_first_is_kept_whole(read: Read, batch: int) -> None:
    frames = transfer(10)
    for cut in range(1, len(frames)):
        order = [*range(cut, len(frames)), *range(cut)]
        kept = read(recorded(frames, order)).columns
        assert sorted(kept.frame.tolist()) == list(range(1, len(frames) + 1))


def test_what_lies_windows_apart_is_put_together(read: Read) -> None:
    frames = [*transfer(5), *([NOISE] * 4000)]
    order = [*range(3, len(frames)), 0, 1, 2]
    assert len(read(recorded(frames, order)).columns) == len(transfer(5))


@pytest.mark.parametrize(
    ("second", "frame"),
    [
        (-1, to_phone(ANSWER, 33333, 40000)),
        (700, to_phone(ANSWER, 33333, 40000)),
        (1, to_phone(ANSWER, 33333, 40001)),
        (1, to_phone(b"RTP of a call", 33333, 40000)),
        (1, to_phone(b"\0\3\0", 33333, 40000)),
        (1, ethernet(ipv4(udp(ANSWER, 33333, 40000), 17, SERVER, OTHER))),
    ],
)
def test_what_a_later_record_does_not_ask_for_is_passed_over(
    read: Read, second: float, frame: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("capfpcap.capture.files.pcap.MAX_BATCH", 1)
    monkeypatch.setattr("capfpcap.capture.files.walk.MAX_BATCH", 1)
    capture = read(at_seconds((second, frame), (0, to_server(REQUEST, 40000, 69))))
    assert payloads(capture) == [REQUEST]


def test_files_of_a_ring_hold_what_those_behind_them_ask_for(read: Read) -> None:
    frames = transfer(4)
    first = recorded(frames, [3, 4, 5, 6, 7, 8])
    second = recorded(frames, [0, 1, 2])
    ring = read(second, first), read(first, second)
    assert [len(capture.columns) for capture in ring] == [len(frames)] * 2


def test_more_than_can_be_held_is_said_where_a_request_follows(
    read: Read, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if batch == 1000:
        monkeypatch.setattr("capfpcap.capture.files.pcap.MAX_BATCH", 20)
        monkeypatch.setattr("capfpcap.capture.files.walk.MAX_BATCH", 20)
    monkeypatch.setattr(unclaimed, "MAX_ROWS", 8)
    frames = transfer(20)
    order = [*range(1, len(frames)), 0]
    (file,) = read(recorded(frames, order)).files
    (problem,) = file.problems
    assert problem.kind is ProblemKind.OUT_OF_ORDER
    assert "reordercap" in problem.text


def test_a_transfer_that_began_before_the_capture_is_no_disorder(
    read: Read, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unclaimed, "MAX_ROWS", 8)
    frames = [*transfer(20)[1:], *transfer(3, port=40001)]
    (file,) = read(recorded(frames, list(range(len(frames))))).files
    assert file.problems == ()


def test_two_processes_find_what_one_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("capfpcap.capture.reader.WORTH_HALVING", 1)
    filler = [ethernet(ipv4(tcp(bytes([number & 255]) * 40))) for number in range(400)]
    sent = transfer(5)
    path = tmp_path / "halves.pcap"
    for cut in range(1, len(sent)):
        frames = [*sent[:cut], *filler, *sent[cut:]]
        order = [*range(200, len(frames)), *range(200)]
        path.write_bytes(recorded(frames, order))
        one, two = (
            read_capture([str(path)], PortSelection(), AddressTable(), workers=workers)
            for workers in (1, 2)
        )
        assert payloads(two) == payloads(one)
        assert len(one.columns) == len(frames)
