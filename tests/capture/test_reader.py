"""Files as they are handed in: compressed, in rings, by a pipe, or no captures at all."""

from __future__ import annotations

import gzip
import io
import os
import struct
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest
import zstandard

from capfpcap.capture.addresses import AddressTable
from capfpcap.capture.columns import CaptureError
from capfpcap.capture.ports import PortSelection
from capfpcap.capture.problems import ProblemKind
from capfpcap.capture.reader import read_capture

from .builder import Packet, enhanced, ethernet, interface, ipv4, pcap, section, tcp
from .conftest import Read, payloads

START = 1_700_000_000_000_000_000


def numbered(first: int, count: int) -> bytes:
    return pcap(
        [
            Packet(ethernet(ipv4(tcp(b"%06d" % number))), START + number * 1000)
            for number in range(first, first + count)
        ]
    )


SKIPPED = struct.pack("<II", 0x184D2A5A, 6) + b"sizes!"
"""A frame of zstd that holds nothing of the file."""
DATA = numbered(0, 5000)


def test_files_of_a_ring_are_joined_in_the_order_of_their_packets(read: Read) -> None:
    capture = read(numbered(20, 10), numbered(0, 10), numbered(10, 10))
    assert payloads(capture) == [b"%06d" % number for number in range(30)]
    assert [Path(file.path).name for file in capture.files] == ["1.pcap", "2.pcap", "0.pcap"]
    assert capture.columns.file.tolist() == [0] * 10 + [1] * 10 + [2] * 10
    assert capture.columns.frame.tolist() == list(range(1, 11)) * 3


def test_files_of_a_ring_may_be_of_different_formats(read: Read) -> None:
    frame = Packet(ethernet(ipv4(tcp(b"later"))))
    later = section() + interface(resolution=9) + enhanced(frame, START + 10**9)
    capture = read(later, gzip.compress(numbered(0, 1)))
    assert payloads(capture) == [b"000000", b"later"]
    assert [file.format for file in capture.files] == ["pcap+gzip", "pcapng"]


def test_a_file_without_packets_comes_last(read: Read) -> None:
    capture = read(pcap([]), numbered(0, 1))
    assert [file.packets for file in capture.files] == [1, 0]


def test_a_ring_file_that_cannot_be_read_is_said_and_the_rest_goes_on(read: Read) -> None:
    capture = read(b"PK\x03\x04 something", numbered(0, 3), b"")
    assert len(capture.columns) == 3
    (text,) = [problem.text for file in capture.files[1:] for problem in file.problems]
    assert text.endswith("is a ZIP archive; unpack it first")


def test_a_ring_file_just_begun_is_no_trouble(read: Read) -> None:
    capture = read(numbered(0, 3), b"")
    assert [(file.packets, file.problems) for file in capture.files] == [(3, ()), (0, ())]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b"hello", "is not a capture file: it begins with 68 65 6c 6c"),
        (b"\xa1", "is not a capture file: it begins with a1"),
        (gzip.compress(b"hello"), "is not a capture file: it begins with 68 65 6c 6c"),
        (b"snoop\0\0\0", "is a capture of snoop; 'editcap -F pcapng' makes one that can be read"),
        (b"\xfd7zXZ\0", "is compressed with xz; unpack it first"),
        (gzip.compress(b""), "is empty"),
        (gzip.compress(DATA)[:8], "its gzip data ends too early"),
        (zstandard.compress(DATA)[:9], "its zstd data holds nothing that is whole"),
    ],
)
def test_what_is_no_capture_is_refused_in_one_sentence(
    read: Read, content: bytes, why: str
) -> None:
    with pytest.raises(CaptureError) as caught:
        read(content)
    assert str(caught.value).endswith(why)
    assert "0.pcap" in str(caught.value)


def test_a_directory_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    for path, why in ((tmp_path, "is a folder"), (tmp_path / "none", "No such file")):
        with pytest.raises(CaptureError, match=why):
            read_capture([str(path)], PortSelection(), AddressTable())


def test_no_path_at_all_is_refused() -> None:
    with pytest.raises(CaptureError, match="no capture file"):
        read_capture([], PortSelection(), AddressTable())


@pytest.mark.parametrize(
    ("content", "compression"),
    [
        (gzip.compress(DATA), "gzip"),
        (gzip.compress(DATA[:7777]) + gzip.compress(DATA[7777:]), "gzip"),
        (gzip.compress(DATA) + bytes(512), "gzip"),
        (gzip.compress(DATA) + b"garbage", "gzip"),
        (zstandard.compress(DATA), "zstd"),
        (zstandard.compress(DATA[:7777]) + zstandard.compress(DATA[7777:]), "zstd"),
        (SKIPPED + zstandard.compress(DATA) + SKIPPED, "zstd"),
    ],
)
def test_a_compressed_capture_is_the_same_capture(
    read: Read, content: bytes, compression: str
) -> None:
    capture = read(content)
    assert len(capture.columns) == 5000
    assert capture.files[0].format == f"pcap+{compression}"
    assert capture.files[0].problems == ()


def test_of_a_cut_gzip_file_the_beginning_is_used(read: Read) -> None:
    capture = read(gzip.compress(DATA)[:-1000])
    assert 0 < len(capture.columns) < 5000
    (problem,) = capture.files[0].problems
    assert problem.kind is ProblemKind.CUT_SHORT
    assert "its gzip data ends too early" in problem.text


def test_of_a_damaged_gzip_file_the_beginning_is_used(read: Read) -> None:
    body = gzip.compress(DATA)
    damaged = bytearray(body)
    damaged[len(body) // 2 :] = b"\xff" * (len(body) - len(body) // 2)
    capture = read(bytes(damaged))
    assert len(capture.columns) < 5000
    assert capture.files[0].problems[0].kind is ProblemKind.CORRUPT


def test_a_bomb_is_left_alone_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.pcap.gz"
    packer = io.BytesIO()
    with gzip.GzipFile(fileobj=packer, mode="wb", compresslevel=1) as bomb:
        bomb.write(pcap([]))
        frame = ethernet(ipv4(tcp(bytes(60_000), destination=443)))
        piece = pcap([Packet(frame)] * 64)[24:]
        for _ in range(200):
            bomb.write(piece)
    path.write_bytes(packer.getvalue() * 1)
    tracemalloc.start()
    capture = read_capture([str(path)], PortSelection(), AddressTable())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 64 << 20
    assert capture.files[0].packets <= 12_800


def test_standard_input_is_read_to_its_end() -> None:
    program = (
        "from capfpcap.capture.reader import read_capture\n"
        "from capfpcap.capture.addresses import AddressTable\n"
        "from capfpcap.capture.ports import PortSelection\n"
        "capture = read_capture(['-'], PortSelection(), AddressTable())\n"
        "print(capture.files[0].path, capture.files[0].packets)\n"
    )
    for content in (DATA, gzip.compress(DATA)):
        done = subprocess.run(
            [sys.executable, "-c", program], input=content, capture_output=True, check=True
        )
        assert done.stdout == b"- 5000\n"


def test_named_pipes_can_be_files_of_a_ring(tmp_path: Path) -> None:
    pipes = []
    writers = []
    for number in (1, 0):
        content = tmp_path / f"{number}.pcap"
        content.write_bytes(numbered(number * 100, 100))
        pipe = tmp_path / f"{number}.pipe"
        os.mkfifo(pipe)
        pipes.append(str(pipe))
        writers.append(subprocess.Popen(["cp", str(content), str(pipe)]))
    capture = read_capture(pipes, PortSelection(), AddressTable())
    assert payloads(capture) == [b"%06d" % number for number in range(200)]
    assert [writer.wait() for writer in writers] == [0, 0]


def test_progress_counts_up_to_the_size_of_all_files(tmp_path: Path) -> None:
    paths = []
    for number in range(3):
        path = tmp_path / f"{number}.pcap"
        path.write_bytes(numbered(number * 1000, 1000))
        paths.append(str(path))
    seen: list[tuple[int, int | None]] = []
    read_capture(paths, PortSelection(), AddressTable(), progress=lambda *steps: seen.append(steps))
    total = sum(Path(path).stat().st_size for path in paths)
    assert seen[-1] == (total, total)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_one_address_table_serves_several_captures(tmp_path: Path) -> None:
    path = tmp_path / "a.pcap"
    path.write_bytes(numbered(0, 1))
    addresses = AddressTable()
    first = read_capture([str(path)], PortSelection(), addresses)
    second = read_capture([str(path)], PortSelection(), addresses)
    assert first.columns.source.tolist() == second.columns.source.tolist()
    assert first.addresses is second.addresses is addresses


def test_the_times_of_a_file_are_of_all_its_packets(read: Read) -> None:
    frame = ethernet(ipv4(tcp(b"x", destination=443)))
    capture = read(pcap([Packet(frame, START + 5), Packet(frame, START), Packet(frame, START + 3)]))
    file = capture.files[0]
    assert (file.first, file.last) == (START, START + 5)
    assert (file.packets, file.relevant_packets) == (3, 0)


def test_an_additional_capf_port_is_read_where_it_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.pcap"
    path.write_bytes(pcap([Packet(ethernet(ipv4(tcp(b"x", destination=3805))))]))
    ports = PortSelection(capf=frozenset({3804, 3805}))
    assert len(read_capture([str(path)], ports, AddressTable()).columns) == 1
    assert len(read_capture([str(path)], PortSelection(), AddressTable()).columns) == 0


def test_importing_the_reader_loads_no_decompressor() -> None:
    program = (
        "import sys, capfpcap.capture.reader\n"
        "print(sorted({'gzip', 'zlib', 'zstandard', 'capfpcap.capture.files.zstd',"
        " 'capfpcap.capture.files.gzip'} & set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", "import sys, numpy; before = set(sys.modules)\n" + program],
        capture_output=True,
        check=True,
    )
    assert done.stdout == b"[]\n"
