"""Captures made to exhaust the reader: each ends with a verdict or a sentence, soon and small."""

from __future__ import annotations

import struct

import pytest

from capfpcap.capture.headers.layers import MAX_LAYERS
from capfpcap.flows.busy_clients import MOST_ASKED
from capfpcap.flows.lone_syns import MOST_OF_A_CLIENT
from tests.capture.builder import Packet, ethernet, ipv4, tcp
from tests.dissectors import builders

from .child import check_bounded
from .conftest import Judge, codes, packets
from .wire import (
    ACK,
    CAPF,
    HTTP,
    SYN,
    Wire,
    client_hello,
    dns_name,
    handshake_message,
    server_flight,
    tls_records,
    vector,
)

GIBIBYTE = 1 << 30
IP_IN_IP = 4
"""IP protocol number (RFC 2003)."""
PHONE_NAME = "SEP001122334455"
CONFIGURATION = f"{PHONE_NAME}.cnf.xml".encode()


def test_a_record_that_claims_two_gigabytes_ends_the_reading_with_a_sentence(judge: Judge) -> None:
    wire = Wire()
    wire.handshake()
    lie = struct.pack("<IIII", 1_760_000_000, 0, 2 * GIBIBYTE - 1, 2 * GIBIBYTE - 1)
    result, report = judge(wire.pcap() + lie + bytes(1000))
    assert packets(report) == 3
    assert "capture-cut-short" in codes(report)
    assert "claims 2147483647 captured bytes" in result.out


ENTITIES = b"".join(
    b'<!ENTITY e%d "%s">' % (level, b"&e%d;" % (level - 1) * 10) for level in range(1, 12)
)


@pytest.mark.parametrize(
    "declarations",
    [
        b'<!ENTITY e0 "x">' + ENTITIES,
        b'<!ENTITY e11 "' + b"x" * 50_000 + b'">',
        b'<!ENTITY e11 SYSTEM "file:///etc/passwd">',
        b'<!ENTITY e11 SYSTEM "http://127.0.0.1:1/">',
        b'<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;',
    ],
    ids=["a billion laughs", "quadratic", "a file", "a web address", "a parameter entity"],
)
def test_entities_of_a_configuration_are_neither_expanded_nor_fetched(
    judge: Judge, declarations: bytes
) -> None:
    names = b"<processNodeName>&e11;</processNodeName>" * 200
    content = b"<!DOCTYPE device [" + declarations + b"]><device>" + names + b"</device>"
    wire = Wire()
    wire.file(CONFIGURATION, content)
    result, report = judge(wire.pcap())
    assert "root:" not in result.out
    phones = report["phones"]
    assert isinstance(phones, list)
    assert phones[0]["name"] == PHONE_NAME
    assert not (phones[0]["configuration"] or {}).get("capf_host")


def test_of_connections_from_every_port_at_once_a_days_are_judged(judge: Judge) -> None:
    """616 MiB when all of them were; now 290."""
    wire = Wire()
    hello = client_hello()
    for port in range(65536):
        wire.segment(b"", 999, 0, SYN, True, ports=(port, CAPF))
    for port in range(65536):
        wire.segment(hello, 1000, 5000, ACK, True, ports=(port, CAPF))
    result, report = judge(wire.pcap())
    check_bounded(result, mebibytes=300, seconds=10)
    flows = report["flows"]
    assert isinstance(flows, list)
    assert len(flows) == MOST_ASKED
    assert f"begins more than {MOST_ASKED:,} connections" in result.out


def test_one_port_that_opens_connection_after_connection_is_read(judge: Judge) -> None:
    wire = Wire()
    for number in range(50_000):
        wire.segment(b"", number * 7919, 0, SYN, True)
    _, report = judge(wire.pcap())
    flows = report["flows"]
    assert isinstance(flows, list)
    assert len(flows) == MOST_OF_A_CLIENT
    assert "capture-port-scan" in codes(report)


def test_single_octets_whose_sequence_numbers_run_backwards_are_read(judge: Judge) -> None:
    wire = Wire()
    wire.handshake()
    for offset in range(400_000, 0, -2):
        wire.segment(b"\x16", 1000 + offset, 5000, ACK, True)
    _, report = judge(wire.pcap())
    assert packets(report) == 200_003


def test_segments_that_overlap_in_every_way_are_read(judge: Judge) -> None:
    wire = Wire()
    wire.handshake()
    for number in range(50_000):
        wire.segment(b"\x17\3\3\0\1" * 100, 1000 + number * 7919 % 100_000, 5000, ACK, True)
    _, report = judge(wire.pcap())
    assert packets(report) == 50_003


def test_sequence_numbers_all_over_their_space_are_read(judge: Judge) -> None:
    wire = Wire()
    wire.handshake()
    for number in range(100_000):
        wire.segment(b"x" * 10, number * 0x9E3779B1, 5000 + number * 0x85EBCA6B, ACK, True)
    _, report = judge(wire.pcap())
    assert packets(report) == 100_003


def test_a_file_transfer_without_an_end_is_read_and_its_content_kept_up_to_a_limit(
    judge: Judge,
) -> None:
    wire = Wire()
    wire.file_request(b"ITLFile.tlv")
    data = bytes(512)
    for block in range(1, 200_001):
        wire.datagram(struct.pack(">HH", 3, block & 0xFFFF) + data, 41000, 32000, False)
    wire.file_block(200_001, b"end")
    _, report = judge(wire.pcap())
    assert packets(report) == 200_003
    (large,) = [item for item in report["findings"] if item["code"] == "itl-corrupt"]
    assert "is too large for a trust list" in large["title"]


def test_block_numbers_that_leap_are_read(judge: Judge) -> None:
    wire = Wire()
    wire.file_request(b"ITLFile.tlv")
    for number in range(100_000):
        wire.file_block(number * 32_767, bytes(512))
    wire.file_block(100_000 * 32_767, b"end")
    _, report = judge(wire.pcap())
    assert packets(report) == 200_003


def test_certificates_without_an_end_in_one_handshake_are_read_up_to_a_limit(judge: Judge) -> None:
    wire = Wire()
    wire.connection(client_hello(), server_flight([builders.CAPF.der] * 15_000))
    judge(wire.pcap())


def test_empty_certificates_by_the_million_are_read_up_to_a_limit(judge: Judge) -> None:
    wire = Wire()
    wire.connection(client_hello(), server_flight([b""] * 3_000_000))
    judge(wire.pcap())


def test_certificate_messages_without_an_end_are_read(judge: Judge) -> None:
    chain = vector(vector(builders.CAPF.der, 3), 3)
    flight = server_flight([builders.CAPF.der])
    wire = Wire()
    wire.connection(client_hello(), flight + tls_records(22, handshake_message(11, chain) * 15_000))
    judge(wire.pcap())


@pytest.mark.parametrize("content_type", [20, 21, 22, 23])
def test_records_of_a_single_octet_are_read_by_the_hundred_thousand(
    judge: Judge, content_type: int
) -> None:
    wire = Wire()
    flight = server_flight([builders.CAPF.der])
    wire.connection(client_hello(), flight + tls_records(content_type, b"\1" * 200_000, 1))
    judge(wire.pcap())


def test_trust_list_records_by_the_thousand_are_read_up_to_a_limit(judge: Judge) -> None:
    record = builders.record(builders.text(2, "x"), builders.field(4, b"\0\4"))
    content = builders.signed(record * 100_000, builders.SIGNER)
    wire = Wire()
    wire.file(b"ITLFile.tlv", content)
    _, report = judge(wire.pcap())
    assert {"itl-corrupt"} <= codes(report)


def test_a_flood_of_names_from_one_port_is_read(judge: Judge) -> None:
    wire = Wire()
    for number in range(50_000):
        name = dns_name(b"%d" % number, b"a" * 60, b"b" * 60, b"c" * 60)
        wire.question(name, identifier=number & 0xFFFF)
        wire.answer(name, rcode=3, identifier=number & 0xFFFF)
    _, report = judge(wire.pcap())
    assert packets(report) == 100_000


def test_names_of_pointers_that_point_at_pointers_are_read(judge: Judge) -> None:
    pointers = b"".join(struct.pack(">H", 0xC000 | 12 + 2 * number) for number in range(8000))
    head = struct.pack(">HHHHHH", 1, 0x8180, 1, 4000, 0, 0)
    wire = Wire()
    for _ in range(500):
        wire.question(dns_name(b"capf"))
        wire.datagram(head + dns_name(b"x") + b"\0\1\0\1" + pointers, 40000, 53, False)
    _, report = judge(wire.pcap())
    assert packets(report) == 1000


def test_tunnels_in_tunnels_are_followed_only_so_far(judge: Judge) -> None:
    wire = Wire()
    wire.handshake()
    packet = ipv4(tcp(b"deep"))
    for _ in range(2 * MAX_LAYERS):
        packet = ipv4(packet, IP_IN_IP)
    wire.packets += [Packet(ethernet(packet), wire.time)] * 10_000
    _, report = judge(wire.pcap())
    captures = report["captures"]
    assert isinstance(captures, list)
    assert (captures[0]["packets"], captures[0]["relevant_packets"]) == (10_003, 3)


def test_elements_in_elements_of_a_configuration_are_read_up_to_a_limit(judge: Judge) -> None:
    depth = 30_000
    wire = Wire()
    wire.file(CONFIGURATION, b"<device>" + b"<a>" * depth + b"</a>" * depth + b"</device>")
    _, report = judge(wire.pcap())
    phones = report["phones"]
    assert isinstance(phones, list)
    assert phones[0]["name"] == PHONE_NAME


def test_a_crowd_of_phones_at_one_address_is_judged(judge: Judge) -> None:
    wire = Wire()
    for number in range(10_000):
        port = 20_000 + number
        wire.file_request(b"SEP%012X.cnf.xml" % number, port)
        wire.file_error(1, b"File not found", port)
    _, report = judge(wire.pcap())
    phones = report["phones"]
    assert isinstance(phones, list)
    assert len(phones) == 10_000


def test_a_phone_that_asks_for_ever_more_files_from_one_port_is_judged(judge: Judge) -> None:
    wire = Wire()
    for number in range(50_000):
        wire.file_request(b"SEP%012X.cnf.xml" % (number % 3))
        wire.file_error(1, b"File not found")
    _, report = judge(wire.pcap())
    assert packets(report) == 100_000


def test_a_web_conversation_without_an_end_is_read(judge: Judge) -> None:
    request = b"GET /SEP001122334455.cnf.xml HTTP/1.1\r\nHost: x\r\n\r\n" * 20_000
    response = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n" * 20_000
    wire = Wire()
    wire.connection(request, response, 42000, HTTP)
    judge(wire.pcap())


def test_a_web_header_without_an_end_is_read(judge: Judge) -> None:
    wire = Wire()
    wire.connection(
        b"GET /ITLFile.tlv HTTP/1.1\r\n" + b"a: b\r\n" * 500_000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 500_000,
        42000,
        HTTP,
    )
    judge(wire.pcap())
