"""One message: its header, and its elements as far as they can be read."""

from __future__ import annotations

from struct import Struct as Layout
from typing import NamedTuple

from msgspec import Struct

from capf_dissectors.results import Malformed, NeedMore

ELEMENT_HEAD = 3
"""Bytes of an element before its value: tag and length."""
_ELEMENT = Layout(">BH")
MAX_ELEMENTS = 256
"""Elements of one message; the largest known one, AUTH_RESPONSE by certificate, has eight."""


class Element(NamedTuple):
    """One element; ``offset`` is where its tag stands."""

    tag: int
    offset: int
    value: bytes

    @property
    def value_offset(self) -> int:
        """Where the value begins."""
        return self.offset + ELEMENT_HEAD

    @property
    def end(self) -> int:
        """The offset behind the last byte."""
        return self.offset + ELEMENT_HEAD + len(self.value)

    def __repr__(self) -> str:
        """Without the value, which may be a password: representations come into tracebacks."""
        return f"Element(tag={self.tag}, offset={self.offset}, {len(self.value)} bytes)"


class Message(Struct, frozen=True):
    """One message; offsets are those of the stream, or of the bytes that were given."""

    offset: int
    end: int
    """Where it ends as its header says, even if the bytes do not reach that far."""
    command: int
    session_id: int
    elements: tuple[Element, ...]
    """Those that are whole."""
    problem: Malformed | None = None
    """What is wrong inside; the elements before that stand, and the next message does."""
    missing: int = 0
    """Bytes at its end that are not read because some of them were not captured."""
    version: int | None = None
    """That of the header; CAPF has none there."""

    def value(self, tag: int) -> bytes | None:
        """The value of the first element with a tag; None where there is none."""
        return next((element.value for element in self.elements if element.tag == tag), None)

    def number(self, tag: int) -> int | None:
        """The same as a number; None where it is missing or empty."""
        value = self.value(tag)
        return int.from_bytes(value[:8], "big") if value else None


class Framing(NamedTuple):
    """How one protocol begins its messages."""

    protocol: str
    magic: int
    """The first byte."""
    length: int
    """Bytes of the header."""
    version_at: int | None
    command_at: int
    session_at: int
    """Where the session id stands, which has four bytes; the length of the elements follows."""
    commands: frozenset[int]
    """Those that are known: others are read too, but no message is searched by them."""
    tags: frozenset[int]
    """The same of elements."""


def dissect(framing: Framing, data: bytes, offset: int = 0) -> Message | NeedMore | Malformed:
    """The message that begins at ``data[offset]``; what follows it is passed over."""
    missing = offset + framing.length - len(data)
    if offset < len(data) and data[offset] != framing.magic:
        return Malformed(
            offset,
            f"a {framing.protocol} message begins with 0x{framing.magic:02x}, "
            f"not with 0x{data[offset]:02x}",
        )
    if missing > 0:
        return NeedMore(missing)
    message = read(framing, data, offset, 0)
    return NeedMore(message.missing) if message.missing else message


def read(framing: Framing, data: bytes, at: int, base: int) -> Message:
    """The message whose whole header stands at ``data[at]``, as far as the bytes go.

    ``base`` is the stream offset of ``data[0]``.
    """
    session = at + framing.session_at
    body = at + framing.length
    end = body + int.from_bytes(data[session + 4 : session + 6], "big")
    elements, problem = _elements(data, body, end, base)
    return Message(
        base + at,
        base + end,
        data[at + framing.command_at],
        int.from_bytes(data[session : session + 4], "big"),
        elements,
        problem,
        max(0, end - len(data)),
        None if framing.version_at is None else data[at + framing.version_at],
    )


def _elements(
    data: bytes, position: int, end: int, base: int
) -> tuple[tuple[Element, ...], Malformed | None]:
    """The elements of ``data[position:end]``, and what is wrong behind them."""
    elements: list[Element] = []
    while position < end:
        if len(elements) == MAX_ELEMENTS:
            return tuple(elements), Malformed(
                base + position, f"more than {MAX_ELEMENTS} elements in one message"
            )
        if position + ELEMENT_HEAD > end:
            return tuple(elements), _past(base + position, "an element's head", position + 3 - end)
        if position + ELEMENT_HEAD > len(data):
            break
        tag, length = _ELEMENT.unpack_from(data, position)
        stop = position + ELEMENT_HEAD + length
        if stop > end:
            what = f"element {tag} of length {length}"
            return tuple(elements), _past(base + position, what, stop - end)
        if stop > len(data):
            break
        elements.append(Element(tag, base + position, data[position + ELEMENT_HEAD : stop]))
        position = stop
    return tuple(elements), None


def _past(offset: int, what: str, by: int) -> Malformed:
    plural = "" if by == 1 else "s"
    return Malformed(offset, f"{what} reaches {by} byte{plural} past the end of its message")
