"""Outlines: every field lies where it says, and says what the dissectors say."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from capf_dissectors import tls, trust_list
from capf_dissectors.outline import MAX_NODES, Node
from capf_dissectors.outline.configuration import outline_configuration
from capf_dissectors.outline.dns import outline_dns
from capf_dissectors.outline.http import outline_http
from capf_dissectors.outline.signed_header import outline_signed_file
from capf_dissectors.outline.tftp import outline_tftp
from capf_dissectors.outline.tls_handshake import outline_handshake
from capf_dissectors.outline.trust_list import outline_trust_list
from capf_dissectors.outline.x509 import outline_certificate
from hypothesis import given
from hypothesis import strategies as st

from . import builders
from .tls_octets import handshake, record, whole

OUTLINES: tuple[Callable[[bytes], tuple[Node, ...]], ...] = (
    outline_certificate,
    outline_configuration,
    outline_dns,
    outline_handshake,
    outline_http,
    outline_signed_file,
    outline_tftp,
    outline_trust_list,
)


def all_nodes(nodes: Sequence[Node]) -> list[Node]:
    return [below for node in nodes for below in node.walk()]


def named(nodes: Sequence[Node], name: str) -> list[Node]:
    return [node for node in all_nodes(nodes) if node.name == name]


def problems(nodes: Sequence[Node]) -> list[str]:
    return [node.value for node in all_nodes(nodes) if node.is_problem]


def lies_inside(node: Node, start: int, end: int) -> bool:
    return start <= node.start <= node.end <= end and all(
        lies_inside(child, node.start, node.end) for child in node.children
    )


@pytest.mark.parametrize("outline", OUTLINES, ids=lambda outline: outline.__name__)
@given(data=st.binary(max_size=300))
def test_whatever_the_bytes_are_every_field_lies_in_the_one_that_holds_it(
    outline: Callable[[bytes], tuple[Node, ...]], data: bytes
) -> None:
    assert all(lies_inside(node, 0, len(data)) for node in outline(data))


@given(cut=st.integers(0, 400), at=st.integers(0, 400), octet=st.integers(0, 255))
def test_a_damaged_certificate_is_outlined_as_far_as_it_goes(cut: int, at: int, octet: int) -> None:
    der = bytearray(builders.identity("CAPF-1").der)
    der[at] = octet
    data = bytes(der[: len(der) - cut])
    assert all(lies_inside(node, 0, len(data)) for node in outline_certificate(data))


def test_a_certificate_says_its_names_its_times_and_its_key() -> None:
    owner = builders.identity("CAPF-1a2b3c4d")
    nodes = outline_certificate(owner.der)
    assert not problems(nodes)
    (serial,) = named(nodes, "Serial number")
    assert int(serial.value, 16) == owner.certificate.serial_number
    assert int.from_bytes(owner.der[serial.start : serial.end], "big") == int(serial.value, 16)
    (subject,) = named(nodes, "Subject")
    assert "CN=CAPF-1a2b3c4d" in subject.value
    (after,) = named(nodes, "Not after")
    assert after.value == f"{owner.certificate.not_valid_after_utc:%Y-%m-%d %H:%M:%S} UTC"
    (modulus,) = named(nodes, "Modulus")
    assert owner.der[modulus.start : modulus.end] in owner.public_key


def test_records_of_a_trust_list_are_those_that_the_dissector_reads() -> None:
    content = builders.trust_list()
    read = trust_list.dissect(content)
    assert isinstance(read, trust_list.TrustList)
    nodes = outline_trust_list(content)
    assert not problems(nodes)
    records = nodes[1:]
    assert [(node.start, node.end) for node in records] == [
        (one.offset, one.offset + one.length) for one in read.records
    ]
    assert [node.value.partition(", ")[0] for node in records] == [
        one.function.name.replace("_", "+")
        for one in read.records
        if isinstance(one.function, trust_list.TrustFunction)
    ]
    for node, one in zip(records, read.records, strict=True):
        for certificate in named([node], "CERTIFICATE (9)"):
            assert content[certificate.start + 3 : certificate.end] == one.certificate


def test_a_record_that_is_none_ends_the_list_with_its_reason() -> None:
    content = builders.trust_list()
    nodes = outline_trust_list(content + b"\0" * 50)
    assert problems(nodes) == ["a record begins with RECORDLENGTH (1), not with tag 0"]
    assert (nodes[-1].start, nodes[-1].end) == (len(content), len(content) + 50)


def hello(extensions: bytes = b"") -> bytes:
    suites = b"\x00\x2f\xc0\x30\x0a\x0a"
    body = b"\x03\x03" + bytes(range(32)) + b"\x00" + b"\x00\x06" + suites + b"\x01\x00"
    return handshake(1, body + (len(extensions).to_bytes(2, "big") + extensions))


def test_suites_of_a_hello_are_those_that_the_dissector_reads() -> None:
    data = hello(b"\x00\x00\x00\x09\x00\x07\x00\x00\x04capf")
    (message,) = whole(record(22, data)).messages
    assert isinstance(message, tls.ClientHello)
    nodes = outline_handshake(data)
    suites = [
        int.from_bytes(data[node.start : node.end], "big") for node in named(nodes, "Cipher suite")
    ]
    assert tuple(suites) == message.cipher_suites
    assert [node.value for node in named(nodes, "Server name")] == [message.server_name]
    assert not problems(nodes)


@given(cut=st.integers(1, 50))
def test_a_hello_that_ends_early_says_so_and_keeps_what_there_is(cut: int) -> None:
    data = hello(b"\x00\x0a\x00\x04\x00\x02\x00\x17")
    nodes = outline_handshake(data[:-cut])
    assert problems(nodes)
    assert nodes[0].children[0].value == "ClientHello (1)"


def test_an_extension_that_lies_about_its_length_costs_none_of_those_before_it() -> None:
    good, bad = b"\x00\x17\x00\x00", b"\x00\x0a\x00\xff\x00"
    nodes = outline_handshake(hello(good + bad))
    assert [node.value for node in named(nodes, "Extension")] == [
        "extended_master_secret (23)",
        "supported_groups (10)",
    ]
    assert problems(nodes) == ["ends early: 1 byte missing"]


def test_a_message_of_nothing_but_fields_is_shown_to_a_limit() -> None:
    suites = b"\x00\x2f" * 20_000
    body = b"\x03\x03" + bytes(32) + b"\x00" + len(suites).to_bytes(2, "big") + suites + b"\x01\x00"
    nodes = outline_handshake(handshake(1, body))
    assert problems(nodes) == [f"more than {MAX_NODES} fields: the rest is not shown"]
    assert len(named(nodes, "Cipher suite")) > MAX_NODES - 100


def test_elements_of_a_configuration_stand_with_their_tags() -> None:
    xml = b"<device><capfAuthMode> 2 </capfAuthMode><member priority='0'/></device>"
    (device,) = outline_configuration(xml)
    mode, member = device.children
    assert (mode.name, mode.value) == ("capfAuthMode", "2")
    assert xml[mode.start : mode.end] == b"<capfAuthMode> 2 </capfAuthMode>"
    assert (member.name, xml[member.start : member.end]) == (
        'member priority="0"',
        b"<member priority='0'/>",
    )


def test_no_entity_of_a_configuration_is_expanded() -> None:
    xml = b'<!DOCTYPE a [<!ENTITY b "bbbbbbbb">]><device>&b;</device>'
    nodes = outline_configuration(xml)
    assert problems(nodes) == ["a document type is declared, which could define entities"]


def test_a_name_of_a_dns_message_ends_behind_its_pointer() -> None:
    question = "04636170660000010001"
    wire = bytes.fromhex(f"123481800001000100000000{question}c00c000100010000000500040a090807")
    nodes = outline_dns(wire)
    (answer,) = named(nodes, "Answer")
    assert answer.value == "capf A 10.9.8.7"
    assert wire[answer.children[0].start : answer.children[0].end] == b"\xc0\x0c"
    assert not problems(nodes)


def test_a_header_field_without_a_colon_is_one_all_the_same() -> None:
    nodes = outline_http(b"HTTP/1.1 200 OK\r\nServer: x\r\nodd\r\n\r\nbody")
    assert [(node.name, node.value) for node in nodes] == [
        ("Status line", "HTTP/1.1 200 OK"),
        ("Server", "x"),
        ("Header field", "odd"),
        ("End of header", ""),
        ("Body", "4 bytes"),
    ]


def test_options_of_a_tftp_request_are_pairs() -> None:
    nodes = outline_tftp(b"\0\1a.tlv\0octet\0blksize\x001024\0")
    assert [node.value for node in nodes] == [
        "Read request (1)",
        "a.tlv",
        "octet",
        "blksize = 1024",
    ]
