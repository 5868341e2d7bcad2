"""Single frames, read out of their files again."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from capfpcap.capture.files.frames import FrameError, FrameReader
from capfpcap.capture.files.window import WINDOW
from tests.capture import builder
from tests.capture.builder import Packet

FRAMES = 9000
"""At a kilobyte each, more than two windows hold."""


def packets() -> list[Packet]:
    return [
        Packet(builder.ethernet(builder.ipv4(builder.tcp(number.to_bytes(4, "big") * 250))), number)
        for number in range(1, FRAMES + 1)
    ]


@pytest.fixture(scope="module", params=["pcap", "pcapng", "pcap.gz"])
def long_file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("frames") / f"long.{request.param}"
    made = packets()
    data = (
        builder.section()
        + builder.interface()
        + b"".join(builder.enhanced(one, one.time) for one in made)
        if "pcapng" in path.name
        else builder.pcap(made)
    )
    path.write_bytes(gzip.compress(data, 1) if path.suffix == ".gz" else data)
    assert len(data) > 2 * WINDOW
    return path


def test_any_frame_is_found_in_any_order(long_file: Path) -> None:
    reader, made = FrameReader(str(long_file)), packets()
    for number in (FRAMES, 1, 4711, 4710, 4712, FRAMES - 1, 2):
        frame = reader.read(number)
        assert (frame.number, frame.data) == (number, made[number - 1].data)
        assert frame.wire_length == len(frame.data)


def test_a_frame_behind_the_last_one_is_refused(long_file: Path) -> None:
    with pytest.raises(FrameError, match=f"has no frame {FRAMES + 1} any more"):
        FrameReader(str(long_file)).read(FRAMES + 1)


def test_many_frames_are_read_at_once_with_the_times_of_all(long_file: Path) -> None:
    reader, made, wanted = FrameReader(str(long_file)), packets(), [FRAMES - 1, 4711, 1]
    excerpt = reader.read_all(wanted)
    assert [frame.data for frame in excerpt.frames] == [
        made[number - 1].data for number in sorted(wanted)
    ]
    times = excerpt.times.tolist()
    assert [times[number - 1] for number in wanted] == [reader.read(each).time for each in wanted]
    with pytest.raises(FrameError, match=f"no frame {FRAMES + 1}: its last one is frame {FRAMES}"):
        reader.read_all([1, FRAMES + 1])
    assert len(reader.read_all([1, FRAMES + 1], must_be_there=False).frames) == 1


def test_a_second_look_reads_on_from_where_the_batch_began(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "long.pcap"
    path.write_bytes(builder.pcap(packets()))
    reader = FrameReader(str(path))
    reader.read(FRAMES)
    read = [0]
    preadv = os.preadv

    def counted(descriptor: int, buffers: list[memoryview], offset: int) -> int:
        count = preadv(descriptor, buffers, offset)
        read[0] += count
        return count

    monkeypatch.setattr(os, "preadv", counted)
    reader.read(FRAMES - 1)
    assert 0 < read[0] <= WINDOW


def test_a_file_that_another_replaced_is_read_afresh(tmp_path: Path) -> None:
    path, other = tmp_path / "a.pcap", tmp_path / "b.pcap"
    path.write_bytes(builder.pcap([Packet(b"first")]))
    other.write_bytes(builder.pcap([Packet(b"second")]))
    reader = FrameReader(str(path))
    assert reader.read(1).data == b"first"
    other.rename(path)
    assert reader.read(1).data == b"second"


@pytest.mark.parametrize("path", ["-", "/dev/null", "/nonexistent/capture", "/"])
def test_what_is_no_file_on_disk_cannot_be_read_a_second_time(path: str) -> None:
    with pytest.raises(FrameError, match="cannot be read a second time"):
        FrameReader(path).read(1)
