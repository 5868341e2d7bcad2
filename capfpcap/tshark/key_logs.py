"""Of a key log that may hold a whole site's sessions, the lines that some frames need."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from capfpcap.capture.files.frames import Frame

MAX_WHOLE = 1 << 20
"""Bytes of key logs that are handed over as they are, some three thousand sessions."""
_CLIENT_HELLO = re.compile(rb"\x16\x03.{3}\x01.{3}\x03.(.{32})", re.DOTALL)
"""A record of the handshake, the message in it, and its random (RFC 8446, sections 4.1.2, 5.1)."""
_BY_RANDOM = re.compile(rb"[A-Z0-9_]+ ([0-9a-fA-F]{64}) ")
"""A line that names a session by its client random; others name it by what it exchanged."""


def relevant(key_logs: Sequence[bytes], frames: Iterable[Frame]) -> list[bytes]:
    """The key logs, or of large ones what concerns sessions whose beginning the frames show."""
    if sum(len(log) for log in key_logs) <= MAX_WHOLE:
        return list(key_logs)
    randoms = {
        found.hex().encode() for frame in frames for found in _CLIENT_HELLO.findall(frame.data)
    }
    lines = (line for log in key_logs for line in log.splitlines(keepends=True))
    return [b"".join(line for line in lines if _concerns(line, randoms))]


def _concerns(line: bytes, randoms: set[bytes]) -> bool:
    named = _BY_RANDOM.match(line)
    return named is None or named[1].lower() in randoms
