"""Headers of frames, whatever they are wrapped in."""

from __future__ import annotations

import struct

import pytest
from capf_dissectors.outline import Node
from hypothesis import given
from hypothesis import strategies as st

from capfpcap.inspection.headers import Headers, outline_headers
from capfpcap.inspection.tcp_header import Beginnings
from tests.capture import builder

SEGMENT = builder.ipv4(builder.tcp(b"hello"))


def opened(frame: bytes, link_type: int = 1) -> Headers:
    return outline_headers(frame, link_type, Beginnings())


def names(headers: Headers) -> list[str]:
    return [node.name for node in headers.nodes]


VXLAN = builder.udp(b"\x08\0\0\0\0\0\x07\0" + builder.ethernet(SEGMENT), destination=4789)
WRAPPED = [
    (1, builder.ethernet(SEGMENT), ["Ethernet"]),
    (
        1,
        builder.ethernet(SEGMENT, tags=((0x88A8, 7), (0x8100, 0x2014))),
        ["Ethernet", "802.1ad VLAN tag", "802.1Q VLAN tag"],
    ),
    (113, bytes(14) + b"\x08\0" + SEGMENT, ["Linux cooked capture"]),
    (276, b"\x08\0" + bytes(18) + SEGMENT, ["Linux cooked capture v2"]),
    (101, SEGMENT, []),
    (0, b"\x02\0\0\0" + SEGMENT, ["BSD loopback"]),
    (1, builder.ethernet(b"\0\x01\x41\x40" + SEGMENT, 0x8847), ["Ethernet", "MPLS"]),
    (
        1,
        builder.ethernet(struct.pack(">BBHHH", 0x11, 0, 9, 47, 0x21) + SEGMENT, 0x8864),
        ["Ethernet", "PPPoE"],
    ),
    (
        1,
        builder.ethernet(builder.ipv4(VXLAN, 17)),
        ["Ethernet", "IPv4", "UDP", "VXLAN", "Ethernet"],
    ),
    (
        1,
        builder.ethernet(builder.ipv4(b"\0\0\x08\0" + SEGMENT, 47)),
        ["Ethernet", "IPv4", "GRE"],
    ),
]


@pytest.mark.parametrize(("link_type", "frame", "before"), WRAPPED)
def test_whatever_a_segment_is_wrapped_in_its_headers_follow_one_another(
    link_type: int, frame: bytes, before: list[str]
) -> None:
    headers = opened(frame, link_type)
    assert names(headers) == [*before, "IPv4", "TCP"]
    assert headers.payload_at is not None
    assert frame[headers.payload_at :] == b"hello"
    ends = [node.end for node in headers.nodes]
    assert [node.start for node in headers.nodes] == [0, *ends[:-1]]
    assert not [node for node in everything(headers) if node.is_problem]


def everything(headers: Headers) -> list[Node]:
    return [below for node in headers.nodes for below in node.walk()]


def test_a_vlan_tag_says_its_number_and_priority() -> None:
    headers = opened(builder.ethernet(SEGMENT, tags=((0x8100, 0xA064),)))
    said = {node.name: node.value for node in headers.nodes[1].children}
    assert said == {
        "Priority": "5",
        "Drop eligible": "no",
        "VLAN": "100",
        "Type": "IPv4 (0x0800)",
    }


def test_options_of_tcp_are_told_one_by_one() -> None:
    options = b"\x02\x04\x05\xb4\x01\x03\x03\x07\x04\x02\x08\x0a" + bytes(7) + b"\x05"
    headers = opened(builder.ethernet(builder.ipv4(builder.tcp(options=options))))
    (told,) = [node for node in headers.nodes[-1].children if node.name == "Options"]
    assert [(node.name, node.value) for node in told.children] == [
        ("Maximum segment size", "1460"),
        ("No operation", ""),
        ("Window scale", "times 128"),
        ("Selective acknowledgement permitted", ""),
        ("Timestamps", "0, echo 5"),
    ]


def test_a_header_that_is_not_whole_says_so() -> None:
    frame = builder.ethernet(SEGMENT)
    headers = opened(frame[:40])
    assert names(headers) == ["Ethernet", "IPv4", "TCP"]
    assert [node.value for node in everything(headers) if node.is_problem] == [
        "ends early: 2 bytes missing"
    ]
    assert names(opened(frame[:20]))[-1] == "Header that is not wholly captured"


def test_a_link_type_that_is_not_decoded_is_told() -> None:
    assert names(opened(b"anything", 127)) == ["Link type that is not decoded"]


@given(data=st.binary(max_size=120), link_type=st.sampled_from([0, 1, 9, 100, 101, 104, 113, 276]))
def test_whatever_the_bytes_are_headers_lie_in_the_frame(data: bytes, link_type: int) -> None:
    headers = opened(data, link_type)
    assert all(0 <= node.start <= node.end <= len(data) for node in everything(headers))
    assert headers.payload_at is None or headers.payload_at <= len(data)
