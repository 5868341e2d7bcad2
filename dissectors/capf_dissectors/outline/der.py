"""The elements of DER (ITU-T X.690) with their places, as far as certificates need them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache

from capf_dissectors.outline.node import shown
from capf_dissectors.outline.outliner import Outliner, UnreadableError
from capf_dissectors.text import decode_text

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OBJECT_IDENTIFIER = 1, 2, 3, 4, 5, 6
UTC_TIME, GENERALIZED_TIME = 0x17, 0x18
SEQUENCE, SET = 0x30, 0x31
_CONTEXT, _CONSTRUCTED = 0x80, 0x20
_WIDE_STRING = 0x1E
"""BMPString: two bytes a character."""
_LONG_TAG = 0x1F
_MOST_LENGTH_BYTES = 4


def context(number: int, *, constructed: bool = True) -> int:
    """The tag of a field that is told by its number alone."""
    return _CONTEXT | (_CONSTRUCTED if constructed else 0) | number


def next_tag(walk: Outliner) -> int | None:
    """The tag of the next element; None at the end."""
    return walk.data[walk.position] if walk.left else None


@contextmanager
def element(walk: Outliner, name: str, tag: int | None = None) -> Iterator[Outliner]:
    """The content of the next element, which has fields of its own; tag and length lie in it.

    Raises:
        UnreadableError: its tag is not ``tag``, or its length is none.
    """
    start = walk.position
    _, length = _header(walk, name, tag)
    with walk.fields(name, length) as content:
        yield content
    walk.widen(start)


def leaf(
    walk: Outliner, name: str, say: Callable[[int, bytes], str], tag: int | None = None
) -> str:
    """The content of the next element, noted as a field without the tag and length before it.

    ``say`` is given the tag and the content. Returns what it said.

    Raises:
        UnreadableError: its tag is not ``tag``, or its length is none.
    """
    found, length = _header(walk, name, tag)
    start = walk.position
    value = say(found, walk.take(length))
    walk.note(name, value, start, walk.position)
    return value


def _header(walk: Outliner, name: str, expected: int | None) -> tuple[int, int]:
    """The tag and the length of the next element."""
    start, tag = walk.position, walk.u8()
    if tag & _LONG_TAG == _LONG_TAG or expected not in (None, tag):
        walk.position = start
        raise UnreadableError(f"tag 0x{tag:02x} in place of the {name.lower()}")
    length = walk.u8()
    if length < 0x80:
        return tag, length
    if not 1 <= length & 0x7F <= _MOST_LENGTH_BYTES:
        raise UnreadableError(f"the {name.lower()} has a length that is none of DER")
    return tag, int.from_bytes(walk.take(length & 0x7F), "big")


def hex_of(_tag: int, data: bytes) -> str:
    """A content that is no text."""
    return shown(data)


def identifier(_tag: int, data: bytes) -> str:
    """An object identifier with dots between its numbers, behind its name where it has one."""
    dotted = _dotted(data)
    name = _oid_name(dotted)
    return f"{name} ({dotted})" if name else dotted


def without_number(text: str) -> str:
    """What :func:`identifier` said, without the number of what has a name."""
    return text.partition(" (")[0]


@lru_cache(512)
def _oid_name(dotted: str) -> str:
    from cryptography.x509 import ObjectIdentifier  # noqa: PLC0415 - slow to load

    try:
        name = str(ObjectIdentifier(dotted)._name)
    except ValueError:
        return ""
    return "" if name == "Unknown OID" else name


def _dotted(data: bytes) -> str:
    numbers: list[int] = []
    number = 0
    for octet in data:
        number = number << 7 | octet & 0x7F
        if not octet & 0x80:
            numbers.append(number)
            number = 0
    if not numbers:
        return "empty"
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))


def text_of(tag: int, data: bytes) -> str:
    """The content of an element that is text."""
    if tag == _WIDE_STRING:
        return data.decode("utf-16-be", "replace")
    return decode_text(data)


def time_of(tag: int, data: bytes) -> str:
    """``2026-11-30 08:00:00 UTC`` for a UTCTime or GeneralizedTime; others as they stand."""
    text = decode_text(data)
    digits = text.removesuffix("Z")
    if tag == UTC_TIME:
        digits = ("19" if digits[:2] >= "50" else "20") + digits
    if len(digits) != 14 or not digits.isascii() or not digits.isdigit():
        return text
    parts = (digits[:4], *(digits[at : at + 2] for at in range(4, 14, 2)))
    return "{}-{}-{} {}:{}:{} UTC".format(*parts)
