"""The small files that are written for tshark, read by Wireshark's tools and by ourselves."""

from __future__ import annotations

import io
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from capfpcap.capture.addresses import AddressTable
from capfpcap.capture.files.frames import Frame, FrameReader
from capfpcap.capture.ports import PortSelection
from capfpcap.capture.reader import read_capture
from capfpcap.tshark.pcapng import write_pcapng
from tests.capture import builder

START = 1_764_000_000_123_456_789
KEY_LOG = b"CLIENT_RANDOM " + b"00" * 32 + b" " + b"11" * 48 + b"\n"
ETHERNET, RAW_IP = 1, 101


def packet(number: int, link_type: int = ETHERNET) -> Frame:
    inner = builder.ipv4(builder.tcp(bytes(number % 7)))
    data = builder.ethernet(inner) if link_type == ETHERNET else inner
    return Frame(number, START + number, link_type, data, len(data) + number % 3)


def written(path: Path, frames: list[Frame], times: np.ndarray | None = None) -> Path:
    with path.open("wb") as file:
        write_pcapng(file, frames, [KEY_LOG, KEY_LOG], times)
    return path


def told(path: Path) -> str:
    return subprocess.run(
        ["capinfos", "-M", path], capture_output=True, check=True, text=True
    ).stdout


def test_capinfos_finds_all_that_was_written(tmp_path: Path) -> None:
    frames = [packet(1), packet(2, RAW_IP), packet(3)]
    path = written(tmp_path / "small.pcapng", frames)
    told_of = dict(re.findall(r"^([^:\n]+): +(.*)$", told(path), re.MULTILINE))
    assert told_of["File type"].endswith("pcapng")
    assert told_of["File timestamp precision"] == "nanoseconds (9)"
    assert told_of["Number of packets"] == "3"
    assert told_of["Number of interfaces in file"] == "2"
    assert told_of["Number of decryption secrets in file"] == "2"
    assert told_of["Strict time order"] == "True"


@pytest.mark.parametrize("numbers", [[1], [1, 2], [2, 3, 9], [1000]])
def test_every_frame_keeps_its_number_time_and_bytes(tmp_path: Path, numbers: list[int]) -> None:
    frames = [packet(number) for number in numbers]
    times = np.arange(START + 1, START + 2001)
    path = written(tmp_path / "padded.pcapng", frames, times)
    reader = FrameReader(str(path))
    assert [reader.read(number) for number in numbers] == frames
    assert re.search(rf"Number of packets: +{numbers[-1]}$", told(path), re.MULTILINE)
    shown = subprocess.run(
        ["tshark", "-n", "-r", path, "-Y", "ip", "-T", "fields", *FIELDS],
        capture_output=True,
        check=True,
        text=True,
    ).stdout.split()
    wanted = [(one.number, one.time) for one in frames]
    assert [int(number) for number in shown[::2]] == [number for number, _ in wanted]
    assert [round(float(time) * 1e6) for time in shown[1::2]] == [
        round(time / 1e3) for _, time in wanted
    ]


FIELDS = ["-e", "frame.number", "-e", "frame.time_epoch"]


def test_secrets_are_read_again(tmp_path: Path) -> None:
    path = written(tmp_path / "secret.pcapng", [packet(1)])
    capture = read_capture([str(path)], PortSelection(), AddressTable())
    assert capture.files[0].secrets == (KEY_LOG, KEY_LOG)


def test_without_a_frame_the_file_is_one_all_the_same() -> None:
    file = io.BytesIO()
    write_pcapng(file, [])
    assert file.getvalue()[:4] == bytes.fromhex("0a0d0d0a")
