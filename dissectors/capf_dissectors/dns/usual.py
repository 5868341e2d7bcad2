"""Reads the messages that nearly all are, without dnspython.

These have one question, answers that are IPv4 addresses and aliases, and names of letters, digits,
hyphens and underscores. The library takes a tenth of the time in which a small capture is judged to
be loaded; all other messages are left to it.
"""

from __future__ import annotations

import re
import struct

from capf_dissectors.dns.message import (
    MAX_ADDRESSES,
    MAX_OTHERS,
    Answer,
    DnsMessage,
    Question,
)

_HEADER = struct.Struct(">6H")
_QUESTION = struct.Struct(">2H")
_RECORD = struct.Struct(">2HIH")
_OPCODE = 0x7800
_RCODES = ("NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED")
_INTERNET = 1
_A, _CNAME, _OPT = 1, 5, 41
_QUESTION_TYPES = {1: "A", 28: "AAAA"}
_MOST_RECORDS = 512
"""Of one section: more than there is room for in 4096 octets, the most that EDNS is used for."""
_MOST_POINTERS = 4
"""Pointers that are followed in one name."""
_POINTER = 0xC0
_MAX_LABEL = 63
_MAX_NAME = 255
"""Octets of a name (RFC 1035, section 2.3.4)."""
_PLAIN = re.compile(rb"[A-Za-z0-9_-]+")


class _UnusualError(Exception):
    """Something that the library has to read."""


def read_usual(wire: bytes) -> DnsMessage | None:
    """The message that is all of ``wire``; None for one that is not usual, or not whole."""
    try:
        return _read(wire)
    except (_UnusualError, struct.error, IndexError):
        return None


def _read(wire: bytes) -> DnsMessage:
    identifier, flags, questions, *counts = _HEADER.unpack_from(wire)
    rcode = flags & 0xF
    if flags & _OPCODE or questions != 1 or rcode >= len(_RCODES) or max(counts) > _MOST_RECORDS:
        raise _UnusualError
    name, at = _name(wire, _HEADER.size)
    kind, _ = _QUESTION.unpack_from(wire, at)
    if kind not in _QUESTION_TYPES or not name:
        raise _UnusualError
    at += _QUESTION.size
    answers, at = _answers(wire, at, counts[0])
    for _ in range(counts[1] + counts[2]):
        *_, at = _header(wire, _behind_name(wire, at))
    return DnsMessage(
        id=identifier,
        is_response=bool(flags & 0x8000),
        opcode="QUERY",
        rcode=_RCODES[rcode],
        authoritative=bool(flags & 0x0400),
        truncated=bool(flags & 0x0200),
        recursion_available=bool(flags & 0x0080),
        questions=(Question(name, _QUESTION_TYPES[kind]),),
        answers=answers,
        complete=True,
    )


def _answers(wire: bytes, at: int, count: int) -> tuple[tuple[Answer, ...], int]:
    """The answers that are read, and where the section behind them begins."""
    answers: list[Answer] = []
    left = {_A: MAX_ADDRESSES, _CNAME: MAX_OTHERS}
    for _ in range(count):
        name_at, at = at, _behind_name(wire, at)
        kind, record_class, ttl, start, at = _header(wire, at)
        if record_class != _INTERNET or kind not in left or wire[name_at] == 0:
            raise _UnusualError
        left[kind] -= 1
        if left[kind] >= 0:
            name, _ = _name(wire, name_at)
            value = _address(wire[start:at]) if kind == _A else _alias(wire, start, at)
            answers.append(Answer(name, "A" if kind == _A else "CNAME", ttl, value))
    return tuple(answers), at


def _header(wire: bytes, at: int) -> tuple[int, int, int, int, int]:
    """Type, class and lifetime of a record behind its name; where its data begins and ends."""
    kind, record_class, ttl, length = _RECORD.unpack_from(wire, at)
    start = at + _RECORD.size
    if start + length > len(wire) or (kind == _OPT and ttl >> 24):
        raise _UnusualError
    return kind, record_class, ttl, start, start + length


def _address(data: bytes) -> str:
    if len(data) != 4:
        raise _UnusualError
    return "{}.{}.{}.{}".format(*data)


def _alias(wire: bytes, start: int, end: int) -> str:
    alias, behind = _name(wire, start)
    if behind != end or not alias:
        raise _UnusualError
    return alias


def _behind_name(wire: bytes, at: int) -> int:
    """Where what follows a name begins, whatever its labels are."""
    start = at
    while length := wire[at]:
        if length >= _POINTER:
            return at + 2
        at += length + 1
        if length > _MAX_LABEL or at - start >= _MAX_NAME:
            raise _UnusualError
    return at + 1


def _name(wire: bytes, at: int) -> tuple[str, int]:
    """A name in lower case without its final dot, and where what follows it begins."""
    labels: list[bytes] = []
    behind = 0
    pointers, octets = 0, 1
    while length := wire[at]:
        if length >= _POINTER:
            target = (length & ~_POINTER) << 8 | wire[at + 1]
            behind = behind or at + 2
            pointers += 1
            if target >= at or pointers > _MOST_POINTERS:
                raise _UnusualError
            at = target
            continue
        label = wire[at + 1 : at + 1 + length]
        octets += length + 1
        if length > _MAX_LABEL or octets > _MAX_NAME or not _PLAIN.fullmatch(label):
            raise _UnusualError
        labels.append(label)
        at += length + 1
    return b".".join(labels).decode("ascii").lower(), behind or at + 1
