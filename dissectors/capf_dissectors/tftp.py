"""The Trivial File Transfer Protocol: one UDP payload in, one packet out.

RFC 1350, with the options of RFC 2347, 2348 (blksize), 2349 (timeout, tsize), 7440 (windowsize).
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from capf_dissectors.results import Malformed, NeedMore
from capf_dissectors.text import decode_terminated, decode_text

DEFAULT_BLOCK_SIZE = 512
"""Octets of a full DATA packet unless the option ``blksize`` says otherwise (RFC 1350)."""
MAX_TEXT = 512
"""Octets of a file name, mode, option or value; RFC 2347 allows 512 for a whole request."""
MAX_OPTIONS = 32
"""Options in one packet; five are registered."""
_HEAD = 4
"""Octets of opcode and block number or error code."""


class Opcode(IntEnum):
    """RFC 1350, section 5; OACK: RFC 2347."""

    RRQ = 1
    WRQ = 2
    DATA = 3
    ACK = 4
    ERROR = 5
    OACK = 6


class ErrorCode(IntEnum):
    """RFC 1350, appendix; 8: RFC 2347."""

    NOT_DEFINED = 0
    FILE_NOT_FOUND = 1
    ACCESS_VIOLATION = 2
    DISK_FULL = 3
    ILLEGAL_OPERATION = 4
    UNKNOWN_TRANSFER_ID = 5
    FILE_ALREADY_EXISTS = 6
    NO_SUCH_USER = 7
    OPTION_NEGOTIATION_FAILED = 8


Options = tuple[tuple[str, str], ...]
"""Option names in lower case with their values, in the order of the packet."""


class ReadRequest(NamedTuple):
    """RRQ: the client asks for a file."""

    file_name: str
    mode: str
    """In lower case: ``octet`` or ``netascii`` if the client keeps to the standard."""
    options: Options


class WriteRequest(NamedTuple):
    """WRQ: the client offers a file."""

    file_name: str
    mode: str
    options: Options


class Data(NamedTuple):
    """DATA: one block; one shorter than the block size ends the transfer."""

    block: int
    """From 1; after 65535 some servers go on with 0, others with 1."""
    data: bytes


class Acknowledgement(NamedTuple):
    """ACK: block 0 acknowledges a write request or the server's options."""

    block: int


class Error(NamedTuple):
    """ERROR: ends the transfer."""

    code: ErrorCode | int
    message: str


class OptionAcknowledgement(NamedTuple):
    """OACK: the options that the server accepts, with the values it chose."""

    options: Options


Packet = ReadRequest | WriteRequest | Data | Acknowledgement | Error | OptionAcknowledgement


def dissect(payload: bytes) -> Packet | NeedMore | Malformed:
    """The packet that one UDP payload is."""
    if len(payload) < _HEAD:
        return _too_short(payload)
    if payload[0] == 0:
        opcode = payload[1]
        if opcode == Opcode.DATA:
            return Data(payload[2] << 8 | payload[3], payload[_HEAD:])
        if opcode == Opcode.ACK:
            return Acknowledgement(payload[2] << 8 | payload[3])
        if opcode == Opcode.ERROR:
            return _error(payload)
        if opcode == Opcode.OACK:
            options = _options(payload, 2)
            return OptionAcknowledgement(options) if isinstance(options, tuple) else options
        if opcode in (Opcode.RRQ, Opcode.WRQ):
            return _request(payload)
    return Malformed(0, f"opcode {payload[0] << 8 | payload[1]} is none of TFTP's")


def _too_short(payload: bytes) -> NeedMore | Malformed:
    if (len(payload) > 0 and payload[0] != 0) or (
        len(payload) > 1 and not Opcode.RRQ <= payload[1] <= Opcode.OACK
    ):
        return Malformed(0, f"no TFTP opcode begins with {payload[:2].hex(' ')}")
    return NeedMore(_HEAD - len(payload))


def _error(payload: bytes) -> Error | Malformed:
    """An error packet; a message without its NUL is read as it stands."""
    code = payload[2] << 8 | payload[3]
    message = payload[_HEAD : _HEAD + MAX_TEXT]
    try:
        return Error(ErrorCode(code), decode_terminated(message))
    except ValueError:
        return Error(code, decode_terminated(message))


def _request(payload: bytes) -> ReadRequest | WriteRequest | NeedMore | Malformed:
    name_end = payload.find(b"\0", 2, 2 + MAX_TEXT + 1)
    if name_end < 0:
        return _unterminated(payload, 2, "the file name")
    mode_end = payload.find(b"\0", name_end + 1, name_end + MAX_TEXT + 2)
    if mode_end < 0:
        return _unterminated(payload, name_end + 1, "the mode")
    options = _options(payload, mode_end + 1)
    if not isinstance(options, tuple):
        return options
    kind = ReadRequest if payload[1] == Opcode.RRQ else WriteRequest
    mode = decode_text(payload[name_end + 1 : mode_end]).lower()
    return kind(decode_text(payload[2:name_end]), mode, options)


def _options(payload: bytes, position: int) -> Options | NeedMore | Malformed:
    """Pairs of terminated texts up to the end; trailing NULs, as some clients pad, end them too."""
    texts: list[str] = []
    end = len(payload)
    while position < end:
        stop = payload.find(b"\0", position, position + MAX_TEXT + 1)
        if stop < 0:
            return _unterminated(payload, position, "an option")
        if len(texts) == 2 * MAX_OPTIONS:
            return Malformed(position, f"more than {MAX_OPTIONS} options")
        if stop == position and len(texts) % 2 == 0:
            if payload.count(b"\0", position) == end - position:
                break
            return Malformed(position, "an option without a name")
        texts.append(decode_text(payload[position:stop]))
        position = stop + 1
    if len(texts) % 2:
        return NeedMore(1)
    return tuple((name.lower(), value) for name, value in zip(texts[::2], texts[1::2], strict=True))


def _unterminated(payload: bytes, start: int, what: str) -> NeedMore | Malformed:
    if len(payload) - start > MAX_TEXT:
        return Malformed(start, f"{what} is longer than {MAX_TEXT} bytes")
    return NeedMore(1)
