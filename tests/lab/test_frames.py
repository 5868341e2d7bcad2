import socket
import struct

from captures.lab.frames import FORGED_TTL, Frame, reset_of
from captures.lab.knobs import WireRule

PHONE, SERVER = bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2])


def _tcp(payload: bytes, flags: int = 0x18) -> bytes:
    segment = struct.pack("!HHIIBBHHH", 50000, 3804, 1000, 2000, 5 << 4, flags, 500, 0, 0)
    total = 20 + len(segment) + len(payload)
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, total, 1, 0, 64, 6, 0, PHONE, SERVER)
    return bytes(range(12)) + b"\x08\x00" + header + segment + payload


def _checksum_is_right(data: bytes) -> bool:
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    return (total & 0xFFFF) + (total >> 16) in (0xFFFF, 0x1FFFE)


def test_a_rule_about_data_does_not_fit_a_bare_acknowledgement() -> None:
    rule = WireRule(action="lose", direction="to-server", port=3804, kind="data")
    assert Frame(_tcp(b"hello"), to_server=True).fits(rule)
    assert not Frame(_tcp(b""), to_server=True).fits(rule)


def test_a_rule_for_one_direction_does_not_fit_the_other() -> None:
    rule = WireRule(action="lose", direction="to-phone", port=3804)
    assert not Frame(_tcp(b"hello"), to_server=True).fits(rule)


def test_a_frame_that_is_not_ipv4_fits_no_rule() -> None:
    rule = WireRule(action="lose", direction="to-server")
    assert not Frame(bytes(12) + b"\x08\x06" + bytes(28), to_server=True).fits(rule)


def test_a_forged_reset_back_to_the_sender_acknowledges_what_it_sent() -> None:
    frame = reset_of(Frame(_tcp(b"hello"), to_server=True), backward=True)
    header, segment = frame[14:34], frame[34:]
    assert (header[12:16], header[16:20], header[8]) == (SERVER, PHONE, FORGED_TTL)
    assert struct.unpack_from("!HHII", segment) == (3804, 50000, 2000, 1005)
    assert segment[13] & 0x04


def test_the_checksums_of_a_forged_reset_are_right() -> None:
    frame = reset_of(Frame(_tcp(b"hello"), to_server=True), backward=False)
    header, segment = frame[14:34], frame[34:]
    pseudo = header[12:20] + struct.pack("!HH", socket.IPPROTO_TCP, len(segment))
    assert _checksum_is_right(header)
    assert _checksum_is_right(pseudo + segment)
