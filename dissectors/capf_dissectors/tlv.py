"""The tag, length, value fields of trust lists and signed files.

A tag is one octet, a length two octets in network order, counting the value alone. One tag,
padding, stands alone without length or value.
"""

from __future__ import annotations

from typing import NamedTuple

from capf_dissectors.results import Malformed, NeedMore

FIELD_HEAD = 3
"""Octets of a field before its value: tag and length."""


class UndecodableError(Exception):
    """Carries the answer of a dissector out of its depths; never leaves this package."""

    def __init__(self, answer: NeedMore | Malformed) -> None:
        super().__init__(answer)
        self.answer = answer

    @classmethod
    def at(cls, offset: int, reason: str) -> UndecodableError:
        """The octet at ``offset`` cannot be, because of ``reason``."""
        return cls(Malformed(offset, reason))


class Field(NamedTuple):
    """One field; ``offset`` is where its tag stands."""

    tag: int
    offset: int
    value: bytes

    @property
    def value_offset(self) -> int:
        """Where the value begins."""
        return self.offset + FIELD_HEAD

    @property
    def end(self) -> int:
        """The offset behind the last octet."""
        return self.offset + FIELD_HEAD + len(self.value)


class FieldReader:
    """Reads the fields of one block, which ends at ``end`` by its own account.

    ``data`` may end before that: a field that lies in the block but not in the data raises
    :class:`UndecodableError` with :class:`NeedMore`, a field that leaves the block raises it with
    :class:`Malformed`. ``block`` names the block in reasons.
    """

    __slots__ = ("block", "data", "end", "position")

    def __init__(self, data: bytes, position: int, end: int, block: str) -> None:
        self.data = data
        self.position = position
        self.end = end
        self.block = block

    def skip_padding(self, tag: int) -> None:
        """Pass over lone octets of value ``tag``."""
        limit = min(self.end, len(self.data))
        while self.position < limit and self.data[self.position] == tag:
            self.position += 1

    def at_end(self) -> bool:
        """Whether the block has been read to its end."""
        return self.position >= self.end

    def next(self) -> Field:
        """The next field of the block."""
        offset = self.position
        tag = self._octets(offset, 1, "a tag")[0]
        length = int.from_bytes(self._octets(offset + 1, 2, f"the length of tag {tag}"), "big")
        value = self._octets(offset + FIELD_HEAD, length, f"tag {tag} of length {length}")
        self.position = offset + FIELD_HEAD + length
        return Field(tag, offset, value)

    def _octets(self, start: int, length: int, what: str) -> bytes:
        stop = start + length
        if stop > self.end:
            reason = f"{what} reaches {stop - self.end} bytes past the end of {self.block}"
            raise UndecodableError.at(self.position, reason)
        if stop > len(self.data):
            raise UndecodableError(NeedMore(stop - len(self.data)))
        return self.data[start:stop]
