"""Capture files compressed with gzip (RFC 1952); imported only where one is met."""

from __future__ import annotations

import zlib

from capfpcap.capture.files.bombs import Growth
from capfpcap.capture.files.source import (
    GZIP_MAGIC,
    CutStreamError,
    DamagedStreamError,
    OctetStream,
)

PIECE = 1 << 16
"""Compressed octets that are read at a time."""
FREE_MEMBERS = 1 << 18
LEAST_OF_A_MEMBER = 1 << 10
"""Octets that members of a file bring on average, where there are more than so many: each takes as
long to begin as a hundred packets. Programs that write several members put 64 KiB into each."""
GZIP_WINDOW = 31
"""zlib's ``wbits`` for a gzip header and the largest window."""


class GzipStream:
    """A gzip file of one or more members; what follows the last one is passed over."""

    def __init__(self, stream: OctetStream) -> None:
        self._stream = stream
        self._piece = memoryview(bytearray(PIECE))
        self._left = b""
        self._ended = False
        self._member = zlib.decompressobj(GZIP_WINDOW)
        self._growth = Growth()
        self._members = 1
        self._made = 0

    def readinto(self, buffer: memoryview) -> int:
        """As :meth:`OctetStream.readinto`."""
        while True:
            if self._member.eof and not self._next_member():
                return 0
            if not self._left:
                self._refill()
            made = self._decompress(len(buffer))
            if made:
                self._made += len(made)
                buffer[: len(made)] = made
                return len(made)
            if self._ended and not self._left and not self._member.eof:
                raise CutStreamError("its gzip data ends too early")

    def _refill(self) -> None:
        count = self._stream.readinto(self._piece)
        self._ended = count == 0
        self._left = bytes(self._piece[:count])

    def _decompress(self, limit: int) -> bytes:
        given = len(self._left)
        try:
            made = self._member.decompress(self._left, limit)
        except zlib.error as error:
            raise DamagedStreamError("its gzip data is damaged") from error
        self._left = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
        self._growth.count(given - len(self._left), len(made))
        return made

    def _next_member(self) -> bool:
        """Begins the next member, if there is one; zeros may stand before it.

        Raises:
            DamagedStreamError: the members are very many, and there is next to nothing in them.
        """
        self._left = self._left.lstrip(b"\0")
        while len(self._left) < len(GZIP_MAGIC):
            before = self._left
            self._refill()
            if self._ended:
                return False
            self._left = (before + self._left).lstrip(b"\0")
        if not self._left.startswith(GZIP_MAGIC):
            return False
        self._members += 1
        if self._members > FREE_MEMBERS and self._made < LEAST_OF_A_MEMBER * self._members:
            raise DamagedStreamError(
                f"its gzip data is in more than {FREE_MEMBERS} parts with next to nothing in them"
            )
        self._member = zlib.decompressobj(GZIP_WINDOW)
        return True
