"""ICMP errors and what they quote."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capfpcap.capture.addresses import AddressTable
from capfpcap.flows.icmp import IcmpError, _read_error, read_icmp_errors
from tests.capture.builder import PHONE, SERVER, ethernet, ipv4, ipv6, tcp, udp

from .tables import START, table_of

ROUTER = "10.1.20.1"
QUOTED = ipv4(tcp(b"", 50000, 3804, 2))
QUOTED6 = ipv6(tcp(b"", 50000, 3804, 2))


def error4(kind: int, code: int, quoted: bytes = QUOTED, rest: bytes = bytes(4)) -> bytes:
    message = bytes([kind, code, 0, 0]) + rest + quoted
    return ethernet(ipv4(message, 1, ROUTER, PHONE))


def error6(kind: int, code: int, quoted: bytes = QUOTED6, rest: bytes = bytes(4)) -> bytes:
    message = bytes([kind, code, 0, 0]) + rest + quoted
    return ethernet(ipv6(message, 58, "2001:db8::1", "2001:db8::31"), 0x86DD)


def read(*frames: bytes) -> list[IcmpError]:
    return read_icmp_errors(table_of(*frames))


def test_an_error_tells_who_says_what_of_which_packet() -> None:
    table = table_of(error4(3, 13))
    (error,) = read_icmp_errors(table)
    text = table.capture.addresses.text
    assert error.reason == "communication administratively prohibited"
    assert (text(error.router), error.time, error.row) == (ROUTER, START, 0)
    assert (text(error.source), error.source_port) == (PHONE, 50000)
    assert (text(error.destination), error.destination_port) == (SERVER, 3804)
    assert (error.protocol, error.too_big, error.next_mtu) == (6, False, None)


def test_an_error_in_ipv6_tells_the_same() -> None:
    table = table_of(error6(1, 4))
    (error,) = read_icmp_errors(table)
    text = table.capture.addresses.text
    assert error.reason == "port unreachable"
    assert (text(error.router), text(error.destination)) == ("2001:db8::1", "2001:db8::7")
    assert (error.source_port, error.destination_port, error.protocol) == (50000, 3804, 6)


def test_a_packet_too_big_names_the_next_mtu_and_is_no_refusal() -> None:
    (old,) = read(error4(3, 4, rest=struct.pack(">HH", 0, 1400)))
    (new,) = read(error6(2, 0, rest=struct.pack(">I", 1280)))
    assert (old.too_big, old.next_mtu) == (True, 1400)
    assert (new.too_big, new.next_mtu) == (True, 1280)
    (silent,) = read(error4(3, 4))
    assert (silent.too_big, silent.next_mtu) == (True, None)


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (error4(3, 1), "host unreachable"),
        (error4(3, 99), "destination unreachable, code 99"),
        (error4(11, 0), "time to live exceeded"),
        (error6(1, 0), "no route to destination"),
        (error6(1, 77), "destination unreachable, code 77"),
        (error6(3, 0), "hop limit exceeded"),
    ],
)
def test_each_reason_is_named(frame: bytes, reason: str) -> None:
    assert [error.reason for error in read(frame)] == [reason]


def test_a_source_quench_is_no_error_that_explains_a_loss() -> None:
    assert read(error4(4, 0)) == []


def test_options_of_the_quoted_header_are_stepped_over() -> None:
    quoted = ipv4(udp(b"name", 50001, 53), 17, options=bytes([1] * 8))
    (error,) = read(error4(3, 3, quoted))
    assert (error.source_port, error.destination_port, error.protocol) == (50001, 53, 17)


def test_errors_come_in_the_order_of_the_file() -> None:
    assert [error.code for error in read(error4(3, 1), error4(3, 13), error4(3, 0))] == [1, 13, 0]


@given(st.binary(max_size=80), st.booleans())
def test_no_message_makes_the_reading_fail(message: bytes, version6: bool) -> None:
    error = _read_error(message, version6, AddressTable(), 0, 0, 0)
    assert error is None or error.type == message[0]


@given(st.integers(0, len(QUOTED)), st.integers(0, len(QUOTED6)))
def test_a_quotation_without_ports_is_not_read(kept4: int, kept6: int) -> None:
    head = bytes([3, 1]) + bytes(6)
    error = _read_error(head + QUOTED[:kept4], False, AddressTable(), 0, 0, 0)
    assert (error is not None) == (kept4 >= 24)
    head = bytes([1, 4]) + bytes(6)
    error = _read_error(head + QUOTED6[:kept6], True, AddressTable(), 0, 0, 0)
    assert (error is not None) == (kept6 >= 44)
