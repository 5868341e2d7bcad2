"""TFTP packets (RFC 1350, RFC 2347) of one client port."""

from __future__ import annotations

import struct
from dataclasses import replace

from tests.capture.builder import SERVER
from tests.timeline.wire import Datagram, answer

TID = 40001
"""The port from which the server answers."""
BLOCK = 512


def request(name: str, *options: str, mode: str = "octet", server: str = SERVER) -> Datagram:
    texts = b"".join(text.encode() + b"\0" for text in (name, mode, *options))
    return Datagram(b"\0\1" + texts, destination=server)


def from_server(payload: bytes, to: Datagram | None = None, port: int = TID) -> Datagram:
    return answer(to or request(""), payload, port)


def from_phone(payload: bytes, port: int = TID) -> Datagram:
    return replace(request(""), payload=payload, destination_port=port)


def data(block: int, content: bytes) -> Datagram:
    return from_server(struct.pack(">HH", 3, block % 65536) + content)


def ack(block: int) -> Datagram:
    return from_phone(struct.pack(">HH", 4, block % 65536))


def error(code: int, text: str) -> bytes:
    return struct.pack(">HH", 5, code) + text.encode() + b"\0"


def oack(*options: str) -> Datagram:
    return from_server(b"\0\6" + b"".join(option.encode() + b"\0" for option in options))


def blocks_of(content: bytes, size: int = BLOCK) -> list[bytes]:
    """The content in blocks; the last one is shorter than the others, be it empty."""
    return [content[start : start + size] for start in range(0, len(content) + 1, size)]


def exchange(content: bytes, size: int = BLOCK) -> list[Datagram]:
    """Each block with its acknowledgement."""
    packets = []
    for number, block in enumerate(blocks_of(content, size), 1):
        packets += [data(number, block), ack(number)]
    return packets


def download(name: str, content: bytes) -> list[Datagram]:
    """The whole of a plain conversation."""
    return [request(name), *exchange(content)]
