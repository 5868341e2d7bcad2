"""Small files of endless work: each is left with a sentence, and what came before is kept."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
import zstandard

from capfpcap.capture.files.watch import FREE_RECORDS
from tests.capture.builder import Packet, block, enhanced, ethernet, interface, pcap, section

from .conftest import Judge, codes, packets
from .wire import Wire

GIBIBYTE = 1 << 30
PART = GIBIBYTE // 8
STATISTICS = 5
"""The type of a pcapng block that tells of interfaces and holds no packet."""
TIME = 1_760_000_000
MILLISECOND = 1_000_000


@pytest.fixture
def beginning() -> bytes:
    """A capture of a connection that opens."""
    wire = Wire()
    wire.handshake()
    return wire.pcap()


def _record(data: bytes) -> bytes:
    return struct.pack("<IIII", TIME, 0, len(data), len(data)) + data


def _members(beginning: bytes, part: bytes) -> bytes:
    """Ten GiB of ``part`` in members of its size, behind ``beginning``."""
    return gzip.compress(beginning) + gzip.compress(part) * (10 * GIBIBYTE // len(part))


def _frames(beginning: bytes, parts: Iterator[bytes]) -> bytes:
    """The same in frames of zstd."""
    compressor = zstandard.ZstdCompressor()
    return compressor.compress(beginning) + b"".join(map(compressor.compress, parts))


def _assert_left(judge: Judge, content: bytes | Path, sentence: str) -> None:
    """Reading ended with the sentence, and the connection before it is in the report."""
    result, report = judge(content)
    assert sentence in result.out
    assert "the file was read up to frame " in result.out
    assert "capture-cut-short" in codes(report)
    assert packets(report) >= 3
    flows = report["flows"]
    assert isinstance(flows, list)
    assert len(flows) == 1


def test_ten_gigabytes_of_empty_records_in_a_gzip_file(judge: Judge, beginning: bytes) -> None:
    _assert_left(judge, _members(beginning, bytes(PART)), "more than 2 records a byte")


def test_ten_gigabytes_of_empty_records_in_a_zstd_file(judge: Judge, beginning: bytes) -> None:
    content = _frames(beginning, iter([bytes(PART)] * 80))
    _assert_left(judge, content, "more than 2 records a byte")


def test_empty_records_with_a_packet_now_and_then(judge: Judge, beginning: bytes) -> None:
    noise = bytes(range(256)) * 8
    part = (bytes(1 << 20) + _record(noise)) * 64
    _assert_left(judge, _members(beginning, part), "more than 2 records a byte")


def test_packets_that_are_all_the_same_to_the_nanosecond(judge: Judge, beginning: bytes) -> None:
    part = _record(ethernet(bytes(46), 0x0806)) * 1_000_000
    _assert_left(judge, _members(beginning, part), "more than 2 records a byte")


def test_ten_gigabytes_in_large_packets(judge: Judge, beginning: bytes) -> None:
    part = _record(bytes(65_549)) * (PART // 65_565)
    _assert_left(judge, _members(beginning, part), "grows to more than 700 times its size")


def test_ten_gigabytes_of_zeros_in_a_gzip_file_are_no_capture(judge: Judge) -> None:
    result, _ = judge(_members(b"", bytes(PART)))
    assert result.status == 3
    assert len(result.err.splitlines()) == 1


def test_ten_gigabytes_of_zeros_behind_a_capture_that_was_never_finished(
    judge: Judge, beginning: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "sparse.pcap"
    with path.open("wb") as file:
        file.write(beginning)
        file.truncate(10 * GIBIBYTE)
    _assert_left(judge, path, "1048576 records in a row are empty")


def test_blocks_without_a_packet_by_the_hundred_million(judge: Judge) -> None:
    part = block(STATISTICS, b"") * (PART // 12)
    result, report = judge(_members(section() + interface(), part))
    assert "blocks before frame 1 hold no packet; the reading stopped there" in result.out
    assert packets(report) == 0


def test_sections_by_the_hundred_thousand(judge: Judge) -> None:
    one = section() + interface() + enhanced(Packet(bytes(60)), 1)
    result, report = judge(one * 100_000)
    assert "more than 4096 sections; the reading stopped there" in result.out
    assert packets(report) > 4000


def test_interfaces_by_the_hundred_thousand(judge: Judge) -> None:
    one = interface() + enhanced(Packet(bytes(60)), 1)
    _, report = judge(section() + one * 100_000)
    assert packets(report) == 100_000


def test_frames_all_alike_a_millisecond_apart_are_read_to_the_end(judge: Judge) -> None:
    count = FREE_RECORDS + 200_000
    frame = ethernet(bytes(46), 0x0806)
    times = range(TIME * 1000 * MILLISECOND, TIME * 1000 * MILLISECOND + count * MILLISECOND)
    content = pcap([Packet(frame, time) for time in times[::MILLISECOND]])
    _, report = judge(zstandard.ZstdCompressor(level=9).compress(content))
    assert packets(report) == count
    assert "capture-cut-short" not in codes(report)
