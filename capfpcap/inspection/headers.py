"""The headers of a frame, from the link layer to the transport, field by field."""

from __future__ import annotations

from capf_dissectors.outline import Node, Outliner, moved, outlined, plural
from msgspec import Struct

from capfpcap.capture.headers.layers import Layer
from capfpcap.capture.headers.stack import Header, header_stack, quoted_stack
from capfpcap.inspection import ip_headers, link_headers
from capfpcap.inspection.link_headers import Reader
from capfpcap.inspection.tcp_header import Beginnings, read_tcp

_READERS: dict[int, tuple[str, Reader]] = link_headers.HEADERS | ip_headers.HEADERS
_UDP_HEADER = 8
_ICMP_HEADER = 8
_ICMP = (Layer.ICMP, Layer.ICMPV6)
_ICMP_ERRORS, _ICMPV6_ERRORS = (3, 4, 5, 11, 12), (1, 2, 3, 4)
"""Types behind whose header the packet that they are about is quoted."""
_WORDS = {
    Layer.UNSUPPORTED: "Link type that is not decoded",
    Layer.FRAGMENT: "Fragment of a datagram",
    Layer.TRUNCATED: "Header that is not wholly captured",
    Layer.MALFORMED: "Header that contradicts itself",
}


class Headers(Struct, frozen=True):
    """The headers of a frame, and where what they carry begins."""

    nodes: tuple[Node, ...]
    payload_at: int | None
    """Where the payload of UDP or TCP begins; None in a frame without such a header."""


def outline_headers(data: bytes, link_type: int, beginnings: Beginnings) -> Headers:
    """All headers of a frame, and what stands behind the packet that they carry."""
    nodes, at = _outlined(data, header_stack(data, link_type), beginnings)
    return Headers(nodes, at)


def _outlined(
    data: bytes, stack: list[Header], beginnings: Beginnings
) -> tuple[tuple[Node, ...], int | None]:
    nodes: list[Node] = []
    for header in stack[:-1]:
        name, read = _READERS.get(header.layer, (f"Header 0x{header.layer:04x}", _opaque))
        nodes += _node(name, read, data, header.at, header.end)
    last = stack[-1]
    at = last.at
    if last.layer == Layer.TCP:
        end = at + max(20, (data[at + 12] >> 4) * 4 if at + 12 < len(data) else 20)
        nodes += _node("TCP", lambda walk: read_tcp(walk, beginnings), data, at, end)
        return tuple(nodes), min(end, len(data))
    if last.layer == Layer.UDP:
        nodes += _node("UDP", ip_headers.read_udp, data, at, at + _UDP_HEADER)
        return tuple(nodes), min(at + _UDP_HEADER, len(data))
    if last.layer in _ICMP:
        nodes += _icmp(data, at, version6=last.layer == Layer.ICMPV6)
    elif last.layer in _WORDS:
        value = plural(len(data) - at, "byte")
        nodes.append(Node(_WORDS[Layer(last.layer)], value, at, len(data)))
    return tuple(nodes), None


def _icmp(data: bytes, at: int, *, version6: bool) -> tuple[Node, ...]:
    """An ICMP header, and the packet that an error quotes."""

    def read(walk: Outliner) -> None:
        ip_headers.read_icmp(walk, version6=version6)

    header = _node("ICMPv6" if version6 else "ICMP", read, data, at, at + _ICMP_HEADER)
    behind = min(at + _ICMP_HEADER, len(data))
    if at == len(data) or data[at] not in (_ICMPV6_ERRORS if version6 else _ICMP_ERRORS):
        return header
    quoted = moved(
        _outlined(data[behind:], quoted_stack(data[behind:]), Beginnings())[0], behind, 0
    )
    size = plural(len(data) - behind, "byte")
    return (*header, Node("Quoted packet", size, behind, len(data), quoted))


def _node(name: str, read: Reader, data: bytes, start: int, end: int) -> tuple[Node, ...]:
    def header(walk: Outliner) -> None:
        with walk.fields(name, end - start) as inner:
            read(inner)

    return outlined(header, data, start, min(end, len(data)))


def _opaque(walk: Outliner) -> None:
    walk.rest("Header")
