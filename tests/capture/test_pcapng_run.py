"""Packet blocks found all at once are those found one by one."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capfpcap.capture.addresses import AddressTable
from capfpcap.capture.columns import Capture, CaptureError
from capfpcap.capture.files import lockstep, pcapng
from capfpcap.capture.ports import PortSelection
from capfpcap.capture.reader import read_capture

from .builder import Packet, block, enhanced, ethernet, interface, ipv4, section, tcp

NEVER = 1 << 40
PACKETS = 1200
SIMPLE, STATISTICS, CUSTOM = 3, 5, 0xBAD


@pytest.fixture(autouse=True)
def short_chains(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are small: chains begin close to each other."""
    for name, value in (("SECTION", 512), ("SEARCHED", 512), ("LONGEST_CHAIN", 1024)):
        monkeypatch.setattr(lockstep, name, value)
    monkeypatch.setattr(lockstep, "LEAST_CHAINS", 2)


def written(order: str = "<", *, others: bool = True, seed: int = 1) -> bytes:
    """A file of enhanced packet blocks, with some others among them."""
    source = random.Random(seed)
    blocks = [section(order), interface(order=order)]
    for number in range(PACKETS):
        frame = ethernet(ipv4(tcp(source.randbytes(source.randrange(200)), 50000)))
        blocks.append(enhanced(Packet(frame), number, order=order))
        if others and source.random() < 0.05:
            kind = source.choice([SIMPLE, STATISTICS, CUSTOM, 1])
            blocks.append(block(kind, bytes(20) + frame, order))
    return b"".join(blocks)


def read(path: Path, monkeypatch: pytest.MonkeyPatch, worth: int) -> Capture | str:
    monkeypatch.setattr(pcapng, "WORTH_RUNS", worth)
    try:
        return read_capture([str(path)], PortSelection(), AddressTable())
    except CaptureError as error:
        return str(error)


def same_both_ways(path: Path, monkeypatch: pytest.MonkeyPatch) -> Capture | str:
    together, singly = read(path, monkeypatch, 0), read(path, monkeypatch, NEVER)
    if isinstance(together, Capture) and isinstance(singly, Capture):
        assert together.files == singly.files
        for name in ("frame", "time", "sequence", "payload_length", "captured_length"):
            assert (
                getattr(together.columns, name).tolist() == getattr(singly.columns, name).tolist()
            )
    else:
        assert together == singly
    return together


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("others", [True, False])
def test_all_packets_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, order: str, others: bool
) -> None:
    path = tmp_path / "phone.pcapng"
    path.write_bytes(written(order, others=others))
    capture = same_both_ways(path, monkeypatch)
    assert isinstance(capture, Capture)
    assert len(capture.columns) >= PACKETS


def test_sections_of_either_byte_order_follow_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "phone.pcapng"
    path.write_bytes(written("<") + written(">", seed=2) + written("<", seed=3))
    capture = same_both_ways(path, monkeypatch)
    assert isinstance(capture, Capture)
    assert len(capture.columns) >= 3 * PACKETS


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_is_read_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: st.DataObject
) -> None:
    content = bytearray(written(data.draw(st.sampled_from("<>"))))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content) - 5))
        content[at : at + 4] = data.draw(st.binary(min_size=4, max_size=4))
    path = tmp_path / "damaged.pcapng"
    path.write_bytes(content[: data.draw(st.integers(len(content) // 2, len(content)))])
    same_both_ways(path, monkeypatch)
