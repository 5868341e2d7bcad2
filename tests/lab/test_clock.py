"""Clocks that are wrong, put into capture files."""

from __future__ import annotations

import struct

import pytest

from captures.lab.clock import FILE_HEADER_SIZE, NANOSECOND_MAGIC, RECORD_HEADER, drifted

MICROSECOND_MAGIC = 0xA1B2C3D4
START = 1_700_000_000


def capture(magic: int, times: list[tuple[int, int]]) -> bytes:
    header = struct.pack("=IHHiIII", magic, 2, 4, 0, 0, 65535, 1)
    records = (RECORD_HEADER.pack(*time, 3, 60) + b"abc" for time in times)
    return header + b"".join(records)


def times(data: bytes) -> list[tuple[int, int]]:
    size = RECORD_HEADER.size + 3
    starts = range(FILE_HEADER_SIZE, len(data), size)
    return [RECORD_HEADER.unpack_from(data, start)[:2] for start in starts]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("magic", "per_second"), [(MICROSECOND_MAGIC, 10**6), (NANOSECOND_MAGIC, 10**9)]
)
def test_a_clock_gains_its_share_of_what_has_passed(magic: int, per_second: int) -> None:
    data = capture(magic, [(START, 0), (START + 100, 0), (START + 1999, 0)])
    assert times(drifted(data, 500)) == [
        (START, 0),
        (START + 100, per_second // 20),
        (START + 1999, per_second * 9995 // 10000),
    ]


def test_what_is_gained_may_fill_a_second() -> None:
    data = capture(MICROSECOND_MAGIC, [(START, 999_999), (START + 100, 999_999)])
    assert times(drifted(data, 500))[1] == (START + 101, 49_999)


def test_nothing_but_times_changes() -> None:
    data = capture(MICROSECOND_MAGIC, [(START, 0), (START + 10, 0)])
    changed = drifted(data, -100)
    assert len(changed) == len(data)
    assert changed[:FILE_HEADER_SIZE] == data[:FILE_HEADER_SIZE]
    assert times(changed) == [(START, 0), (START + 9, 10**6 - 1000)]
    assert changed.endswith(b"abc")
