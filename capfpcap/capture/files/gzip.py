"""Capture files compressed with gzip (RFC 1952); imported only where one is met."""

from __future__ import annotations

import zlib

from capfpcap.capture.files.source import (
    GZIP_MAGIC,
    CutStreamError,
    DamagedStreamError,
    Growth,
    OctetStream,
)

PIECE = 1 << 16
"""Compressed octets that are read at a time."""
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

    def readinto(self, buffer: memoryview) -> int:
        """As :meth:`OctetStream.readinto`."""
        while True:
            if self._member.eof and not self._next_member():
                return 0
            if not self._left:
                self._refill()
            made = self._decompress(len(buffer))
            if made:
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
        """Begins the next member, if there is one; zeros may stand before it."""
        self._left = self._left.lstrip(b"\0")
        while len(self._left) < len(GZIP_MAGIC):
            before = self._left
            self._refill()
            if self._ended:
                return False
            self._left = (before + self._left).lstrip(b"\0")
        if not self._left.startswith(GZIP_MAGIC):
            return False
        self._member = zlib.decompressobj(GZIP_WINDOW)
        return True
