"""TVS messages: 10 octets of header, then elements.

Header: 0x57, version, command, reserved, session id (4 octets), length of the elements (2 octets),
all big-endian. Elements are those of CAPF in form, with tags of their own.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from enum import IntEnum

from captures.lab.capf.messages import Channel, exactly, joined, parted

MAGIC = 0x57
VERSION = 1
FIRST_SESSION = 1001
ANSWER_SECONDS_TO_LIVE = 86400
ROLE_TFTP = b"\x02"
_HEADER = struct.Struct("!BBBBIH")


class Command(IntEnum):
    """What a message is."""

    VERIFY_REQUEST = 1
    VERIFY_RESPONSE = 2
    QUERY_REQUEST = 3
    QUERY_RESPONSE = 4


class Element(IntEnum):
    """The elements of the protocol."""

    DEVICE_NAME = 1
    CERTIFICATE = 2
    SUBJECT = 3
    ISSUER = 4
    SERIAL = 5
    STATUS = 7
    ROLES = 8
    TIME_TO_LIVE = 9


def encode(command: Command, session: int, elements: Mapping[Element, bytes]) -> bytes:
    """The bytes on the wire."""
    body = joined(elements.items())
    return _HEADER.pack(MAGIC, VERSION, command, 0, session, len(body)) + body


def receive(channel: Channel) -> tuple[Command, dict[int, bytes]]:
    """Read one whole message: its command and elements.

    Raises:
        ConnectionError: the peer ended before the message did.
    """
    header = exactly(channel, _HEADER.size)
    _, _, command, _, _, length = _HEADER.unpack(header)
    return Command(command), parted(exactly(channel, length))
