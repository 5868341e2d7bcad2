"""The octets of a capture file, wherever they come from: a file, a pipe, compressed or not."""

from __future__ import annotations

import errno
import os
import stat
import sys
from contextlib import suppress
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Protocol, TypeAlias

from capfpcap.capture.columns import CaptureError, NothingRecordedError
from capfpcap.capture.names import captures_in

STANDARD_INPUT = "-"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
SKIPPABLE_MAGIC = b"\x50\x2a\x4d\x18"
"""The lower half of the first octet may have any value (RFC 8878, 3.1.2)."""
GZIP_MAGIC = b"\x1f\x8b\x08"
MAGIC_LENGTH = 4
"""Octets from which a compression is told."""


class DamagedStreamError(Exception):
    """The compressed data cannot be continued; the message says what is wrong with it."""


class CutStreamError(DamagedStreamError):
    """The compressed data ends too early; what is there is sound."""


StreamFailure: TypeAlias = OSError | DamagedStreamError


def told(failure: StreamFailure) -> str:
    """Why a stream failed, in a few words."""
    return getattr(failure, "strerror", None) or str(failure)


class OctetStream(Protocol):
    """What a window is filled from."""

    def readinto(self, buffer: memoryview) -> int:
        """Reads at least one octet into ``buffer``; 0 at the end.

        Raises:
            OSError: the file could be read no further.
            DamagedStreamError: its compression could be undone no further.
        """
        ...


class RawStream:
    """The octets as they lie in the file or come out of the pipe."""

    def __init__(self, file: FileIO) -> None:
        self._file = file
        self.done = 0
        """Octets read so far."""
        self.until: int | None = None
        """Octets behind which it seems to end."""

    def readinto(self, buffer: memoryview) -> int:
        """As :meth:`OctetStream.readinto`."""
        if self.until is not None:
            buffer = buffer[: max(0, self.until - self.done)]
        count = _read(self._file, buffer)
        self.done += count
        return count


class StretchStream:
    """The octets of a file from one offset on, up to another where there is one.

    Others may read the same file at the same time, even in another process where there is ``fork``.
    """

    def __init__(self, file: FileIO, start: int, until: int | None = None) -> None:
        self._file = file
        self._at = start
        self._until = until

    def readinto(self, buffer: memoryview) -> int:
        """As :meth:`OctetStream.readinto`."""
        if self._until is not None:
            buffer = buffer[: max(0, self._until - self._at)]
        count = _read_at(self._file, buffer, self._at)
        self._at += count
        return count


def _read(file: FileIO, buffer: memoryview) -> int:
    count = file.readinto(buffer)
    if count is None:  # a pipe that does not wait, and has nothing yet
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
    return count


def _read_at(file: FileIO, buffer: memoryview, offset: int) -> int:
    """Reads at an offset; where the file itself stands does not change."""
    if sys.platform != "win32" and hasattr(os, "preadv"):
        return os.preadv(file.fileno(), [buffer], offset)
    stood_at = file.tell()
    file.seek(offset)
    try:
        return _read(file, buffer)
    finally:
        file.seek(stood_at)


class MemoryStream:
    """Octets that are in memory already."""

    def __init__(self, data: bytes) -> None:
        self._left = memoryview(data)

    def readinto(self, buffer: memoryview) -> int:
        """As :meth:`OctetStream.readinto`."""
        count = min(len(self._left), len(buffer))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        return count


class PeekedStream:
    """A stream whose first octets were looked at already."""

    def __init__(self, peeked: bytes, stream: OctetStream) -> None:
        self._peeked = MemoryStream(peeked)
        self._stream = stream

    def readinto(self, buffer: memoryview) -> int:
        """As :meth:`OctetStream.readinto`."""
        return self._peeked.readinto(buffer) or self._stream.readinto(buffer)


class FailedStream:
    """A stream that can be read no further."""

    def __init__(self, failure: StreamFailure) -> None:
        self._failure = failure

    def readinto(self, _buffer: memoryview) -> int:
        """As :meth:`OctetStream.readinto`."""
        raise self._failure


def read_up_to(stream: OctetStream, length: int) -> tuple[bytes, StreamFailure | None]:
    """The next octets of ``stream``: ``length``, or as many as come before it ends or fails."""
    buffer = bytearray(length)
    view = memoryview(buffer)
    filled = 0
    while filled < length:
        try:
            count = stream.readinto(view[filled:])
        except (OSError, DamagedStreamError) as failure:
            return bytes(view[:filled]), failure
        if count == 0:
            break
        filled += count
    return bytes(view[:filled]), None


class Source:
    """An opened capture file; a context manager that closes it.

    Raises:
        CaptureError: the file cannot be opened, is a folder or is empty.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._file = _open(path)
        try:
            self._begin()
        except BaseException:
            self.close()
            raise

    def _begin(self) -> None:
        status = os.fstat(self._file.fileno())
        on_disk = stat.S_ISREG(status.st_mode) and self.path != STANDARD_INPUT
        self.size = status.st_size if on_disk else None
        """Octets of the file as it lies on disk; None for what can be read but once: a pipe, and
        standard input even where it is a file."""
        self._raw = RawStream(self._file)
        magic, failure = read_up_to(self._raw, MAGIC_LENGTH)
        if failure:
            raise CaptureError(f"{named(self.path)} cannot be read: {told(failure)}") from failure
        if not magic:
            raise NothingRecordedError(f"{named(self.path)} is empty")
        self.compression, self._stream = _decompressed(
            self.path, magic, PeekedStream(magic, self._raw)
        )

    @property
    def done(self) -> int:
        """Octets of the file, as it lies on disk, that were read so far."""
        return self._raw.done

    def readinto(self, buffer: memoryview) -> int:
        """As :meth:`OctetStream.readinto`."""
        return self._stream.readinto(buffer)

    def stop_at(self, offset: int | None) -> None:
        """Seems to end at an offset of a file that is not compressed, or does so no more."""
        self._raw.until = offset

    def stretch(self, start: int, until: int | None = None) -> StretchStream:
        """What lies behind an offset of a file on disk that is not compressed."""
        return StretchStream(self._file, start, until)

    def peek(self, length: int) -> OctetStream:
        """The next ``length`` octets, or fewer at the end; this source will give them again."""
        peeked, failure = read_up_to(self._stream, length)
        behind = FailedStream(failure) if failure else self._stream
        self._stream = PeekedStream(peeked, behind)
        return PeekedStream(peeked, FailedStream(failure) if failure else MemoryStream(b""))

    def close(self) -> None:
        """Closes the file; standard input stays open."""
        self._file.close()

    def __enter__(self) -> Source:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def named(path: str) -> str:
    """What a sentence calls the capture at ``path``."""
    return "standard input" if path == STANDARD_INPUT else path


def _open(path: str) -> FileIO:
    """A file to read from; closing it leaves standard input open.

    Raises:
        CaptureError: there is none to be had.
    """
    if path == STANDARD_INPUT:
        if sys.stdin is None:
            raise CaptureError("standard input is closed")
        return FileIO(sys.stdin.fileno(), closefd=False)
    try:
        return FileIO(path)
    except (OSError, ValueError) as error:
        raise CaptureError(_why_not_opened(path, error)) from error


def _why_not_opened(path: str, error: OSError | ValueError) -> str:
    if isinstance(error, IsADirectoryError | PermissionError):  # Windows means the first by both
        with suppress(OSError):
            if Path(path).is_dir():
                without = ", not a" if captures_in(path) else " without a"
                return f"{path} is a folder{without} capture file"
    return f"{path} cannot be read: {getattr(error, 'strerror', None) or error}"


def _is_skippable(magic: bytes) -> bool:
    """Whether a zstd file begins with a frame that is to be skipped, as pzstd writes them."""
    return magic[1:] == SKIPPABLE_MAGIC[1:] and magic[0] & 0xF0 == SKIPPABLE_MAGIC[0]


def _decompressed(path: str, magic: bytes, stream: OctetStream) -> tuple[str, OctetStream]:
    """The name of the compression, or nothing, and the stream without it."""
    if magic.startswith(GZIP_MAGIC):
        from capfpcap.capture.files.gzip import GzipStream  # noqa: PLC0415

        return "gzip", GzipStream(stream)
    if magic.startswith(ZSTD_MAGIC) or _is_skippable(magic):
        from capfpcap.capture.files.zstd import ZstdStream  # noqa: PLC0415

        return "zstd", ZstdStream(path, stream)
    return "", stream
