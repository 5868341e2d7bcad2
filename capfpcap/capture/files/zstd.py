"""Capture files compressed with zstd (RFC 8878); imported only where one is met."""

from __future__ import annotations

import importlib
from typing import Protocol, cast

from capfpcap.capture.columns import CaptureError
from capfpcap.capture.files.bombs import Growth
from capfpcap.capture.files.source import CutStreamError, DamagedStreamError, OctetStream

MAX_ZSTD_WINDOW = 1 << 27
"""Octets of the largest window that is undone, 128 MiB: what ``zstd --long`` writes."""


class _Decompressor(Protocol):
    """The part of ``zstandard.ZstdDecompressionReader`` that is used."""

    def readinto(self, buffer: memoryview, /) -> int: ...


class _Readable:
    """The compressed octets, counted, as the library wants to read them."""

    def __init__(self, stream: OctetStream) -> None:
        self._stream = stream
        self.done = 0

    def read(self, length: int) -> bytes:
        """Up to ``length`` octets."""
        buffer = bytearray(length)
        count = self._stream.readinto(memoryview(buffer))
        self.done += count
        return bytes(buffer[:count])


class ZstdStream:
    """A zstd file of one or more frames.

    Raises:
        CaptureError: the library that this needs is not installed.
    """

    def __init__(self, path: str, stream: OctetStream) -> None:
        try:
            library = importlib.import_module("zstandard")
        except ImportError as error:
            raise CaptureError(
                f"{path} is compressed with zstd: to read it, install the Python package zstandard"
            ) from error
        self._input = _Readable(stream)
        self._error = cast("type[Exception]", library.ZstdError)
        decompressor = library.ZstdDecompressor(max_window_size=MAX_ZSTD_WINDOW)
        self._output = cast(
            _Decompressor, decompressor.stream_reader(self._input, read_across_frames=True)
        )
        self._growth = Growth()
        self._made = 0

    def readinto(self, buffer: memoryview) -> int:
        """As :meth:`OctetStream.readinto`."""
        before = self._input.done
        try:
            made = self._output.readinto(buffer)
        except self._error as error:
            raise DamagedStreamError(_why(error)) from error
        self._growth.count(self._input.done - before, made)
        self._made += made
        if not self._made:
            raise CutStreamError("its zstd data holds nothing that is whole")
        return made


def _why(error: Exception) -> str:
    """What is wrong, as far as the library tells: only in words."""
    if "too much memory" in str(error):
        return (
            f"its zstd window is larger than {MAX_ZSTD_WINDOW >> 20} MiB; decompress it first "
            "('zstd -d --long=31')"
        )
    return "its zstd data is damaged"
