"""A window that moves along a capture file: one buffer, reused, so that memory stays bounded."""

from __future__ import annotations

import numpy as np

from capfpcap.capture.files.source import DamagedStreamError, OctetStream, StreamFailure
from capfpcap.capture.files.walk import Words
from capfpcap.capture.octets import SLACK, Octets

WINDOW = 1 << 22
"""Octets that are looked at together: small enough to stay in a processor's cache between being
read and being decoded, large enough for the cost of an array operation to vanish."""


class Window:
    """The octets of a stream from :attr:`base` on, as many as were read."""

    def __init__(self, stream: OctetStream, size: int = WINDOW, base: int = 0) -> None:
        self._stream = stream
        self.base = base
        """Offset in the file of the first octet held."""
        self.filled = 0
        self.ended = False
        """Whether the stream holds nothing behind what is here."""
        self.failure: StreamFailure | None = None
        """Why the stream could be read no further, where it is not that it ended."""
        self._allocate(size)
        self._fill()

    def _allocate(self, size: int) -> None:
        self.size = size
        self.buffer = bytearray(size + SLACK)
        self._view = memoryview(self.buffer)
        self.octets = Octets(np.frombuffer(self.buffer, np.uint8))
        self.words = Words(self.buffer)

    def _fill(self) -> None:
        while self.filled < self.size and not self.ended:
            try:
                count = self._stream.readinto(self._view[self.filled : self.size])
            except (OSError, DamagedStreamError) as failure:
                self.failure = failure
                count = 0
            self.filled += count
            self.ended = count == 0

    def reopen(self) -> None:
        """Looks again at a stream that seemed to have ended."""
        self.ended = False

    def advance(self, consumed: int, needed: int = 0) -> bool:
        """Lets the first ``consumed`` octets go and reads on; whether anything new has come.

        ``needed`` is how many octets the caller wants to see at once; the buffer grows for them.
        """
        if self.ended:
            return False
        left = self.filled - consumed
        rest = self._view[consumed : self.filled]
        if needed > self.size:
            kept = bytes(rest)
            self._allocate(needed)
            self._view[:left] = kept
        else:
            self.buffer[:left] = rest
        self.base += consumed
        self.filled = left
        self._fill()
        return self.filled > left
