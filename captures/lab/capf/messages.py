"""CAPF messages: 8 octets of header, then elements.

Header: 0x55, command, session id (4 octets), length of the elements (2 octets), all big-endian.
Element: tag (1 octet), length (2 octets), value; texts count their NUL.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Protocol

MAGIC = 0x55
_HEADER = struct.Struct("!BBIH")
_ELEMENT = struct.Struct("!BH")


class Command(IntEnum):
    """What a message is."""

    AUTH_REQUEST = 1
    AUTH_RESPONSE = 2
    KEYGEN_REQUEST = 3
    KEYGEN_RESPONSE = 4
    STORE_CERT_REQUEST = 9
    STORE_CERT_RESPONSE = 10
    FETCH_REQUEST = 11
    FETCH_RESPONSE = 12
    DELETE_REQUEST = 13
    DELETE_RESPONSE = 14
    END_SESSION = 15
    RETRY_LATER = 16
    REQUEST_IN_PROGRESS = 17


class Element(IntEnum):
    """The elements that the lab uses."""

    REASON = 1
    CERTIFICATE_TYPE = 3
    CERTIFICATE = 4
    SIGNED_DATA = 6
    VERSION = 7
    AUTH_TYPE = 8
    PUBLIC_KEY = 9
    KEY_SIZE = 10
    PASSWORD = 11
    RETRY_DELAY = 12
    DEVICE_NAME = 13
    SUDI_DATA = 16
    KEY_TYPE = 17
    CURVE = 18
    SHA2_SIGNED_DATA = 20


CERTIFICATE_TYPE_LSC = b"\x01"
CERTIFICATE_TYPE_MIC = b"\x02"
KEY_TYPE_RSA = b"\x00"
KEY_TYPE_EC = b"\x01"
CURVES = {256: b"\x00", 384: b"\x01", 521: b"\x02"}
REASON_OK = 1
REASON_DECLINED = 7


class Channel(Protocol):
    """What messages are sent over: a TLS socket."""

    def recv(self, size: int, /) -> bytes:
        """Return what has come, nothing at the end."""

    def sendall(self, data: bytes, /) -> None:
        """Send all of the bytes."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message; an element occurs once in those that the lab sends."""

    command: Command
    session: int
    elements: Mapping[int, bytes] = field(default_factory=dict)

    def encode(self) -> bytes:
        """The bytes on the wire."""
        body = joined(self.elements.items())
        return _HEADER.pack(MAGIC, self.command, self.session, len(body)) + body


def certificate_element(der: bytes) -> bytes:
    """A CERTIFICATE value: a nested element (tag 1, length) of 2 octets 0x0001 and the DER."""
    return _ELEMENT.pack(1, 2 + len(der)) + b"\x00\x01" + der


def certificate_of(element: bytes) -> bytes:
    """The DER in a CERTIFICATE value."""
    return element[_ELEMENT.size + 2 :]


def receive(channel: Channel) -> Message:
    """Read one whole message.

    Raises:
        ConnectionError: the peer ended before the message did.
        ValueError: the bytes are no CAPF message.
    """
    magic, command, session, length = _HEADER.unpack(exactly(channel, _HEADER.size))
    if magic != MAGIC:
        raise ValueError(f"not CAPF: 0x{magic:02x}")
    return Message(Command(command), session, parted(exactly(channel, length)))


def send(channel: Channel, data: bytes, piece_octets: int = 0) -> None:
    """Send in writes, and so in records, of so many octets; in one where that is 0."""
    size = piece_octets or len(data)
    for start in range(0, len(data), size):
        channel.sendall(data[start : start + size])


def joined(elements: Iterable[tuple[int, bytes]]) -> bytes:
    """Elements, by tag and value, as they follow one another."""
    return b"".join(_ELEMENT.pack(tag, len(value)) + value for tag, value in elements)


def parted(body: bytes) -> dict[int, bytes]:
    """The elements of a message, by tag.

    Raises:
        ValueError: the last one is cut short.
    """
    elements: dict[int, bytes] = {}
    while body:
        if len(body) < _ELEMENT.size:
            raise ValueError("half an element")
        tag, size = _ELEMENT.unpack_from(body)
        if _ELEMENT.size + size > len(body):
            raise ValueError(f"element {tag} is longer than its message")
        elements[tag] = body[_ELEMENT.size : _ELEMENT.size + size]
        body = body[_ELEMENT.size + size :]
    return elements


def exactly(channel: Channel, size: int) -> bytes:
    """Read ``size`` octets.

    Raises:
        ConnectionError: the peer ended before.
    """
    data = b""
    while len(data) < size:
        piece = channel.recv(size - len(data))
        if not piece:
            raise ConnectionError("the peer closed the connection")
        data += piece
    return data
