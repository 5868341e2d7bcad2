"""Records and messages of TLS, octet by octet, and what a stream of them reads as."""

from __future__ import annotations

from capf_dissectors.streams import Piece
from capf_dissectors.tls import dissect_stream


def kinds(stream):
    return [type(message) for message in stream.messages]


def record(kind, fragment, version=0x0303):
    return bytes([kind]) + version.to_bytes(2, "big") + len(fragment).to_bytes(2, "big") + fragment


def handshake(kind, body):
    return bytes([kind]) + len(body).to_bytes(3, "big") + body


def whole(data, **options):
    return dissect_stream([Piece(0, data)], **options)


SERVER_HELLO = handshake(2, b"\x03\x03" + bytes(32) + b"\x00\x00\x9c\x00")
CERTIFICATE = handshake(11, (3003).to_bytes(3, "big") + (3000).to_bytes(3, "big") + bytes(3000))
DONE = handshake(14, b"")
