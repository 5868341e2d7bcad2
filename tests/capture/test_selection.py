"""Which packets are kept."""

from __future__ import annotations

import struct

import pytest

from capfpcap.capture.select.tftp import IDLE_LIMIT

from .builder import PHONE, SERVER, Packet, ethernet, ipv4, ipv6, pcap, tcp, udp
from .conftest import Read, payloads

OTHER = "10.5.5.5"
SECOND = 1_000_000_000
START = 1_700_000_000 * SECOND
REQUEST = b"\0\1ITLFile.tlv\0octet\0"


def to_server(payload: bytes, source: int, destination: int) -> bytes:
    return ethernet(ipv4(udp(payload, source, destination), 17))


def to_phone(payload: bytes, source: int, destination: int) -> bytes:
    return ethernet(ipv4(udp(payload, source, destination), 17, SERVER, PHONE))


def at_seconds(*frames: tuple[float, bytes]) -> bytes:
    return pcap([Packet(frame, START + int(second * SECOND)) for second, frame in frames])


@pytest.mark.parametrize("port", [53, 2443, 2445, 3804, 5061, 6970])
def test_both_directions_of_a_service_are_kept(read: Read, port: int) -> None:
    frames = [
        ethernet(ipv4(tcp(b"there", 50000, port))),
        ethernet(ipv4(tcp(b"back", port, 50000), source=SERVER, destination=PHONE)),
        ethernet(ipv4(tcp(b"other", 50000, 443))),
        ethernet(ipv4(udp(b"RTP", 16384, 16386), 17)),
    ]
    assert payloads(read(pcap([Packet(frame) for frame in frames]))) == [b"there", b"back"]


def test_tcp_and_udp_ports_are_told_apart(read: Read) -> None:
    frames = [ethernet(ipv4(udp(b"x", 50000, 3804), 17)), ethernet(ipv4(tcp(b"x", 50000, 69)))]
    assert len(read(pcap([Packet(frame) for frame in frames])).columns) == 0


def test_a_transfer_is_followed_to_the_ports_that_both_sides_chose(read: Read) -> None:
    capture = read(
        at_seconds(
            (0, to_server(REQUEST, 51000, 69)),
            (1, to_phone(b"\0\3\0\1data", 33333, 51000)),
            (2, to_server(b"\0\4\0\1", 51000, 33333)),
            (2, to_server(b"unrelated", 51001, 33333)),
            (3, to_phone(b"unrelated", 33333, 51001)),
        )
    )
    assert capture.columns.frame.tolist() == [1, 2, 3]


def test_the_same_port_of_another_host_is_not_the_client(read: Read) -> None:
    stranger = ethernet(ipv4(udp(b"RTP", 20000, 51000), 17, SERVER, OTHER))
    capture = read(at_seconds((0, to_server(REQUEST, 51000, 69)), (1, stranger)))
    assert capture.columns.frame.tolist() == [1]


def test_what_passed_before_the_request_is_not_of_the_transfer(read: Read) -> None:
    capture = read(
        at_seconds(
            (0, to_phone(b"before", 33333, 51000)),
            (1, to_server(REQUEST, 51000, 69)),
            (1, to_phone(b"after", 33333, 51000)),
        )
    )
    assert capture.columns.frame.tolist() == [2, 3]


ANSWER = b"\0\3\0\1data"


@pytest.mark.parametrize("answer", [ANSWER, b"\0\6tsize\0400\0", b"\0\5\0\1not found\0"])
def test_an_answer_recorded_just_before_its_request_is_kept(read: Read, answer: bytes) -> None:
    frames = ((0, to_phone(answer, 33333, 40000)), (0.001, to_server(REQUEST, 40000, 69)))
    assert payloads(read(at_seconds(*frames))) == [answer, REQUEST]


@pytest.mark.parametrize(
    ("second", "frame"),
    [
        (0, to_phone(ANSWER, 33333, 40000)),
        (1.5, to_phone(b"\0\3\0\2data", 33333, 40000)),
        (1.5, to_phone(b"\0\4\0\1", 33333, 40000)),
        (1.5, to_phone(b"\0\3", 33333, 40000)),
        (1.5, to_phone(ANSWER, 33333, 40001)),
        (1.5, ethernet(ipv4(udp(ANSWER, 33333, 40000), 17, OTHER, PHONE))),
        (1.5, to_server(ANSWER, 40000, 33333)),
    ],
)
def test_what_cannot_be_an_answer_recorded_too_early_is_not_kept(
    read: Read, second: float, frame: bytes
) -> None:
    frames = ((second, frame), (1.6, to_server(REQUEST, 40000, 69)))
    assert payloads(read(at_seconds(*frames))) == [REQUEST]


def test_a_port_that_was_silent_too_long_is_no_client_any_more(read: Read) -> None:
    idle = IDLE_LIMIT // SECOND
    capture = read(
        at_seconds(
            (0, to_server(REQUEST, 51000, 69)),
            (idle - 1, to_phone(b"late", 33333, 51000)),
            (2 * idle - 2, to_phone(b"later", 33333, 51000)),
            (3 * idle, to_phone(b"RTP", 20000, 51000)),
            (3 * idle + 1, to_server(REQUEST, 51000, 69)),
            (3 * idle + 2, to_phone(b"again", 33333, 51000)),
        )
    )
    assert capture.columns.frame.tolist() == [1, 2, 3, 5, 6]


@pytest.mark.parametrize("batch", [1, 2, 3, 1000])
def test_the_outcome_does_not_depend_on_the_borders_of_batches(
    read: Read, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("capfpcap.capture.files.pcap.MAX_BATCH", batch)
    monkeypatch.setattr("capfpcap.capture.files.walk.MAX_BATCH", batch)
    frames = []
    for number in range(20):
        port = 51000 + number % 5
        frames.append((number * 3, to_phone(b"maybe", 33333, port)))
        if number % 3 == 0:
            frames.append((number * 3 + 1, to_server(REQUEST, port, 69)))
        frames.append((number * 3 + 2, to_server(b"maybe", port, 33333)))
    kept = read(at_seconds(*frames)).columns.frame.tolist()
    asked: set[int] = set()
    expected = []
    for number, (_, frame) in enumerate(frames, 1):
        source, destination = struct.unpack_from(">HH", frame, 34)
        if destination == 69:
            asked.add(source)
        if {source, destination} & asked:
            expected.append(number)
    assert kept == expected


def test_a_write_request_opens_a_transfer_too(read: Read) -> None:
    capture = read(
        at_seconds(
            (0, to_server(b"\0\2log\0octet\0", 51000, 69)),
            (1, to_phone(b"\0\4\0\0", 33333, 51000)),
        )
    )
    assert len(capture.columns) == 2


def test_transfers_over_ipv6_are_followed(read: Read) -> None:
    request = ethernet(ipv6(udp(REQUEST, 51000, 69), 17), 0x86DD)
    answer = ethernet(ipv6(udp(b"data", 33333, 51000), 17, "2001:db8::7", "2001:db8::31"), 0x86DD)
    assert len(read(at_seconds((0, request), (1, answer))).columns) == 2


def icmp(kind: int, quoted: bytes) -> bytes:
    return ethernet(ipv4(struct.pack(">BBHI", kind, 3, 0, 0) + quoted, 1, OTHER, PHONE))


@pytest.mark.parametrize("kind", [3, 4, 11, 12])
def test_an_error_about_a_service_is_kept(read: Read, kind: int) -> None:
    capture = read(pcap([Packet(icmp(kind, ipv4(tcp())[:28]))]))
    assert capture.columns.protocol.tolist() == [1]
    assert capture.columns.source_port[0] == 0
    assert payloads(capture)[0][8:] == ipv4(tcp())[:28]


@pytest.mark.parametrize("kind", [0, 5, 8])
def test_other_icmp_is_not_kept(read: Read, kind: int) -> None:
    assert len(read(pcap([Packet(icmp(kind, ipv4(tcp())))])).columns) == 0


def test_an_error_about_something_else_is_not_kept(read: Read) -> None:
    assert len(read(pcap([Packet(icmp(3, ipv4(tcp(destination=443))))])).columns) == 0


def test_an_error_about_a_transfer_is_kept(read: Read) -> None:
    quoted = ipv4(udp(b"", 33333, 51000), 17, SERVER, PHONE)
    capture = read(
        at_seconds((0, icmp(3, quoted)), (1, to_server(REQUEST, 51000, 69)), (2, icmp(3, quoted)))
    )
    assert 3 in capture.columns.frame.tolist()


def test_an_error_that_quotes_a_first_fragment_is_kept(read: Read) -> None:
    first = ipv4(udp(bytes(64)), 17, fragment=0x2000, total=1500)
    later = ipv4(udp(bytes(64)), 17, fragment=0x2010, total=1500)
    capture = read(pcap([Packet(icmp(11, first)), Packet(icmp(11, later))]))
    assert capture.columns.frame.tolist() == [1]


@pytest.mark.parametrize(("kind", "count"), [(1, 1), (2, 1), (3, 1), (4, 1), (128, 0), (135, 0)])
def test_errors_of_icmpv6_are_kept(read: Read, kind: int, count: int) -> None:
    error = struct.pack(">BBHI", kind, 0, 0, 0) + ipv6(tcp())
    frame = ethernet(ipv6(error, 58), 0x86DD)
    assert len(read(pcap([Packet(frame)])).columns) == count
