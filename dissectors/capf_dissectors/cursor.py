"""A bounds-checked reader of network-order fields, shared by the binary dissectors."""

from __future__ import annotations


class OutOfBytesError(Exception):
    """A field reaches past the end of its block.

    ``offset`` is where the field begins, ``missing`` how many octets it lacks.
    """

    def __init__(self, offset: int, missing: int) -> None:
        super().__init__(f"field at offset {offset} lacks {missing} bytes")
        self.offset = offset
        self.missing = missing


class Cursor:
    """Reads big-endian fields of ``data[position:end]`` one after another.

    Every method that reads raises :class:`OutOfBytesError` rather than return less than was asked.
    """

    __slots__ = ("data", "end", "position")

    def __init__(self, data: bytes, position: int = 0, end: int | None = None) -> None:
        self.data = data
        self.position = position
        self.end = len(data) if end is None else end

    @property
    def left(self) -> int:
        """How many octets are still unread."""
        return self.end - self.position

    def take(self, length: int) -> bytes:
        """The next ``length`` octets."""
        start = self.position
        stop = start + length
        if stop > self.end:
            raise OutOfBytesError(start, stop - self.end)
        self.position = stop
        return self.data[start:stop]

    def u8(self) -> int:
        """The next octet."""
        position = self.position
        if position >= self.end:
            raise OutOfBytesError(position, 1)
        self.position = position + 1
        return self.data[position]

    def u16(self) -> int:
        """The next two octets, most significant first."""
        return int.from_bytes(self.take(2), "big")

    def u24(self) -> int:
        """The next three octets, most significant first."""
        return int.from_bytes(self.take(3), "big")

    def u32(self) -> int:
        """The next four octets, most significant first."""
        return int.from_bytes(self.take(4), "big")

    def block(self, length: int) -> Cursor:
        """A cursor over the next ``length`` octets, which this one leaves behind."""
        start = self.position
        if start + length > self.end:
            raise OutOfBytesError(start, start + length - self.end)
        self.position = start + length
        return Cursor(self.data, start, self.position)
