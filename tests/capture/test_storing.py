"""Equal payloads take their room once, and each packet has its own octets all the same."""

from __future__ import annotations

from capfpcap.capture.headers.storing import UNIT, WORTH_COMPARING

from .builder import Packet, ethernet, ipv4, pcap, tcp
from .conftest import Read, payloads

START = 1_700_000_000_000_000_000


def capture_of(*contents: bytes) -> bytes:
    frames = [ethernet(ipv4(tcp(content))) for content in contents]
    return pcap([Packet(frame, START + number) for number, frame in enumerate(frames)])


def test_a_payload_that_comes_again_and_again_is_kept_once(read: Read) -> None:
    block, other = bytes(range(256)) * 4, bytes(reversed(range(256))) * 4
    sent = [block, other, b"short", *[block] * 50, other]
    capture = read(capture_of(*sent))
    assert payloads(capture) == sent
    assert sum(map(len, capture.payloads.chunks)) == len(block) + len(other) + UNIT


def test_payloads_that_differ_in_one_octet_are_kept_apart(read: Read) -> None:
    block = b"x" * WORTH_COMPARING
    sent = [block, block[:-1] + b"y", b"y" + block[1:], block + b"x", block]
    assert payloads(read(capture_of(*sent))) == sent


def test_a_payload_that_the_capture_cuts_is_none_of_the_whole_ones(read: Read) -> None:
    block = b"x" * 2 * WORTH_COMPARING
    frame = ethernet(ipv4(tcp(block)))
    cut = Packet(frame[:-100], START, len(frame))
    capture = read(pcap([cut, Packet(frame, START + 1), Packet(frame, START + 2)]))
    assert payloads(capture) == [block[:-100], block, block]
    assert capture.columns.payload_length.tolist() == [len(block)] * 3
