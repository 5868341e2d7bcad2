"""Compressed files that grow beyond all measure; imported only where a file is compressed."""

from __future__ import annotations

from capfpcap.capture.files.source import DamagedStreamError

BOMBS = ((1 << 30, 700), (1 << 31, 100))
"""A file that has grown beyond both, octets and times its size, holds no capture of a network: the
reading stops. Real captures shrink to a tenth, those of zeros sent in full frames to a 270th, and
in segments of 64 KiB, which the network card put together, to a 580th with gzip: for so little, two
gigabytes are long enough to wait."""


class Growth:
    """Watches how many times its size a compressed file has grown."""

    def __init__(self) -> None:
        self._read = 0
        self._made = 0

    def count(self, read: int, made: int) -> None:
        """Counts octets before and after decompression.

        Raises:
            DamagedStreamError: the file has grown beyond the limits.
        """
        self._read += read
        self._made += made
        for octets, ratio in BOMBS:
            if self._made > octets and self._made > ratio * self._read:
                raise DamagedStreamError(f"it grows to more than {ratio} times its size")
