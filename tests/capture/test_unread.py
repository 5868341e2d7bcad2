"""Encapsulations that are not decoded are named, and nothing else is called one."""

from __future__ import annotations

import pytest

from capfpcap.capture.headers.udp_tunnels import UDP_TUNNELS

from .builder import Packet, ethernet, ipv4, pcap
from .conftest import Read
from .test_linklayer import FRAME, over_udp

UNREAD = {
    "packets of CAPWAP (frames of wireless stations) are not decoded": over_udp(
        b"\0\x10\2\0\0\0\0\0" + bytes(30), 5247
    ),
    "packets of Peekremote (frames of wireless stations) are not decoded": over_udp(
        b"\0\xff\xab\xcd" + bytes(50), 5555
    ),
    "packets of TZSP that holds no Ethernet frames are not decoded": over_udp(
        b"\1\0\0\x12\1" + bytes(40), 37008
    ),
    "packets of L2TPv3 are not decoded": over_udp(b"\0\3\0\0\0\0\0\7" + bytes(40), 1701),
    "packets of CAPWAP are encrypted": over_udp(b"\1\0\0\0\x17\xfe\xfd" + bytes(40), 5247),
    "packets of IPsec ESP are encrypted": ethernet(ipv4(b"\0\0\1\1" + bytes(60), 50)),
}


@pytest.mark.parametrize("text", UNREAD)
def test_an_encapsulation_that_is_not_decoded_is_named(read: Read, text: str) -> None:
    (file,) = read(pcap([Packet(UNREAD[text])] * 3)).files
    (problem,) = file.problems
    assert (problem.text, problem.frame, problem.count) == (text, 1, 3)


@pytest.mark.parametrize("text", UNREAD)
def test_encrypted_packets_beside_an_enrolment_are_no_news(read: Read, text: str) -> None:
    (file,) = read(pcap([Packet(FRAME), Packet(UNREAD[text])])).files
    assert [problem.text for problem in file.problems] == ([] if "encrypted" in text else [text])


def test_esp_that_crosses_a_nat_is_named_and_its_key_exchange_is_not(read: Read) -> None:
    esp = over_udp(b"\xc0\xff\xee\1" + bytes(60), 4500)
    exchange, alive = over_udp(bytes(4) + b"\1" * 60, 4500), over_udp(b"\xff", 4500)
    (file,) = read(pcap([Packet(frame) for frame in (exchange, alive, esp)])).files
    assert [(each.text, each.frame) for each in file.problems] == [
        ("packets of IPsec ESP are encrypted", 3)
    ]


@pytest.mark.parametrize("port", sorted(UDP_TUNNELS))
def test_what_only_goes_to_the_port_of_an_encapsulation_is_not_called_one(
    read: Read, port: int
) -> None:
    rtp = b"\x80\0\0\1" + bytes(160)
    tftp = b"\0\3\0\1" + bytes(512)
    (file,) = read(pcap([Packet(over_udp(payload, port)) for payload in (rtp, tftp, b"")])).files
    expected = ["packets of IPsec ESP are encrypted"] if port == 4500 else []
    assert [problem.text for problem in file.problems] == expected
