"""Key logs that pcapng files hold."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capfpcap.capture.files import secrets
from capfpcap.capture.files.secrets import TLS_KEY_LOG, Secrets
from capfpcap.capture.problems import ProblemKind, ProblemLog

from .builder import Packet, block, enhanced, ethernet, interface, ipv4, pcap, section, tcp
from .conftest import Read, payloads

KEY_LOG = b"CLIENT_RANDOM 00 11\n"
FRAME = enhanced(Packet(ethernet(ipv4(tcp(b"hello!")))), 1_700_000_000_000_000)


def secrets_block(
    data: bytes, order: str = "<", kind: int = TLS_KEY_LOG, length: int | None = None
) -> bytes:
    stated = len(data) if length is None else length
    return block(10, struct.pack(order + "II", kind, stated) + data, order)


@pytest.mark.parametrize("order", ["<", ">"])
def test_key_logs_are_kept_in_their_order_and_packets_are_numbered_as_without(
    read: Read, order: str
) -> None:
    frame = enhanced(Packet(ethernet(ipv4(tcp(b"hello!")))), 1_700_000_000_000_000, order=order)
    capture = read(
        section(order)
        + secrets_block(KEY_LOG, order)
        + interface(order=order)
        + frame
        + secrets_block(b"second", order)
        + frame
    )
    assert capture.files[0].secrets == (KEY_LOG, b"second")
    assert payloads(capture) == [b"hello!"] * 2
    assert capture.columns.frame.tolist() == [1, 2]


def test_other_secrets_are_passed_over(read: Read) -> None:
    wireguard = secrets_block(b"key", kind=0x57474B4C)
    assert read(section() + interface() + wireguard + FRAME).files[0].secrets == ()


def test_a_classic_capture_holds_none(read: Read) -> None:
    assert read(pcap([Packet(ethernet(ipv4(tcp())))])).files[0].secrets == ()


def test_a_length_beyond_the_block_ends_with_the_block(read: Read) -> None:
    lying = secrets_block(b"12345678", length=1 << 31)
    assert read(section() + interface() + lying + FRAME).files[0].secrets == (b"12345678",)


@pytest.mark.parametrize("limit", ["MAX_SECRETS", "MAX_KEY_LOGS"])
def test_what_is_over_the_limits_is_passed_over_and_said(
    limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, limit, 2)
    log = ProblemLog()
    kept = Secrets(log)
    for _ in range(5):
        kept.take(secrets_block(b"k"), "little")
    assert kept.key_logs == [b"k"] * 2
    (problem,) = log.problems()
    assert (problem.kind, problem.count) == (ProblemKind.LIMIT, 3)


@given(st.binary(max_size=40))
def test_no_block_makes_the_reading_fail(body: bytes) -> None:
    kept = Secrets(ProblemLog())
    whole = block(10, struct.pack("<I", TLS_KEY_LOG) + body)
    kept.take(whole, "little")
    kept.take(block(10, body), "big")
    assert all(data in whole for data in kept.key_logs)
