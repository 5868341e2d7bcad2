"""The walk along many chains finds what a walk from record to record finds."""

from __future__ import annotations

import random
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from capfpcap.capture.files import lockstep
from capfpcap.capture.files.walk import Shape, Words, walk
from capfpcap.capture.octets import SLACK
from capfpcap.capture.records import MAX_BATCH, MAX_RECORD

SECONDS = 0x65A1B2C3
SHAPES = [
    Shape(16, 8, True),
    Shape(16, 8, False),
    Shape(24, 8, True),
    Shape(16, 12, False),
]


def record(shape: Shape, data: bytes, seconds: int = SECONDS, claimed: int | None = None) -> bytes:
    header = bytearray(shape.header)
    order = "<" if shape.little else ">"
    struct.pack_into(order + "I", header, 0, seconds)
    length = len(data) if claimed is None else claimed
    struct.pack_into(order + "I", header, shape.length_at, length)
    return bytes(header) + data


def one_after_another(data: bytes, shape: Shape) -> tuple[list[int], int, bool]:
    """The walk as one would write it first."""
    starts: list[int] = []
    at = 0
    while at + shape.header <= len(data):
        field = data[at + shape.length_at : at + shape.length_at + 4]
        captured = int.from_bytes(field, "little" if shape.little else "big")
        if captured > MAX_RECORD:
            return starts, at, True
        if at + shape.header + captured > len(data) or len(starts) == MAX_BATCH:
            break
        starts.append(at)
        at += shape.header + captured
    return starts, at, False


def walked(data: bytes, shape: Shape) -> tuple[list[int], int, bool]:
    starts, behind, corrupt = walk(Words(bytearray(data + bytes(SLACK))), 0, len(data), shape)
    return starts.tolist(), behind, corrupt


def decoy(source: random.Random, shape: Shape) -> bytes:
    """Payload that looks like records, shifted."""
    fake = record(shape, source.randbytes(source.randrange(100)))
    return source.randbytes(source.randrange(5)) + fake * source.randrange(1, 20)


def window(source: random.Random, shape: Shape, size: int) -> bytes:
    parts, length = [], 0
    while length < size:
        data = source.choice(
            [
                b"",
                source.randbytes(source.randrange(60, 1500)),
                decoy(source, shape),
                bytes(source.randrange(2000)),
            ]
        )
        seconds = SECONDS if source.random() < 0.99 else source.getrandbits(32)
        parts.append(record(shape, data, seconds))
        length += len(parts[-1])
    return b"".join(parts)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("seed", range(4))
def test_a_large_window_full_of_decoys_is_walked_as_one_by_one(shape: Shape, seed: int) -> None:
    data = window(random.Random(seed), shape, 80 * lockstep.SECTION)
    for cut in (0, 1, 20, 700):
        whole = data[: len(data) - cut]
        assert walked(whole, shape) == one_after_another(whole, shape)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("part", [0.0, 0.3, 0.99])
def test_a_false_record_ends_the_walk_at_its_place(shape: Shape, part: float) -> None:
    source = random.Random(7)
    size = int(60 * lockstep.SECTION * part)
    before = window(source, shape, size) if size else b""
    data = (
        before
        + record(shape, b"x", claimed=MAX_RECORD + 1)
        + window(source, shape, 60 * lockstep.SECTION)
    )
    starts, behind, corrupt = walked(data, shape)
    assert corrupt
    assert behind == len(before)
    assert (starts, behind, corrupt) == one_after_another(data, shape)


def test_the_seconds_may_change_their_upper_half_in_a_window() -> None:
    shape = SHAPES[0]
    data = b"".join(
        record(shape, bytes(100), seconds=0x65A1FF00 + number // 20) for number in range(20_000)
    )
    assert walked(data, shape) == one_after_another(data, shape)


def test_records_without_octets_come_in_batches() -> None:
    data = record(SHAPES[0], b"") * (MAX_BATCH + 5)
    starts, behind, corrupt = walked(data, SHAPES[0])
    assert (len(starts), behind, corrupt) == (MAX_BATCH, MAX_BATCH * 16, False)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damage_anywhere_changes_nothing_of_that(data: st.DataObject) -> None:
    shape = data.draw(st.sampled_from(SHAPES))
    content = bytearray(window(random.Random(3), shape, 40 * lockstep.SECTION))
    places = st.integers(0, len(content) - 1)
    for at, value in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), max_size=60)):
        content[at] = value
    assert walked(bytes(content), shape) == one_after_another(bytes(content), shape)
